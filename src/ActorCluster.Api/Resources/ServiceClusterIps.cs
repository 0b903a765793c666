using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What a Service's addresses and families must be, and how they may change.</summary>
/// <remarks>pkg/apis/core/validation: ValidateServiceClusterIPsRelatedFields, validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies.</remarks>
internal static class ServiceClusterIps
{
    private const string Addresses = "spec.clusterIPs";
    private const string FamiliesPath = "spec.ipFamilies";
    private const string PolicyPath = "spec.ipFamilyPolicy";
    private const string Once = "may not change once set";
    private static readonly string[] Families = ["IPv4", "IPv6"];
    private static readonly string[] Policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];

    public static string FamilyOf(string ip) => IpRules.IsIpv6(ip) ? "IPv6" : "IPv4";

    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetString("type") == "ExternalName") return;
        var ip = spec.GetString("clusterIP") ?? "";
        var ips = spec.GetStrings("clusterIPs").ToList();
        var families = spec.GetStrings("ipFamilies").ToList();
        if (ip.Length == 0 && ips.Count > 0) errors.Invalid(Addresses, spec["clusterIPs"], "must be empty when `clusterIP` is not specified");
        else if (ip.Length > 0 && ips.Count == 0) errors.Required(Addresses);
        else if (ip.Length > 0 && ips[0] != ip) errors.Invalid(Addresses, spec["clusterIPs"], "first value must match `clusterIP`");
        for (var i = 0; i < families.Count; i++)
        {
            if (!Families.Contains(families[i])) errors.NotSupported($"{FamiliesPath}[{i}]", families[i], Families);
            if (families.IndexOf(families[i]) < i) errors.Duplicate($"{FamiliesPath}[{i}]", families[i]);
        }
        if (spec.GetString("ipFamilyPolicy") is { } policy && !Policies.Contains(policy)) errors.NotSupported(PolicyPath, policy, Policies);
        var readable = Readable(spec, ips, errors);
        if (ips.Count > 2) errors.Invalid(Addresses, spec["clusterIPs"], "may only hold up to 2 values");
        if (!readable) return;

        if (ips.Count > 1 && ips.Select(FamilyOf).Distinct().Count() < 2) errors.Invalid(Addresses, spec["clusterIPs"], "may specify no more than one IP for each IP family");
        if (ips is ["None"]) return;
        for (var i = 0; i < Math.Min(ips.Count, families.Count); i++)
        {
            if (Families.Contains(families[i]) && FamilyOf(ips[i]) != families[i]) errors.Invalid($"{Addresses}[{i}]", ips[i], $"expected an {families[i]} value as indicated by `ipFamilies[{i}]`");
        }
    }

    private static bool Readable(JsonObject spec, List<string> ips, FieldErrors errors)
    {
        var readable = true;
        for (var i = 0; i < ips.Count; i++)
        {
            if (i == 0 && ips[i] == "None")
            {
                if (ips.Count == 1) continue;
                errors.Invalid(Addresses, spec["clusterIPs"], "'None' must be the first and only value");
                readable = false;
                continue;
            }
            var before = errors.Count;
            IpRules.Address(ips[i], $"{Addresses}[{i}]", errors);
            readable &= errors.Count == before;
        }
        return readable;
    }

    public static void ValidateUpdate(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (spec.GetString("type") == "ExternalName" || before.GetString("type") == "ExternalName") return;
        var (ips, oldIps) = (spec.GetStrings("clusterIPs").ToList(), before.GetStrings("clusterIPs").ToList());
        var (headless, wasHeadless) = (ips is ["None"], oldIps is ["None"]);
        if (!headless || !wasHeadless) Change(spec, "clusterIPs", "clusterIP", ips, oldIps, errors);
        if (!headless && !wasHeadless) Change(spec, "ipFamilies", "ipFamily", spec.GetStrings("ipFamilies").ToList(), before.GetStrings("ipFamilies").ToList(), errors);
    }

    // The first stays; a second may come, and go when the policy says that there is to be one only.
    private static void Change(JsonObject spec, string field, string what, List<string> now, List<string> old, FieldErrors errors)
    {
        var path = $"spec.{field}";
        if (now.Count == old.Count)
        {
            for (var i = 0; i < now.Count; i++)
            {
                if (now[i] != old[i]) errors.Invalid($"{path}[{(field == "clusterIPs" ? i : 0)}]", spec[field], Once);
            }
            return;
        }
        if (now.Count == 0) errors.Invalid($"{path}[0]", new JsonArray(), $"primary {what} can not be unset");
        if (now.Count > 0 && old.Count > 0 && now[0] != old[0]) errors.Invalid($"{path}[0]", spec["clusterIPs"], Once);
        if (now.Count == 1 && old.Count > 1 && spec.GetString("ipFamilyPolicy") != "SingleStack")
        {
            errors.Invalid(PolicyPath, spec["ipFamilyPolicy"], $"must be set to 'SingleStack' when releasing the secondary {what}");
        }
    }
}
