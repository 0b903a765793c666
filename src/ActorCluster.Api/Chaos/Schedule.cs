using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorCluster.Api.Chaos;

/// <summary>schedules of chaos-mesh.org/v1alpha1: experiments that are made again and again.</summary>
[KubernetesEntity(Group = ChaosApi.Group, ApiVersion = ChaosApi.Version, Kind = "Schedule", PluralName = "schedules")]
public sealed record Schedule : ChaosObject<ScheduleSpec, ScheduleStatus>
{
    public Schedule() : base("Schedule")
    {
    }
}

/// <summary>What it is to do.</summary>
public sealed record ScheduleSpec
{
    /// <summary>Five or six fields of cron, or @every 10s.</summary>
    [JsonPropertyName("schedule")]
    public string? Schedule { get; set; }

    [JsonPropertyName("startingDeadlineSeconds")]
    public long? StartingDeadlineSeconds { get; set; }

    /// <summary>Forbid or Allow.</summary>
    [JsonPropertyName("concurrencyPolicy")]
    public string? ConcurrencyPolicy { get; set; }

    [JsonPropertyName("historyLimit")]
    public int? HistoryLimit { get; set; }

    /// <summary>The kind of what is made.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("networkChaos")]
    public NetworkChaosSpec? NetworkChaos { get; set; }

    [JsonPropertyName("podChaos")]
    public PodChaosSpec? PodChaos { get; set; }
}

/// <summary>What was made of it.</summary>
public sealed record ScheduleStatus
{
    [JsonPropertyName("active")]
    public List<V1ObjectReference>? Active { get; set; }

    /// <summary>When something was made last.</summary>
    [JsonPropertyName("time")]
    public DateTime? Time { get; set; }
}
