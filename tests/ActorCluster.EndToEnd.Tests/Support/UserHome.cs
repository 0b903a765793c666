using ActorCluster.Host.Processes;
using System.Globalization;
using System.Text;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>
/// A user of the actorcluster program: a state folder of his own, and the program as the build made it. When he goes, he takes his clusters down, and
/// it is an error if any process that was started for him is left.
/// </summary>
internal sealed class UserHome : IAsyncDisposable
{
    private const string HomeVariable = "ACTORCLUSTER_HOME";
    private static readonly string Program = System.IO.Path.Combine(AppContext.BaseDirectory, "actorcluster.dll");

    /// <summary>The `dotnet` that runs this test, else the one on the PATH.</summary>
    private static readonly string DotNet =
        System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    private readonly Dictionary<string, string> _environment;

    public UserHome()
    {
        Path = Directory.CreateTempSubdirectory("actorcluster-e2e-").FullName;
        State = File("state");
        _environment = new() { [HomeVariable] = State };
    }

    public string Path { get; }

    /// <summary>Where the clusters' folders are.</summary>
    public string State { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Runs the program to its end.</summary>
    public Task<CommandResult> ActorClusterAsync(params IReadOnlyList<string> arguments) => Command.RunAsync(DotNet, [Program, .. arguments], _environment);

    /// <summary>The same, with variables set.</summary>
    public Task<CommandResult> ActorClusterAsync(IReadOnlyDictionary<string, string> variables, params IReadOnlyList<string> arguments) =>
        Command.RunAsync(DotNet, [Program, .. arguments], _environment.Concat(variables).GroupBy(variable => variable.Key).ToDictionary(same => same.Key, same => same.Last().Value));

    /// <summary>Starts the program, and goes on while it runs.</summary>
    public Command StartActorCluster(params IReadOnlyList<string> arguments) => Command.Start(DotNet, [Program, .. arguments], _environment);

    /// <summary>`actorcluster ... | cat`, as a script writes it.</summary>
    public Task<CommandResult> ActorClusterIntoPipeAsync(params IReadOnlyList<string> arguments) =>
        Command.RunAsync("/bin/sh", ["-c", "\"$0\" \"$@\" | cat", DotNet, Program, .. arguments], _environment);

    /// <summary>Starts a cluster.</summary>
    public async Task<RunningCluster> UpAsync(string name, params IReadOnlyList<string> options)
    {
        (await ActorClusterAsync(["up", "--name", name, "--timeout", "4m", .. options])).ShouldSucceed();
        return RunningCluster(name);
    }

    public RunningCluster RunningCluster(string name) => new(this, name);

    /// <summary>The PIDs of the processes that run and have this home in their environment, whoever started them. Linux only: elsewhere none are found.</summary>
    public IReadOnlyList<int> Processes()
    {
        if (!OperatingSystem.IsLinux()) return [];
        var wanted = Encoding.UTF8.GetBytes($"{HomeVariable}={State}\0");
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(System.IO.Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)) continue;
            if (EnvironmentOf(folder).AsSpan().IndexOf(wanted) >= 0 && ProcessIdentity.Of(processId) is not null) found.Add(processId);
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        var clusters = Directory.Exists(State) ? Directory.GetDirectories(State) : [];
        var downs = new List<CommandResult>();
        foreach (var cluster in clusters) downs.Add(await ActorClusterAsync("down", "--name", System.IO.Path.GetFileName(cluster)));
        var left = Processes();
        foreach (var processId in left) ProcessIdentity.Of(processId)?.Kill();
        Directory.Delete(Path, recursive: true);
        foreach (var down in downs) down.ShouldSucceed();
        left.ShouldBeEmpty("Processes were left after all clusters were taken down.");
    }

    private static byte[] EnvironmentOf(string folder)
    {
        try
        {
            return System.IO.File.ReadAllBytes(System.IO.Path.Combine(folder, "environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // it ended meanwhile, or is another user's
        }
    }
}
