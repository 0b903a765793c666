using System.Text.Json.Nodes;

namespace ActorCluster.Api.ManagedFields;

/// <summary>
/// Carries the ownership of an object's replicas to its Scale and back (apimachinery/pkg/util/managedfields/scalehandler.go).
/// </summary>
/// <param name="apiVersion">The version of the object that the scale was reached through.</param>
/// <param name="versions">All versions of the object; an owner in another one is forgotten.</param>
/// <param name="replicas">Where the object has its replicas.</param>
public sealed class ScaleOwnership(string apiVersion, IReadOnlyCollection<string> versions, IReadOnlyList<string> replicas)
{
    public const string ScaleApiVersion = "autoscaling/v1";
    private static readonly FieldSet InScale = FieldSet.OfFields([["spec", "replicas"]]);
    private readonly FieldSet _inParent = FieldSet.OfFields([replicas]);

    /// <summary>Those who own the object's replicas, as the owners of the Scale's.</summary>
    /// <exception cref="FormatException">They can't be read.</exception>
    public JsonArray? ToScale(JsonNode? parent)
    {
        var scale = new ManagedFieldsList();
        foreach (var owner in ManagedFieldsList.Decode(parent).Owners)
        {
            if (!versions.Contains(owner.ApiVersion) || !Owns(owner, _inParent)) continue;
            scale.Set(new FieldOwnership(owner.Key.Applies ? owner.Key : owner.Key with { ApiVersion = ScaleApiVersion }, ScaleApiVersion, InScale, owner.Time));
        }
        return scale.Encode();
    }

    /// <summary>The object's owners after a write of its Scale.</summary>
    /// <exception cref="FormatException">They can't be read.</exception>
    public JsonArray? ToParent(JsonNode? parent, JsonNode? scale)
    {
        var result = new ManagedFieldsList();
        var scalers = ManagedFieldsList.Decode(scale).Owners.ToList();
        foreach (var owner in ManagedFieldsList.Decode(parent).Owners)
        {
            if (!versions.Contains(owner.ApiVersion)) continue;
            if (!Owns(owner, _inParent))
            {
                result.Set(owner);
                continue;
            }
            var still = scalers.FindIndex(s => IsSame(s.Key, owner.Key));
            if (still < 0)
            {
                result.Set(owner.WithFields(owner.Fields.Difference(_inParent)));
                continue;
            }
            result.Set(scalers[still].Time is { } time ? owner.At(time) : owner);
            scalers.RemoveAt(still);
        }
        foreach (var scaler in scalers.Where(s => Owns(s, InScale)))
        {
            var key = scaler.Key.Applies ? scaler.Key : scaler.Key with { ApiVersion = apiVersion };
            result.Set(new FieldOwnership(key, apiVersion, _inParent, scaler.Time));
        }
        return result.Encode();
    }

    private static bool Owns(FieldOwnership owner, FieldSet fields) => !owner.Fields.Intersection(fields).IsEmpty;

    /// <summary>Versions differ between an object and its Scale; the manager and what it did are the same.</summary>
    private static bool IsSame(FieldManagerKey scaler, FieldManagerKey owner) =>
        scaler.Manager == owner.Manager && scaler.Applies == owner.Applies && scaler.Subresource == owner.Subresource;
}
