using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>Claims to volumes and the storage that they ask for, altogether and by storage class (pkg/quota/v1/evaluator/core/persistent_volume_claims.go).</summary>
internal sealed class ClaimQuotaEvaluator() : QuotaEvaluator(new ResourceName("", "persistentvolumeclaims"))
{
    private const string Claims = "persistentvolumeclaims";
    private const string Storage = "requests.storage";
    private const string OfClass = ".storageclass.storage.k8s.io/";

    public override bool Counts(string name) => name is Claims or Storage || name == CountName
        || name.EndsWith(OfClass + Claims, StringComparison.Ordinal) || name.EndsWith(OfClass + Storage, StringComparison.Ordinal);

    public override bool CountsUpdates(JsonObject obj, JsonObject old) => true;

    public override ImmutableSortedDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var usage = ResourceAmounts.None.SetItem(CountName, Pieces(1)).SetItem(Claims, Pieces(1)).ToBuilder();
        var storageClass = obj.TextAt("spec", "storageClassName") ?? "";
        if (storageClass.Length > 0) usage[storageClass + OfClass + Claims] = Pieces(1);
        if (Asked(obj) is not { } asked) return usage.ToImmutable();
        usage[Storage] = asked;
        if (storageClass.Length > 0) usage[storageClass + OfClass + Storage] = asked;
        return usage.ToImmutable();
    }

    public override bool Matches(QuotaScope scope, JsonObject obj)
    {
        if (scope.Name != "VolumeAttributesClass") return false;
        string?[] names =
        [
            obj.TextAt("spec", "volumeAttributesClassName"), obj.TextAt("status", "currentVolumeAttributesClassName"),
            obj.TextAt("status", "modifyVolumeStatus", "targetVolumeAttributesClassName"),
        ];
        var given = names.Where(name => name is { Length: > 0 }).ToList();
        return given.Count == 0 ? scope.Matches(null) : given.Exists(scope.Matches);
    }

    /// <summary>What is asked for, or allotted if that is more (a growth that was taken back half-way).</summary>
    private static Quantity? Asked(JsonObject claim)
    {
        if (!Quantity.TryParse(claim.TextAt("spec", "resources", "requests", "storage"), out var asked)) return null;
        return Quantity.TryParse(claim.TextAt("status", "allocatedResources", "storage"), out var allotted) && allotted > asked ? allotted : asked;
    }
}
