using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Worker;

/// <summary>What a worker process needs to know.</summary>
public sealed record WorkerOptions
{
    public required string ProcessName { get; init; }

    public required NetworkBinding Binding { get; init; }

    public required ProcessEndpoint ControlPlane { get; init; }

    /// <summary>The other workers: a process can join the Akka cluster through any of them.</summary>
    public IReadOnlyList<ProcessEndpoint> Workers { get; init; } = [];

    /// <summary>The names of the nodes it hosts.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Their zones, NODE=ZONE (<see cref="ZoneFlags"/>); nodes that none is named for are in none.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>Names outside the cluster that pods may reach, and where they lead: NAME[:PORT]=HOST:PORT, the same for all workers (<see cref="OutsideFlags"/>).</summary>
    public IReadOnlyList<string> Outside { get; init; } = [];

    /// <summary>An address of this machine's that its nodes' NodePorts and load balancers are opened at, where no folder says that they are on loopback; null: nowhere.</summary>
    public IPAddress? ServiceAddress { get; init; }

    /// <summary>The folder that `up` keeps the cluster's processes in; null where something else supervises them.</summary>
    public ClusterFolder? State { get; init; }

    /// <summary>Where the nodes' disks are kept, a folder for each; null: in memory, so that they end with the process.</summary>
    public string? DiskFolder { get; init; }

    /// <summary>Services leave a process's endpoints alone as soon as it can't be reached, until the API has had the time to say so.</summary>
    public bool UseProcessReachability { get; init; }

    public ClusterTimings Timings { get; init; } = ClusterTimings.Fast;

    /// <exception cref="OptionsInvalidException">With all that is wrong.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (!ObjectNames.IsLabel(ProcessName)) errors.Add($"'{ProcessName}' is not a process name: use lower-case letters, digits and '-'.");
        errors.AddRange(Binding.Validate());
        if (Uri.CheckHostName(ControlPlane.Host) is UriHostNameType.Unknown) errors.Add($"'{ControlPlane.Host}' is neither a host name nor an IP address.");
        errors.AddRange(NodeNames.Validate(Nodes));
        if (Nodes.Count == 0) errors.Add("A worker needs a node to host: --node NAME.");
        ZoneFlags.Validate(Zones, Nodes, errors);
        OutsideFlags.Parse(Outside, errors);
        if (ServiceAddress is { AddressFamily: not AddressFamily.InterNetwork }) errors.Add($"{ServiceAddress} is no IPv4 address; services are opened at none but those.");
        OptionsInvalidException.ThrowIfAny(errors);
    }
}
