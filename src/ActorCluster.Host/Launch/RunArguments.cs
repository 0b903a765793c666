using System.Globalization;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>
/// The command lines of the processes themselves: <c>run control-plane ...</c> and <c>run worker ...</c>. They say everything, so that a
/// process can be run by hand or by a container engine just as well. Each option and its value are one argument, "--option=value".
/// </summary>
public static class RunArguments
{
    public const string Run = "run";
    public const string ControlPlane = "control-plane";
    public const string Worker = "worker";

    /// <summary>Only in a control plane's first life: nobody can be a member of an older Akka cluster yet.</summary>
    public const string NewCluster = "--new-cluster";

    /// <summary>How many nodes come with the cluster.</summary>
    public const string AwaitNodes = "--await-nodes";

    /// <summary>What a control plane makes when those are Ready and the add-ons deployed.</summary>
    public const string CompleteFile = "--complete-file";

    /// <summary>Where a worker keeps its nodes' disks.</summary>
    public const string Disks = "--disks";

    private const string Log = "--log=";

    /// <summary>The log file that a background process is to write to; null for every other command line.</summary>
    public static string? LogFileOf(IReadOnlyList<string> arguments) =>
        arguments is [Run, ..] ? arguments.FirstOrDefault(argument => argument.StartsWith(Log, StringComparison.Ordinal))?[Log.Length..] : null;

    internal static string Data(string folder) => $"--data={folder}";

    internal static string State(ClusterFolder folder) => $"--state={folder.Path}";

    /// <summary>What a control plane is told besides when its cluster is new.</summary>
    internal static string[] ForFirstLife(ClusterFolder folder, ClusterRecord cluster) =>
        [NewCluster, $"{CompleteFile}={folder.Complete}", string.Create(CultureInfo.InvariantCulture, $"{AwaitNodes}={cluster.Processes.Sum(process => process.Nodes.Count)}")];

    internal static IReadOnlyList<string> ForControlPlane(
        ClusterFolder folder, ClusterOptions options, ProcessEndpoint self, IEnumerable<ProcessEndpoint> workers, int apiPort) =>
    [
        Run, ControlPlane,
        State(folder),
        $"--cluster={options.Name}",
        $"--process={ControlPlane}",
        $"--endpoint={self}",
        .. workers.Select(OtherWorker),
        string.Create(CultureInfo.InvariantCulture, $"--api-port={apiPort}"),
        Data(options.DataFolder ?? folder.Data),
        $"--pki={(options.DataFolder is { } kept ? Path.Combine(kept, "pki") : folder.Pki)}",
        $"--kubeconfig={folder.Kubeconfig}",
        Log + folder.LogOf(ControlPlane),
        .. Shared(options),
    ];

    internal static IReadOnlyList<string> ForWorker(
        ClusterFolder folder, string process, ProcessEndpoint self, ProcessEndpoint controlPlane,
        IEnumerable<ProcessEndpoint> otherWorkers, IReadOnlyList<string> nodes, IEnumerable<string> zones, IReadOnlyList<string> shared) =>
    [
        Run, Worker,
        State(folder),
        $"--process={process}",
        $"--endpoint={self}",
        $"--control-plane={controlPlane}",
        .. otherWorkers.Select(OtherWorker),
        .. nodes.Select(node => $"--node={node}"),
        .. zones.Select(ZoneFlags.ToArgument),
        Log + folder.LogOf(process),
        .. shared,
    ];

    /// <summary>Beside the objects that tell of them.</summary>
    internal static string DisksIn(string dataFolder) => Path.Combine(dataFolder, "disks");

    /// <summary>What all workers of a cluster are told.</summary>
    internal static IReadOnlyList<string> ForAnyWorker(ClusterFolder folder, ClusterOptions options) => [$"{Disks}={DisksIn(options.DataFolder ?? folder.Data)}", .. options.Outside.Select(OutsideFlags.ToArgument), .. Shared(options)];

    /// <summary>How a process is told of a worker.</summary>
    internal static string OtherWorker(ProcessEndpoint worker) => $"--worker={worker}";

    private static IEnumerable<string> Shared(ClusterOptions options) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--seed={options.Seed}"),
        .. TimingFlags.ToArguments(options.TimingPreset, options.Timings),
    ];
}
