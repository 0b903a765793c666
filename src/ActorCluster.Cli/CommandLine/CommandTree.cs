using System.CommandLine;
using System.CommandLine.Help;
using ActorCluster.Cli.Commands;
using ActorCluster.Cli.Commands.Network;
using ActorCluster.Cli.Commands.Node;
using ActorCluster.Cli.Commands.Run;
using ActorCluster.Host.Launch;

namespace ActorCluster.Cli.CommandLine;

/// <summary>The whole command line; the folders under Commands have its shape.</summary>
internal static class CommandTree
{
    /// <summary>Ending the processes of a cluster whose start was interrupted may take as long as they are given to end.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var cli = CliContext.Create();
        // A cluster's processes, which start together, make no more of it than they need.
        var parsed = (arguments is [RunArguments.Run, ..] ? Create(new RunCommand(cli)) : Create(cli)).Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction and not ExampleHelpAction) return cli.ReportUsage(parsed);
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TerminationTimeout });
    }

    public static RootCommand Create(CliContext cli) => Create(
        new UpCommand(cli),
        new DownCommand(cli),
        new StatusCommand(cli),
        new ServicesCommand(cli),
        new ListCommand(cli),
        new LogsCommand(cli),
        new NodeCommand(cli),
        new KubeconfigCommand(cli),
        new DashboardCommand(cli),
        new TraceCommand(cli),
        new CaptureCommand(cli),
        new DemoCommand(cli),
        new RunCommand(cli));

    private static ProgramRootCommand Create(params ReadOnlySpan<Command> commands)
    {
        var root = new ProgramRootCommand(
            """
            A Kubernetes cluster in seconds, without containers: every node, pod and service is an actor, spread over OS processes.

            Exit codes: 0 success, 1 failure, 2 wrong command line, 3 no such cluster or process (or it doesn't run), 4 timeout, 130 interrupted.
            """);
        foreach (var command in commands) root.Add(command);
        foreach (var option in root.Options.OfType<HelpOption>()) option.Action = new ExampleHelpAction((HelpAction)option.Action!);
        return root;
    }
}
