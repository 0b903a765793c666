using System.CommandLine;
using System.Text;

namespace ActorCluster.Cli.CommandLine;

/// <summary>Help's list of commands, in which the library writes "add &lt;PROCESS&gt;" of an argument that may be left out, or given several times, as of any other.</summary>
internal static class OptionalArguments
{
    private const string Margin = "  ";

    /// <param name="help">What the library printed.</param>
    /// <param name="commands">Those that it lists.</param>
    public static string Mark(string help, IReadOnlyList<Command> commands)
    {
        var labels = commands.Where(command => command.Arguments.Count > 0).Select(command => (Plain: Label(command, marked: false), Marked: Label(command, marked: true))).ToList();
        if (labels.All(label => label.Plain == label.Marked)) return help;
        var names = commands.Select(command => Label(command, marked: false).Length).ToList();
        var (before, after) = (names.Max(), Math.Max(commands.Max(command => Label(command, marked: true).Length), names.Max()));
        var text = new StringBuilder();
        var inList = false;
        foreach (var line in help.TrimEnd('\n').Split('\n'))
        {
            // The list is the only section of which the rows begin with a command's name.
            var row = commands.FirstOrDefault(command => IsRow(line, Label(command, marked: false)));
            inList = row is not null || (inList && line.StartsWith(new string(' ', before + Margin.Length), StringComparison.Ordinal));
            if (row is not null) text.Append(Margin).Append(Label(row, marked: true).PadRight(after)).Append(line[Math.Min(line.Length, Margin.Length + before)..]);
            else text.Append(inList ? new string(' ', after - before) : "").Append(line);
            text.Append('\n');
        }

        return text.Append('\n').ToString();
    }

    private static bool IsRow(string line, string label) =>
        line.StartsWith(Margin + label, StringComparison.Ordinal) && (line.Length == Margin.Length + label.Length || line[Margin.Length + label.Length] == ' ') && !line.StartsWith(Margin + label + " <", StringComparison.Ordinal);

    private static string Label(Command command, bool marked) =>
        string.Join(' ', [command.Name, .. command.Arguments.Where(argument => !argument.Hidden).Select(argument => marked ? Marked(argument) : $"<{argument.Name}>")]);

    private static string Marked(Argument argument)
    {
        var name = $"<{argument.Name}>{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }
}
