using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>podchaos of chaos-mesh.org/v1alpha1: pods that are killed or made to fail.</summary>
[KubernetesEntity(Group = ChaosApi.Group, ApiVersion = ChaosApi.Version, Kind = "PodChaos", PluralName = "podchaos")]
public sealed record PodChaos : ChaosObject<PodChaosSpec, ChaosStatus>, IExperiment
{
    public PodChaos() : base("PodChaos")
    {
    }

    [JsonIgnore]
    string? IExperiment.Duration => Spec?.Duration;

    [JsonIgnore]
    bool IExperiment.IsOneShot => Spec?.Action is "pod-kill" or "container-kill";
}

/// <summary>What it is to do.</summary>
public sealed record PodChaosSpec : PodSelector
{
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
