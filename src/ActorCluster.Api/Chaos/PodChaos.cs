using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>podchaos of chaos-mesh.org/v1alpha1: pods that are killed or made to fail.</summary>
[KubernetesEntity(Group = ChaosApi.Group, ApiVersion = ChaosApi.Version, Kind = "PodChaos", PluralName = "podchaos")]
public sealed record PodChaos : IKubernetesObject<V1ObjectMeta>, ISpec<PodChaosSpec?>, IStatus<ChaosStatus?>, IExperiment
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = ChaosApi.ApiVersion;

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "PodChaos";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public PodChaosSpec? Spec { get; set; }

    [JsonPropertyName("status")]
    public ChaosStatus? Status { get; set; }

    [JsonIgnore]
    string? IExperiment.Duration => Spec?.Duration;

    [JsonIgnore]
    bool IExperiment.IsOneShot => Spec?.Action is "pod-kill" or "container-kill";
}

/// <summary>What it is to do.</summary>
public sealed record PodChaosSpec
{
    [JsonPropertyName("selector")]
    public PodSelectorSpec? Selector { get; set; }

    /// <summary>one, all, fixed, fixed-percent or random-max-percent.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; set; }

    /// <summary>What the mode counts by.</summary>
    [JsonPropertyName("value")]
    public string? Value { get; set; }

    [JsonPropertyName("containerNames")]
    public List<string>? ContainerNames { get; set; }

    /// <summary>pod-kill, pod-failure or container-kill.</summary>
    [JsonPropertyName("action")]
    public string? Action { get; set; }

    [JsonPropertyName("duration")]
    public string? Duration { get; set; }

    /// <summary>Seconds, for pod-kill.</summary>
    [JsonPropertyName("gracePeriod")]
    public long? GracePeriod { get; set; }

    [JsonPropertyName("remoteCluster")]
    public string? RemoteCluster { get; set; }
}
