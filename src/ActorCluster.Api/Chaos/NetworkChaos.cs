using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>networkchaos of chaos-mesh.org/v1alpha1: what happens to the packets of pods.</summary>
[KubernetesEntity(Group = ChaosApi.Group, ApiVersion = ChaosApi.Version, Kind = "NetworkChaos", PluralName = "networkchaos")]
public sealed record NetworkChaos : ChaosObject<NetworkChaosSpec, ChaosStatus>, IExperiment
{
    public NetworkChaos() : base("NetworkChaos")
    {
    }

    [JsonIgnore]
    string? IExperiment.Duration => Spec?.Duration;

    [JsonIgnore]
    bool IExperiment.IsOneShot => false;
}

/// <summary>What it is to do.</summary>
public sealed record NetworkChaosSpec : PodSelector
{
    /// <summary>netem, delay, loss, duplicate, corrupt, partition or bandwidth.</summary>
    [JsonPropertyName("action")]
    public string? Action { get; set; }

    /// <summary>Pods have one device, eth0.</summary>
    [JsonPropertyName("device")]
    public string? Device { get; set; }

    [JsonPropertyName("duration")]
    public string? Duration { get; set; }

    [JsonPropertyName("delay")]
    public DelaySpec? Delay { get; set; }

    [JsonPropertyName("loss")]
    public LossSpec? Loss { get; set; }

    [JsonPropertyName("duplicate")]
    public DuplicateSpec? Duplicate { get; set; }

    [JsonPropertyName("corrupt")]
    public CorruptSpec? Corrupt { get; set; }

    [JsonPropertyName("bandwidth")]
    public BandwidthSpec? Bandwidth { get; set; }

    [JsonPropertyName("rate")]
    public RateSpec? Rate { get; set; }

    /// <summary>to, from or both, as seen from the selected pods.</summary>
    [JsonPropertyName("direction")]
    public string? Direction { get; set; }

    [JsonPropertyName("target")]
    public PodSelector? Target { get; set; }

    [JsonPropertyName("targetDevice")]
    public string? TargetDevice { get; set; }

    /// <summary>Addresses, blocks of addresses, names of services.</summary>
    [JsonPropertyName("externalTargets")]
    public List<string>? ExternalTargets { get; set; }

    [JsonPropertyName("remoteCluster")]
    public string? RemoteCluster { get; set; }
}
