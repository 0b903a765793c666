using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Api.Quotas;

/// <summary>Whether what an object takes is within a quota, and what the quota's use is then (CheckRequest in
/// apiserver/pkg/admission/plugin/resourcequota/controller.go). Pure.</summary>
public static class QuotaLimits
{
    /// <param name="quota">As it is stored; its status says what is used.</param>
    /// <param name="old">The object as it was; null for a new one.</param>
    /// <param name="use">The quota's new use; null where it stays.</param>
    /// <returns>Why the object is refused, in upstream's words; null if it isn't.</returns>
    public static string? Check(
        JsonObject quota, QuotaEvaluator evaluator, JsonObject obj, JsonObject? old, DateTimeOffset now, out ImmutableSortedDictionary<string, Quantity>? use)
    {
        use = null;
        var name = ObjectMetadata.Of(quota).Name;
        var limits = ResourceAmounts.Read(quota.At("status", "hard"));
        if (!evaluator.IsCounted(quota, limits.Keys, obj)) return null;
        var concerned = limits.Keys.Where(evaluator.Counts).ToList();
        if (evaluator.MissingFor(concerned, obj) is { } missing) return $"failed quota: {name}: {missing}";
        var used = ResourceAmounts.Read(quota.At("status", "used"));
        if (!concerned.TrueForAll(used.ContainsKey)) return $"status unknown for quota: {name}, resources: {string.Join(',', concerned)}";

        var usage = evaluator.Usage(obj, now);
        var negative = usage.Where(amount => amount.Value.Sign < 0).Select(amount => amount.Key).ToList();
        if (negative.Count > 0) return $"quota usage is negative for resource(s): {string.Join(',', negative)}";
        if (old is not null && evaluator.IsCounted(quota, limits.Keys, old)) usage = usage.Beyond(evaluator.Usage(old, now));
        var requested = usage.RemoveRange(usage.Where(amount => amount.Value.Sign == 0).Select(amount => amount.Key)).Only(limits.Keys);
        if (requested.IsEmpty) return null;

        var after = used.Plus(requested);
        var exceeded = requested.Keys.Where(resource => after[resource] > limits[resource]).ToList();
        if (exceeded.Count > 0)
            return $"exceeded quota: {name}, requested: {requested.Only(exceeded).Print()}, used: {used.Only(exceeded).Print()}, limited: {limits.Only(exceeded).Print()}";
        use = after;
        return null;
    }
}
