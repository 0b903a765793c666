using Spectre.Console;

namespace ActorCluster.Cli.Output;

/// <summary>
/// What the user sees: results on standard output, progress and errors on standard error. Colours and spinners on a terminal only, and no colour where
/// NO_COLOR says so (https://no-color.org); else plain lines that are never wrapped.
/// </summary>
internal sealed class Terminal
{
    private const int Unwrapped = 4096;

    // Opened by the first word: the processes of a cluster have none for it.
    private readonly Lazy<IAnsiConsole> _output = new(() => Open(Console.Out, Console.IsOutputRedirected));
    private readonly Lazy<IAnsiConsole> _errorOutput = new(() => Open(Console.Error, Console.IsErrorRedirected));

    public IAnsiConsole Output => _output.Value;

    private IAnsiConsole ErrorOutput => _errorOutput.Value;

    /// <summary>A line of a result, as it is: no markup.</summary>
    public void Line(string text) => Output.WriteLine(text);

    /// <summary>What is being done, on standard error.</summary>
    public void Progress(string text) => ErrorOutput.WriteLine(text);

    public void Error(string text) => ErrorOutput.MarkupLineInterpolated($"[red]{text}[/]");

    /// <summary>What an error refers to, such as the end of a log.</summary>
    public void ErrorDetail(string text)
    {
        foreach (var line in text.Split('\n')) ErrorOutput.MarkupLineInterpolated($"[grey]  {line.TrimEnd('\r')}[/]");
    }

    /// <summary>Runs something that takes a while; it says what it is doing.</summary>
    public async Task<T> ProgressAsync<T>(string title, Func<Action<string>, Task<T>> work)
    {
        if (!ErrorOutput.Profile.Capabilities.Interactive)
        {
            var last = "";
            return await work(text =>
            {
                if (text != last) ErrorOutput.WriteLine($"{title}: {text}");
                last = text;
            });
        }

        return await ErrorOutput.Status().StartAsync(title.EscapeMarkup(), status => work(text => status.Status($"{title}: {text}".EscapeMarkup())));
    }

    public static Table Table(params ReadOnlySpan<string> columns)
    {
        var table = new Table().Border(TableBorder.None).Collapse();
        foreach (var column in columns) table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))).NoWrap().Padding(0, 0, 3, 0));
        return table;
    }

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = Unwrapped;
        return console;
    }
}
