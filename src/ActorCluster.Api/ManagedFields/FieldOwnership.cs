using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.ManagedFields;

/// <summary>What one manager owns.</summary>
/// <param name="ApiVersion">The version whose paths the set has.</param>
/// <param name="Time">RFC 3339; null: unknown.</param>
/// <param name="Source">The entry that this was read from, for as long as it says the same.</param>
public sealed record FieldOwnership(FieldManagerKey Key, string ApiVersion, FieldSet Fields, string? Time, JsonObject? Source = null)
{
    public FieldOwnership WithFields(FieldSet fields) => ReferenceEquals(fields, Fields) ? this : this with { Fields = fields, Source = null };

    /// <summary>The same, since another time.</summary>
    public FieldOwnership At(string time)
    {
        if (time == Time) return this;
        var source = Source is null ? null : (JsonObject)Source.DeepClone();
        source?.Put("time", time);
        return this with { Time = time, Source = source };
    }
}
