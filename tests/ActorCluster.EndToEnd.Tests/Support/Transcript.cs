using System.Text;
using System.Text.RegularExpressions;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>
/// A recorded session: lines that begin with "$ " are commands (those with "> " go on), and below each stands what it wrote, standard error included,
/// and its exit code unless that is 0. What differs from run to run is brought to one form.
/// </summary>
internal sealed partial class Transcript(IReadOnlyList<Transcript.Step> steps)
{
    internal sealed record Step(string Command, string Output);

    public IReadOnlyList<Step> Steps => steps;

    public static Transcript Parse(string text)
    {
        var steps = new List<Step>();
        var (command, output) = ("", new StringBuilder());
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                if (command.Length > 0) steps.Add(new Step(command, output.ToString()));
                (command, output) = (line[2..], new StringBuilder());
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal) && output.Length == 0) command += "\n" + line[2..];
            else if (command.Length > 0) output.Append(line).Append('\n');
        }
        if (command.Length > 0) steps.Add(new Step(command, output.ToString()));
        return new Transcript([.. steps.Select(s => s with { Output = s.Output.TrimEnd('\n') })]);
    }

    public override string ToString() => string.Concat(steps.Select(s => $"$ {s.Command.Replace("\n", "\n> ", StringComparison.Ordinal)}\n{(s.Output.Length == 0 ? "" : s.Output + "\n")}"));

    /// <summary>Output without what no two runs have in common.</summary>
    public static string Normalize(string output)
    {
        var text = Color().Replace(output.Replace("\r", "", StringComparison.Ordinal), "");
        text = Uid().Replace(text, "<uid>");
        text = Credential().Replace(text, "X509SHA256=<hash>");
        text = Time().Replace(text, "<time>");
        text = LongTime().Replace(text, "<time>");
        text = Revision().Replace(text, "$1<revision>");
        text = Container().Replace(text, "<container>");
        text = PodName().Replace(text, "$1-<id>");
        text = TokenVolume().Replace(text, "kube-api-access-<id>");
        text = PodAddress().Replace(text, "<pod address>");
        text = ClusterAddress().Replace(text, "<cluster address>");
        text = Server().Replace(text, "https://<server>");
        text = Node().Replace(text, "<node>");
        text = Age().Replace(text, "<age>");
        text = NodePort().Replace(text, "$1<node port>");
        text = Padding().Replace(text, "   ");
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).Trim('\n');
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Color();

    [GeneratedRegex("X509SHA256=[0-9a-f]{64}")]
    private static partial Regex Credential();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")]
    private static partial Regex LongTime();

    [GeneratedRegex("(resourceVersion\"?: \"?)[1-9][0-9]*")]
    private static partial Regex Revision();

    [GeneratedRegex("actorcluster://[0-9a-f]+")]
    private static partial Regex Container();

    [GeneratedRegex("([a-z]+-[0-9a-f]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\\b")]
    private static partial Regex PodName();

    [GeneratedRegex("kube-api-access-[a-z0-9]{5}")]
    private static partial Regex TokenVolume();

    [GeneratedRegex(@"\b10\.244\.\d+\.\d+")]
    private static partial Regex PodAddress();

    [GeneratedRegex(@"\b10\.(9[6-9]|10\d|11[01])\.\d+\.\d+\b")]
    private static partial Regex ClusterAddress();

    [GeneratedRegex(@"https://127\.0\.0\.1:\d+")]
    private static partial Regex Server();

    [GeneratedRegex(@"\bworker-\d\b(/172\.18\.0\.\d)?")]
    private static partial Regex Node();

    [GeneratedRegex(@"(?<=\s)(\d+[smh]|\d+m\d+s)( ago)?(?=\s|$|\))")]
    private static partial Regex Age();

    [GeneratedRegex(@"(\b80:|NodePort:\s+<unset>\s+)3[0-2]\d{3}")]
    private static partial Regex NodePort();

    [GeneratedRegex(@"(?<=\S) {2,}|\t+")]
    private static partial Regex Padding();
}
