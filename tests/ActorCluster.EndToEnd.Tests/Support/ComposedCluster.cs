using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>docker-compose.yml as a project of its own, on images made of this machine's own .NET and of the program as the build made it.</summary>
public sealed class ComposedCluster : IAsyncLifetime
{
    private const string Project = "actorcluster-e2e";
    private static readonly string Repository = FindRepository();
    private static readonly string Built = AppContext.BaseDirectory.Replace(Path.Combine("tests", "ActorCluster.EndToEnd.Tests"), Path.Combine("src", "ActorCluster.Cli"), StringComparison.Ordinal);

    private readonly string _home = Directory.CreateTempSubdirectory("actorcluster-compose-").FullName;
    private readonly Dictionary<string, string> _environment;

    public ComposedCluster()
    {
        Kubectl = new Kubectl(Path.Combine(_home, "out", "kubeconfig"), _home);
        _environment = new()
        {
            ["ACTORCLUSTER_IMAGE"] = Project,
            ["ACTORCLUSTER_OUT"] = Path.Combine(_home, "out"),
            ["ACTORCLUSTER_API_PORT"] = FreePort().ToString(CultureInfo.InvariantCulture),
            ["ACTORCLUSTER_NODE_PORTS"] = NodePort.ToString(CultureInfo.InvariantCulture),
            ["RUNTIME_IMAGE"] = Project + "-runtime",
            ["APP_IMAGE"] = Project + "-app",
        };
    }

    internal Kubectl Kubectl { get; }

    /// <summary>The nodes and the Deployments that there were when Compose first took all containers for healthy.</summary>
    internal string SeenWhenHealthy { get; private set; } = "";

    /// <summary>The port of worker-1 that is published, a NodePort that nobody on this machine uses.</summary>
    internal int NodePort { get; } = FreeNodePort();

    public async Task InitializeAsync()
    {
        if (new ComposeFactAttribute().Skip is not null) return; // none of its tests runs
        (await Command.RunAsync(Path.Combine(Repository, ".ci", "local-images"), [Built, Project], _environment)).ShouldSucceed();
        var up = await ComposeAsync("up", "--detach", "--wait", "--build");
        if (up.ExitCode == 0)
        {
            var nodes = await Kubectl.KubectlAsync("get", "nodes", "-o", """jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}""");
            var dns = await Kubectl.KubectlAsync("get", "deployments", "-n", "kube-system", "-o", "jsonpath={.items[*].metadata.name}");
            SeenWhenHealthy = nodes.ShouldSucceed().Output + dns.ShouldSucceed().Output;
            return;
        }
        var logs = await ComposeAsync("logs", "--no-color", "--tail", "40");
        (up with { Error = $"{up.Error}\n{logs.Output}" }).ShouldSucceed();
    }

    /// <summary>The address that a service's first container has for this machine.</summary>
    internal async Task<string> AddressOfAsync(string service)
    {
        var container = (await ComposeAsync("ps", "--quiet", service)).ShouldSucceed().Lines[0];
        return (await DockerAsync("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container)).ShouldSucceed().Output.Trim();
    }

    /// <summary>`docker compose COMMAND...` in the repository.</summary>
    internal Task<CommandResult> ComposeAsync(params IReadOnlyList<string> command) => DockerAsync(["compose", "--project-name", Project, "--project-directory", Repository, .. command]);

    public async Task DisposeAsync()
    {
        if (new ComposeFactAttribute().Skip is null)
        {
            var down = await ComposeAsync("down", "--volumes", "--timeout", "10");
            var removed = await DockerAsync("image", "rm", "--force", Project, Project + "-runtime", Project + "-app");
            var left = await DockerAsync("ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.project={Project}");
            down.ShouldSucceed();
            removed.ShouldSucceed();
            left.ShouldSucceed().Output.ShouldBeEmpty();
        }
        Directory.Delete(_home, recursive: true);
    }

    private Task<CommandResult> DockerAsync(params IReadOnlyList<string> arguments) => Command.RunAsync("docker", arguments, _environment);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static int FreeNodePort()
    {
        for (var port = 30000; ; port++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && port < 32767)
            {
                continue;
            }
        }
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docker-compose.yml"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"There is no docker-compose.yml above {AppContext.BaseDirectory}.");
    }
}
