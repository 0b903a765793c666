using System.Text.Json.Serialization;

namespace ActorCluster.Api.Chaos;

// What traffic control can do (TcParameter in api/v1alpha1/podnetworkchaos_types.go of Chaos Mesh). Percentages are texts.

/// <summary>Packets take longer.</summary>
public sealed record DelaySpec
{
    [JsonPropertyName("latency")]
    public string? Latency { get; set; }

    [JsonPropertyName("correlation")]
    public string? Correlation { get; set; }

    [JsonPropertyName("jitter")]
    public string? Jitter { get; set; }

    [JsonPropertyName("reorder")]
    public ReorderSpec? Reorder { get; set; }
}

/// <summary>Some packets overtake.</summary>
public sealed record ReorderSpec
{
    [JsonPropertyName("reorder")]
    public string? Reorder { get; set; }

    [JsonPropertyName("correlation")]
    public string? Correlation { get; set; }

    [JsonPropertyName("gap")]
    public int Gap { get; set; }
}

/// <summary>Packets are lost.</summary>
public sealed record LossSpec
{
    [JsonPropertyName("loss")]
    public string? Loss { get; set; }

    [JsonPropertyName("correlation")]
    public string? Correlation { get; set; }
}

/// <summary>Packets come twice.</summary>
public sealed record DuplicateSpec
{
    [JsonPropertyName("duplicate")]
    public string? Duplicate { get; set; }

    [JsonPropertyName("correlation")]
    public string? Correlation { get; set; }
}

/// <summary>Packets are damaged.</summary>
public sealed record CorruptSpec
{
    [JsonPropertyName("corrupt")]
    public string? Corrupt { get; set; }

    [JsonPropertyName("correlation")]
    public string? Correlation { get; set; }
}

/// <summary>A line's rate.</summary>
public sealed record RateSpec
{
    [JsonPropertyName("rate")]
    public string? Rate { get; set; }
}

/// <summary>A token bucket.</summary>
public sealed record BandwidthSpec
{
    /// <summary>A number and bit, kbit, mbit, gbit, tbit, bps, kbps, mbps, gbps or tbps; bps are bytes a second.</summary>
    [JsonPropertyName("rate")]
    public string? Rate { get; set; }

    [JsonPropertyName("limit")]
    public long? Limit { get; set; }

    [JsonPropertyName("buffer")]
    public long? Buffer { get; set; }

    [JsonPropertyName("peakrate")]
    public long? Peakrate { get; set; }

    [JsonPropertyName("minburst")]
    public long? Minburst { get; set; }
}
