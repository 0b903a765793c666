using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;
using ActorCluster.Network.Forwarding;

namespace ActorCluster.Host.InProcess;

/// <summary>What a cluster inside one process needs to know.</summary>
public sealed record InProcessOptions
{
    public string ClusterName { get; init; } = ClusterOptions.DefaultName;

    /// <summary>The nodes' names.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = ["worker-1", "worker-2", "worker-3"];

    /// <summary>The nodes' zones, NODE=ZONE (<see cref="ZoneFlags"/>); nodes that none is named for are in none.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>Serve the Kubernetes API over HTTPS on loopback at this port (0: a free one); null: no HTTPS, only the client in this process.</summary>
    public int? ApiPort { get; init; }

    /// <summary>Where the objects are kept; null: in memory.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Where the cluster's CA and certificates are kept; null: in memory.</summary>
    public string? PkiFolder { get; init; }

    /// <summary>Where to write the kubeconfig.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The folder that `up` keeps the cluster in. With it, services are reached from this machine by real sockets; null: nothing listens.</summary>
    public ClusterFolder? State { get; init; }

    /// <summary>Names outside the cluster that pods may reach, and where they lead: NAME[:PORT]=HOST:PORT (<see cref="OutsideFlags"/>).</summary>
    public IReadOnlyList<string> Outside { get; init; } = [];

    /// <summary>Told what becomes of each packet on each node, on that node's turn; null: nobody.</summary>
    public Action<ObservedPacket>? PacketObserver { get; init; }

    /// <summary>Nodes can be paused.</summary>
    public bool CanPause { get; init; }

    public ControlPlaneSettings Settings { get; init; } = new();

    /// <exception cref="OptionsInvalidException">With all that is wrong.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (!ObjectNames.IsLabel(ClusterName)) errors.Add($"'{ClusterName}' is not a cluster name: use lower-case letters, digits and '-'.");
        errors.AddRange(NodeNames.Validate(Nodes));
        if (ApiPort is < 0 or > 65535) errors.Add($"{ApiPort} is not a port for the API.");
        ZoneFlags.Validate(Zones, Nodes, errors);
        OutsideFlags.Parse(Outside, errors);
        OptionsInvalidException.ThrowIfAny(errors);
    }
}
