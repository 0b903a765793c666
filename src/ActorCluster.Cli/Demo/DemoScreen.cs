using System.Globalization;
using ActorCluster.Cli.Output;
using Spectre.Console;

namespace ActorCluster.Cli.Demo;

/// <summary>Shows each step: what it is about, the command, what came of it, and how long it took.</summary>
internal sealed class DemoScreen(Terminal terminal, TimeProvider clock)
{
    private const int MostLines = 30;
    private int _step;

    public async Task StepAsync(string title, Func<Task> step)
    {
        terminal.Output.WriteLine();
        terminal.Output.MarkupLineInterpolated($"[bold blue]{++_step}. {title}[/]");
        var start = clock.GetTimestamp();
        await step();
        var elapsed = clock.GetElapsedTime(start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        terminal.Output.MarkupLineInterpolated($"[green]ok[/] [grey]{elapsed} s[/]");
    }

    public void Command(string command) => terminal.Output.MarkupLineInterpolated($"[yellow]$ {command}[/]");

    public void Note(string text) => terminal.Output.MarkupLineInterpolated($"[grey]{text}[/]");

    public void Failed(string text) => terminal.Error($"FAILED: {text}");

    /// <summary>Makes a call and shows it with its output.</summary>
    /// <returns>All of the output, also what was too long to show.</returns>
    public async Task<string> CallAsync(DemoCall call, CancellationToken cancellationToken)
    {
        Command(call.Command);
        var lines = new List<string>();
        try
        {
            await call.RunAsync(line =>
            {
                lines.Add(line);
                if (lines.Count <= MostLines) terminal.Output.WriteLine($"  {line}");
            }, cancellationToken);
        }
        finally
        {
            if (lines.Count > MostLines) Note($"  ... {lines.Count - MostLines} more lines");
        }

        return string.Join('\n', lines);
    }
}
