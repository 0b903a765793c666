using System.Text.Json.Serialization;

namespace ActorCluster.Api.Chaos;

/// <summary>What became of an experiment (api/v1alpha1/common_types.go of Chaos Mesh).</summary>
public sealed record ChaosStatus
{
    [JsonPropertyName("conditions")]
    public List<ChaosCondition>? Conditions { get; set; }

    [JsonPropertyName("experiment")]
    public ExperimentStatus? Experiment { get; set; }

    /// <summary>Of network chaos elsewhere: the versions of the pods' own objects. There are none here.</summary>
    [JsonPropertyName("instances")]
    public Dictionary<string, long>? Instances { get; set; }
}

/// <summary>Selected, AllInjected, AllRecovered or Paused.</summary>
public sealed record ChaosCondition
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }
}

/// <summary>What is wanted of the experiment, and how far it is with each pod or container.</summary>
public sealed record ExperimentStatus
{
    /// <summary>Run or Stop.</summary>
    [JsonPropertyName("desiredPhase")]
    public string? DesiredPhase { get; set; }

    [JsonPropertyName("containerRecords")]
    public List<ChaosRecord>? ContainerRecords { get; set; }
}

/// <summary>How far it is with one pod or container.</summary>
public sealed record ChaosRecord
{
    /// <summary>namespace/pod or namespace/pod/container.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; set; }

    /// <summary>. for the selector, .Target for the target's.</summary>
    [JsonPropertyName("selectorKey")]
    public string? SelectorKey { get; set; }

    /// <summary>Injected or Not Injected.</summary>
    [JsonPropertyName("phase")]
    public string? Phase { get; set; }

    [JsonPropertyName("injectedCount")]
    public int InjectedCount { get; set; }

    [JsonPropertyName("recoveredCount")]
    public int RecoveredCount { get; set; }

    [JsonPropertyName("events")]
    public List<RecordEvent>? Events { get; set; }
}

/// <summary>One attempt to inject or recover.</summary>
public sealed record RecordEvent
{
    /// <summary>Succeeded or Failed.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    /// <summary>Apply or Recover.</summary>
    [JsonPropertyName("operation")]
    public string? Operation { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("timestamp")]
    public DateTime? Timestamp { get; set; }
}
