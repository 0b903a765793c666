using System.Globalization;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost (kubernetes/test/images/agnhost): one program of many test servers and clients; one line a command.</summary>
internal sealed class AgnHostProgram : IProgram
{
    public const string Version = "2.63.0";

    private static readonly AgnHostCommand[] Commands =
    [
        new("connect", "Attempts a TCP, UDP or SCTP connection and returns useful errors", ConnectCommand.Flags, ConnectCommand.RunAsync) { Arguments = 1 },
        new("dns-server-list", "Prints the host's DNS Server list", [], context => ResolverCommands.PrintAsync(context, "nameserver")),
        new("dns-suffix", "Prints the host's DNS suffix list", [], context => ResolverCommands.PrintAsync(context, "search")),
        new("entrypoint-tester", "Prints the args it's passed and exits", [], ResolverCommands.PrintArgumentsAsync) { Arguments = null },
        new("etc-hosts", "Prints the host's /etc/hosts file", [], ResolverCommands.PrintHostsAsync),
        new("fake-gitserver", "Fakes a git server", [], SmallServers.RunGitAsync),
        new("grpc-health-checking", "Starts a simple grpc health checking endpoint", GrpcHealthChecking.Flags, GrpcHealthChecking.RunAsync),
        new("guestbook", "Creates a HTTP server with various endpoints representing a guestbook app", Guestbook.Flags, Guestbook.RunAsync),
        new("inclusterclient", "Periodically poll the Kubernetes \"/healthz\" endpoint", InClusterClient.Flags, InClusterClient.RunAsync),
        new("liveness", "Starts a server that is alive for 10 seconds", [], LivenessCommand.RunAsync),
        new("logs-generator", "Outputs lines of logs to stdout uniformly", LogsGenerator.Flags, LogsGenerator.RunAsync),
        new("mounttest", "Creates files with given permissions and outputs FS type, owner, mode, permissions, contents of files", MountTest.Flags, MountTest.RunAsync),
        new("netexec", "Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints", NetExec.Flags, NetExec.RunAsync),
        new("nettest", "Starts a tiny web server for checking networking connectivity", NetTest.Flags, NetTest.RunAsync),
        new("no-snat-test", "Creates the /checknosnat and /whoami endpoints", NoSnatTest.Flags, NoSnatTest.RunAsync),
        new("no-snat-test-proxy", "Creates a proxy for the /checknosnat endpoint", NoSnatTest.ProxyFlags, NoSnatTest.RunProxyAsync),
        new("nonewprivs", "Prints the UID of the running process", [], PrintUserAsync),
        new("pause", "Pauses the execution", [], PauseCommand.RunAsync),
        new("port-forward-tester", "Creates a TCP server that sends chunks of data", [], PortForwardTester.RunAsync),
        new("porter", "Serves requested data on ports specified in ENV variables", Porter.Flags, Porter.RunAsync),
        new("serve-hostname", "Serves the hostname", ServeHostname.Flags, ServeHostname.RunAsync),
        new("tcp-reset", "Serves on a tcp port and RST the connections received", SmallServers.ResetFlags, SmallServers.RunResetAsync),
        new("test-service-account-issuer-discovery", "Tests the ServiceAccountIssuerDiscovery feature", IssuerDiscovery.Flags, IssuerDiscovery.RunAsync),
        new("test-webserver", "Starts a simple HTTP fileserver", TestWebServer.Flags, TestWebServer.RunAsync),
    ];

    public async Task<int> RunAsync(ProcessContext context)
    {
        var words = context.Arguments.Skip(1).ToList();
        if (words is [] or ["--help"] or ["-h"] or ["help"])
        {
            await context.PrintAsync($"Usage:\n  app [command]\n\nAvailable Commands:\n{string.Concat(Commands.Select(known => $"  {known.Name,-28} {known.Summary}\n"))}\nUse \"app [command] --help\" for more information about a command.\n");
            return 0;
        }
        if (words is ["--version"] or ["-v"])
        {
            await context.PrintAsync($"app version {Version}\n");
            return 0;
        }
        if (Array.Find(Commands, known => known.Name == words[0]) is not { } command)
        {
            await context.PrintErrorAsync($"Error: unknown command \"{words[0]}\" for \"app\"\nRun 'app --help' for usage.\n");
            return 1;
        }
        // What entrypoint-tester prints is whatever it is given.
        var flags = GoFlags.Parse(command.Flags, command.Arguments is null ? [] : words[1..]);
        if (flags.Help)
        {
            await context.PrintAsync(command.Describe());
            return 0;
        }
        var fault = flags.Fault ?? (command.Arguments is not { } expected || flags.Arguments.Count == expected ? null
            : expected == 0 ? $"unknown command \"{flags.Arguments[0]}\" for \"app {command.Name}\""
            : $"accepts {expected} arg(s), received {flags.Arguments.Count}");
        if (fault is not null)
        {
            await context.PrintErrorAsync($"Error: {fault}\n{command.Describe()}");
            return 1;
        }
        return await command.RunAsync(new AgnHostContext(context, flags));
    }

    /// <summary>What nonewprivs prints, which is an image of its own as well.</summary>
    public static async Task<int> PrintUserAsync(ProcessContext context)
    {
        await context.PrintAsync(string.Create(CultureInfo.InvariantCulture, $"Effective uid: {context.User.UserId}\n"));
        return 0;
    }

    private static Task<int> PrintUserAsync(AgnHostContext agnhost) => PrintUserAsync(agnhost.Process);
}

/// <param name="Flags">Names and what they are unless given.</param>
internal sealed record AgnHostCommand(string Name, string Summary, IReadOnlyList<GoFlag> Flags, Func<AgnHostContext, Task<int>> RunAsync)
{
    /// <summary>How many arguments besides flags; null for any, flags included.</summary>
    public int? Arguments { get; init; } = 0;

    public string Describe() =>
        $"Usage:\n  app {Name}{(Flags.Count > 0 ? " [flags]" : "")}\n" +
        (Flags.Count == 0 ? "" : $"\nFlags:\n{string.Concat(Flags.Select(flag => $"      --{flag.Name} (default {(flag.Default.Length == 0 ? "\"\"" : flag.Default)})\n"))}");
}
