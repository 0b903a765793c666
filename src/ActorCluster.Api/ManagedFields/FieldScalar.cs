using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.ManagedFields;

/// <summary>A scalar that tells list elements apart: a key's value, or a set's member.</summary>
/// <param name="Rank">Numbers come before strings, these before booleans, these before null.</param>
public readonly record struct FieldScalar(int Rank, double Number, string Text)
{
    /// <returns>Null for objects and lists.</returns>
    public static FieldScalar? Of(JsonNode? node)
    {
        if (node is null) return new FieldScalar(3, 0, "null");
        return node.GetValueKind() switch
        {
            JsonValueKind.String => new FieldScalar(1, 0, JsonDocuments.AsString(node)!),
            JsonValueKind.Number => OfNumber(node),
            JsonValueKind.True => new FieldScalar(2, 1, "true"),
            JsonValueKind.False => new FieldScalar(2, 0, "false"),
            _ => null,
        };
    }

    private static FieldScalar OfNumber(JsonNode node)
    {
        if (JsonDocuments.AsInteger(node) is { } whole) return new FieldScalar(0, whole, whole.ToString(CultureInfo.InvariantCulture));
        var number = node.AsValue().GetValue<double>();
        return new FieldScalar(0, number, number.ToString("R", CultureInfo.InvariantCulture));
    }

    public int CompareTo(FieldScalar other)
    {
        if (Rank != other.Rank) return Rank.CompareTo(other.Rank);
        var byNumber = Number.CompareTo(other.Number);
        return byNumber != 0 ? byNumber : string.CompareOrdinal(Text, other.Text);
    }

    /// <summary>As it stands in JSON.</summary>
    public string ToJson() => Rank == 1 ? JsonSerializer.Serialize(Text, JsonDocuments.CompactJson) : Text;

    /// <summary>As messages show it: strings quoted as Go does.</summary>
    public override string ToString() => Rank == 1 ? FieldError.GoQuote(Text) : Text;
}
