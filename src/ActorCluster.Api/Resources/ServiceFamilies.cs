using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Resources;

/// <summary>
/// Which address families a Service has on a cluster that has certain ones: completes ipFamilyPolicy, ipFamilies and the number of
/// clusterIPs from each other and from what the Service had before (pkg/registry/core/service/storage/alloc.go: initIPFamilyFields).
/// </summary>
/// <param name="configured">The cluster's families, the primary one first.</param>
public sealed class ServiceFamilies(params ImmutableArray<string> configured)
{
    private const string V4 = "IPv4";
    private const string V6 = "IPv6";
    private const string Single = "SingleStack";
    private const string Prefer = "PreferDualStack";
    private const string Require = "RequireDualStack";
    private const string PolicyPath = "spec.ipFamilyPolicy";

    /// <summary>A cluster with both, IPv4 first.</summary>
    public static ServiceFamilies DualStack { get; } = new(V4, V6);

    /// <summary>Changes the spec in place, unless there are errors.</summary>
    /// <param name="before">The spec as it was; null for a new Service.</param>
    /// <param name="errors">Gets what is wrong; nothing else needs to be checked then.</param>
    public void Complete(JsonObject spec, JsonObject? before, FieldErrors errors)
    {
        if (spec.GetString("type") == "ExternalName" || StaysPreferred(spec, before)) return;
        if (!spec.Has("ipFamilyPolicy")) spec["ipFamilyPolicy"] = InferPolicy(spec, before);
        ServiceClusterIps.Validate(spec, errors);
        if (errors.Count > 0) return;

        if (before is not null) TakeBack(spec, before, errors);
        if (Policy(spec) == Single)
        {
            if (Count(spec, "clusterIPs") == 2) errors.Invalid(PolicyPath, Single, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
            if (Count(spec, "ipFamilies") == 2) errors.Invalid(PolicyPath, Single, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
        }
        FamiliesOfAddresses(spec, errors);
        if (errors.Count > 0) return;

        var free = IsHeadless(spec) && !HasSelector(spec);
        if (!free) CheckConfigured(spec, errors);
        if (errors.Count > 0) return;
        var families = spec.GetStrings("ipFamilies").ToList();
        if (families.Count == 0) families.Add(configured[0]);
        // Of a headless Service without a selector the user alone knows what its endpoints will be: both, whatever the cluster has.
        if (families.Count == 1 && Policy(spec) != Single && (free || configured.Length == 2)) families.Add(families[0] == V4 ? V6 : V4);
        spec["ipFamilies"] = JsonDocuments.ArrayOf([.. families]);
    }

    /// <summary>A cluster that became dual-stack, or no longer is, changes no Service by itself.</summary>
    private static bool StaysPreferred(JsonObject spec, JsonObject? before) =>
        before is not null && Policy(spec) == Prefer && Policy(before) is Prefer or null && before.GetString("type") == spec.GetString("type")
        && spec.GetStrings("clusterIPs").SequenceEqual(before.GetStrings("clusterIPs")) && spec.GetStrings("ipFamilies").SequenceEqual(before.GetStrings("ipFamilies"));

    private static string InferPolicy(JsonObject spec, JsonObject? before)
    {
        if (before is not null && Policy(before) is { } old) return old;
        return IsHeadless(spec) && !HasSelector(spec) ? Require : Single;
    }

    /// <summary>The second address and family go when the policy says so, and not otherwise.</summary>
    private static void TakeBack(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        foreach (var (field, what) in (ReadOnlySpan<(string, string)>)[("clusterIPs", "cluster IP"), ("ipFamilies", "IP family")])
        {
            var (now, old) = (spec.GetStrings(field).ToList(), before.GetStrings(field).ToList());
            if (Policy(spec) == Single)
            {
                if (now.Count > 1 && now.SequenceEqual(old)) spec[field] = JsonDocuments.ArrayOf(now[0]);
            }
            else if (now.Count > 0 && now.Count < old.Count) errors.Invalid(PolicyPath, Policy(spec), $"must be 'SingleStack' to release the secondary {what}");
        }
    }

    private void FamiliesOfAddresses(JsonObject spec, FieldErrors errors)
    {
        var families = spec.GetStrings("ipFamilies").ToList();
        var ips = spec.GetStrings("clusterIPs").TakeWhile(ip => ip != "None").ToList();
        for (var i = families.Count; i < ips.Count; i++)
        {
            var family = ServiceClusterIps.FamilyOf(ips[i]);
            if (!configured.Contains(family)) errors.Invalid($"spec.clusterIPs[{i}]", spec["clusterIPs"], $"{family} is not configured on this cluster");
            else families.Add(family);
        }
        if (families.Count > 0) spec["ipFamilies"] = JsonDocuments.ArrayOf([.. families]);
    }

    private void CheckConfigured(JsonObject spec, FieldErrors errors)
    {
        if (Policy(spec) == Require && configured.Length < 2) errors.Invalid(PolicyPath, Require, "this cluster is not configured for dual-stack services");
        var index = 0;
        foreach (var family in spec.GetStrings("ipFamilies"))
        {
            if (!configured.Contains(family)) errors.Invalid($"spec.ipFamilies[{index}]", family, "not configured on this cluster");
            index++;
        }
    }

    private static bool IsHeadless(JsonObject spec) => spec.GetString("clusterIP") == "None";

    private static bool HasSelector(JsonObject spec) => spec.GetObject("selector") is { Count: > 0 };

    private static string? Policy(JsonObject spec) => spec.GetString("ipFamilyPolicy");

    private static int Count(JsonObject spec, string field) => spec.GetArray(field)?.Count ?? 0;
}
