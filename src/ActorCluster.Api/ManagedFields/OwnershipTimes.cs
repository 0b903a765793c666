using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.ManagedFields;

/// <summary>Keeps writes that come to nothing from being written for their time's sake (endpoints/handlers/fieldmanager/equality.go).</summary>
public static class OwnershipTimes
{
    /// <summary>Gives the object its old owners back where nothing but their times is new.</summary>
    public static void Revert(JsonObject obj, JsonObject old)
    {
        if (obj.At("metadata", "managedFields") is not JsonArray newer || old.At("metadata", "managedFields") is not JsonArray older || newer.Count != older.Count) return;
        if (!newer.Zip(older).Any(p => Time(p.First) != Time(p.Second))) return;
        if (!SameBesides(obj, old, "metadata") || !SameBesides(obj["metadata"], old["metadata"], "managedFields")) return;
        if (!newer.Zip(older).All(p => SameBesides(p.First, p.Second, "time"))) return;
        ((JsonObject)obj["metadata"]!)["managedFields"] = older.DeepClone();
    }

    private static string? Time(JsonNode? entry) => (entry as JsonObject)?.GetString("time");

    private static bool SameBesides(JsonNode? a, JsonNode? b, string name)
    {
        if (a is not JsonObject left || b is not JsonObject right) return a.SameAs(b);
        return left.Count(p => p.Key != name) == right.Count(p => p.Key != name)
            && left.All(p => p.Key == name || (right.TryGetPropertyValue(p.Key, out var other) && p.Value.SameAs(other)));
    }
}
