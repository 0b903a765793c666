using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>Which pods (api/v1alpha1/selector.go of Chaos Mesh): all conditions that are there must hold; named pods count alone.</summary>
public sealed record PodSelectorSpec
{
    /// <summary>None: the object's own.</summary>
    [JsonPropertyName("namespaces")]
    public List<string>? Namespaces { get; set; }

    [JsonPropertyName("fieldSelectors")]
    public Dictionary<string, string>? FieldSelectors { get; set; }

    [JsonPropertyName("labelSelectors")]
    public Dictionary<string, string>? LabelSelectors { get; set; }

    [JsonPropertyName("expressionSelectors")]
    public List<V1LabelSelectorRequirement>? ExpressionSelectors { get; set; }

    [JsonPropertyName("annotationSelectors")]
    public Dictionary<string, string>? AnnotationSelectors { get; set; }

    /// <summary>Names of nodes; the pods are on one of them or on one that <see cref="NodeSelectors"/> selects.</summary>
    [JsonPropertyName("nodes")]
    public List<string>? Nodes { get; set; }

    /// <summary>Names of pods by namespace.</summary>
    [JsonPropertyName("pods")]
    public Dictionary<string, List<string>>? Pods { get; set; }

    /// <summary>Labels of nodes.</summary>
    [JsonPropertyName("nodeSelectors")]
    public Dictionary<string, string>? NodeSelectors { get; set; }

    [JsonPropertyName("podPhaseSelectors")]
    public List<string>? PodPhaseSelectors { get; set; }
}

/// <summary>Pods, and how many of them. Experiments are such selectors themselves.</summary>
public record PodSelector
{
    [JsonPropertyName("selector")]
    public PodSelectorSpec? Selector { get; set; }

    /// <summary>one, all, fixed, fixed-percent or random-max-percent.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; set; }

    /// <summary>What the mode counts by.</summary>
    [JsonPropertyName("value")]
    public string? Value { get; set; }
}
