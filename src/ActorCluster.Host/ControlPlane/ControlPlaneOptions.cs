using System.Net;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.ControlPlane;

/// <summary>What a control-plane process needs to know.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The cluster's name: in the kubeconfig it is <c>actorcluster-{name}</c>.</summary>
    public required string ClusterName { get; init; }

    public string ProcessName { get; init; } = RunArguments.ControlPlane;

    public required NetworkBinding Binding { get; init; }

    /// <summary>Where workers may be found that are members of the Akka cluster already.</summary>
    public IReadOnlyList<ProcessEndpoint> Workers { get; init; } = [];

    /// <summary>Nobody can be a member of an older Akka cluster: form one at once.</summary>
    public bool NewCluster { get; init; }

    /// <summary>How many nodes are about to come with the cluster; its add-ons' pods wait for them for a while.</summary>
    public int AwaitNodes { get; init; }

    /// <summary>A file that is made when those nodes are Ready, or have been waited for long enough, and the add-ons are installed; an earlier one is removed.</summary>
    public string? CompleteFile { get; init; }

    /// <summary>The address that the Kubernetes API listens on; loopback unless told otherwise.</summary>
    public string ApiAddress { get; init; } = "127.0.0.1";

    public int ApiPort { get; init; }

    /// <summary>The host that the kubeconfig names and the certificate is made out to, besides localhost.</summary>
    public string ApiHost { get; init; } = "127.0.0.1";

    /// <summary>Where the objects are kept; null: in memory.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Where the cluster's CA and certificates are kept.</summary>
    public required string PkiFolder { get; init; }

    /// <summary>Where to write the kubeconfig.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The folder that `up` keeps the cluster's processes in; null where something else supervises them.</summary>
    public ClusterFolder? State { get; init; }

    public ControlPlaneSettings Settings { get; init; } = new();

    /// <exception cref="OptionsInvalidException">With all that is wrong.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (!ObjectNames.IsLabel(ClusterName)) errors.Add($"'{ClusterName}' is not a cluster name: use lower-case letters, digits and '-'.");
        if (!ObjectNames.IsLabel(ProcessName)) errors.Add($"'{ProcessName}' is not a process name: use lower-case letters, digits and '-'.");
        errors.AddRange(Binding.Validate());
        if (!IPAddress.TryParse(ApiAddress, out _)) errors.Add($"'{ApiAddress}' is not an IP address for the API to listen on.");
        if (ApiPort is < 0 or > 65535) errors.Add($"{ApiPort} is not a port for the API.");
        if (Uri.CheckHostName(ApiHost) is UriHostNameType.Unknown) errors.Add($"'{ApiHost}' is neither a host name nor an IP address.");
        OptionsInvalidException.ThrowIfAny(errors);
    }
}
