using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>What the kinds of chaos-mesh.org/v1alpha1 are alike in.</summary>
public abstract record ChaosObject<TSpec, TStatus> : IKubernetesObject<V1ObjectMeta>, ISpec<TSpec?>, IStatus<TStatus?>
    where TSpec : class
    where TStatus : class
{
    protected ChaosObject(string kind) => Kind = kind;

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = ChaosApi.ApiVersion;

    [JsonPropertyName("kind")]
    public string Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public TSpec? Spec { get; set; }

    [JsonPropertyName("status")]
    public TStatus? Status { get; set; }
}
