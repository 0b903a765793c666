using System.Globalization;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Launch;

/// <summary>What `actorcluster up` is asked for.</summary>
public sealed record ClusterOptions
{
    public const string DefaultName = "default";
    public const int MaximumNodes = 1000;

    public string Name { get; init; } = DefaultName;

    /// <summary>Worker processes.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Emulated nodes in each worker process.</summary>
    public int NodesPerWorker { get; init; } = 1;

    /// <summary>Zones that the nodes are spread over; 0: the nodes are in none, as elsewhere without a cloud.</summary>
    public int Zones { get; init; }

    /// <summary>The port of the Kubernetes API on loopback; 0 lets ActorCluster choose a free one.</summary>
    public int ApiPort { get; init; }

    /// <summary>Where the objects and the certificates live; null: in the cluster's state folder, gone with it.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Where to put the kubeconfig besides the state folder.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The set of timers that <see cref="Timings"/> was made from.</summary>
    public string TimingPreset { get; init; } = TimingFlags.Fast;

    public ClusterTimings Timings { get; init; } = ClusterTimings.Fast;

    /// <summary>How long to wait until all nodes are Ready.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The seed of every chance in the cluster.</summary>
    public int Seed { get; init; }

    /// <summary>Names outside the cluster that pods may reach, and where they lead: NAME[:PORT]=HOST:PORT (<see cref="OutsideFlags"/>).</summary>
    public IReadOnlyList<string> Outside { get; init; } = [];

    /// <exception cref="OptionsInvalidException">With all that is wrong.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (!ObjectNames.IsLabel(Name) || Name.Length > ObjectNames.MaximumClusterName)
            errors.Add($"--name '{Name}' is not a cluster name: use at most {ObjectNames.MaximumClusterName} lower-case letters, digits and '-', with a letter or digit first and last.");
        if (Workers < 0)
            errors.Add($"--workers {Workers} can't be: use 0 or more.");
        if (NodesPerWorker < 1)
            errors.Add($"--nodes-per-worker {NodesPerWorker} can't be: use 1 or more.");
        if (Workers >= 0 && NodesPerWorker >= 1 && (long)Workers * NodesPerWorker > MaximumNodes)
            errors.Add($"{(long)Workers * NodesPerWorker} nodes are more than the pod network {WellKnown.PodCidr} has subnets for: use at most {MaximumNodes}.");
        if (Zones < 0)
            errors.Add($"--zones {Zones} can't be: use 1 or more, or leave it out.");
        else if (Zones > 0 && Workers >= 0 && NodesPerWorker >= 1 && Zones > (long)Workers * NodesPerWorker)
            errors.Add($"--zones {Zones} are more than there are nodes: use at most {(long)Workers * NodesPerWorker}.");
        if (ApiPort is < 0 or > 65535)
            errors.Add($"--api-port {ApiPort} is not a port: use 1 to 65535, or leave it out to get a free one.");
        if (Timeout <= TimeSpan.Zero)
            errors.Add("--timeout must be more than nothing, for example 60s.");
        if (Kubeconfig is { } kubeconfig && Directory.Exists(kubeconfig))
            errors.Add($"--kubeconfig {kubeconfig} is a folder: name a file.");
        if (DataFolder is { } data && File.Exists(data))
            errors.Add($"--data {data} is a file: name a folder.");
        OutsideFlags.Parse(Outside, errors);
        OptionsInvalidException.ThrowIfAny(errors);
    }

    /// <summary>
    /// The zone of each node, "NODE=ZONE" (<see cref="ZoneFlags"/>): the nodes in their order are cut into as many parts, so that a worker process's nodes are in one
    /// zone where the numbers allow it.
    /// </summary>
    public IReadOnlyList<string> NodeZones()
    {
        if (Zones == 0) return [];
        var nodes = WorkerNodes().SelectMany(worker => worker.Nodes).ToList();
        return [.. nodes.Select((node, index) => $"{node}=zone-{(index * Zones / nodes.Count) + 1}")];
    }

    public static string WorkerName(int number) => string.Create(CultureInfo.InvariantCulture, $"worker-{number}");

    /// <summary>The names of the worker processes with those of the nodes that each hosts.</summary>
    public IEnumerable<(string Process, IReadOnlyList<string> Nodes)> WorkerNodes()
    {
        for (var worker = 1; worker <= Workers; worker++)
        {
            var process = WorkerName(worker);
            yield return (process, NodesPerWorker == 1 ? [process] : [.. Enumerable.Range(1, NodesPerWorker).Select(node => $"{process}-{node}")]);
        }
    }
}
