using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.Resources;

/// <summary>
/// What an update of a Service means where it doesn't say: values that were allocated stay, and those that the new type can't have go.
/// </summary>
/// <remarks>pkg/registry/core/service: patchAllocatedValues and normalizeClusterIPs in storage/storage.go, dropTypeDependentFields in strategy.go.</remarks>
internal static class ServiceUpdates
{
    /// <summary>clusterIP is the first of clusterIPs; clients of old know only the one.</summary>
    public static void NormalizeNew(JsonObject spec)
    {
        if (spec.GetString("clusterIP") is { Length: > 0 } ip && spec.GetArray("clusterIPs") is not { Count: > 0 }) spec["clusterIPs"] = JsonDocuments.ArrayOf(ip);
    }

    public static void KeepAllocated(JsonObject spec, JsonObject before)
    {
        if (HasAddresses(spec) && HasAddresses(before))
        {
            if ((spec.GetString("clusterIP") ?? "").Length == 0) spec.Put("clusterIP", before["clusterIP"]?.DeepClone());
            if (spec.GetArray("clusterIPs") is not { Count: > 0 }) spec.Put("clusterIPs", before["clusterIPs"]?.DeepClone());
        }
        if (ServiceStrategy.AllocatesNodePorts(spec) && ServiceStrategy.AllocatesNodePorts(before)) KeepNodePorts(spec, before);
        if (ServiceStrategy.NeedsHealthCheckPort(spec) && ServiceStrategy.NeedsHealthCheckPort(before) && spec.GetInteger("healthCheckNodePort") is null or 0)
        {
            spec.Put("healthCheckNodePort", before["healthCheckNodePort"]?.DeepClone());
        }
        NormalizeChanged(spec, before);
    }

    /// <summary>By the port's name, unless another port took the number.</summary>
    private static void KeepNodePorts(JsonObject spec, JsonObject before)
    {
        var taken = NodePorts(spec);
        taken.IntersectWith(NodePorts(before));
        var byName = new Dictionary<string, long>();
        foreach (var port in before.GetObjects("ports")) byName[port.GetString("name") ?? ""] = port.GetInteger("nodePort") ?? 0;
        foreach (var port in spec.GetObjects("ports"))
        {
            if (port.GetInteger("nodePort") is > 0) continue;
            if (byName.GetValueOrDefault(port.GetString("name") ?? "") is var number and > 0 && !taken.Contains(number)) port["nodePort"] = number;
        }
    }

    // A client that knows only clusterIP and changes it means clusterIPs as well; validation sees to whether it may.
    private static void NormalizeChanged(JsonObject spec, JsonObject before)
    {
        var (ip, old) = (spec.GetString("clusterIP") ?? "", before.GetString("clusterIP") ?? "");
        if (ip == old || !spec.GetStrings("clusterIPs").SequenceEqual(before.GetStrings("clusterIPs"))) return;
        if (ip.Length == 0) spec.Remove("clusterIPs");
        else spec["clusterIPs"] = JsonDocuments.ArrayOf(ip);
    }

    public static void DropWhatTheTypeLacks(JsonObject spec, JsonObject before)
    {
        if (HasAddresses(before) && !HasAddresses(spec))
        {
            if (Same(spec, before, "clusterIP") && Same(spec, before, "clusterIPs"))
            {
                spec.Remove("clusterIP");
                spec.Remove("clusterIPs");
            }
            DropIfSame(spec, before, "ipFamilies");
            DropIfSame(spec, before, "ipFamilyPolicy");
        }
        if (ServiceStrategy.UsesNodePorts(before) && !ServiceStrategy.UsesNodePorts(spec) && NodePorts(spec).IsSubsetOf(NodePorts(before)))
        {
            foreach (var port in spec.GetObjects("ports")) port.Remove("nodePort");
        }
        if (ServiceStrategy.NeedsHealthCheckPort(before) && !ServiceStrategy.NeedsHealthCheckPort(spec)) DropIfSame(spec, before, "healthCheckNodePort");
        if (before.GetString("type") == "LoadBalancer" && spec.GetString("type") != "LoadBalancer")
        {
            DropIfSame(spec, before, "allocateLoadBalancerNodePorts");
            DropIfSame(spec, before, "loadBalancerClass");
        }
        if (ServiceStrategy.IsExternallyAccessible(before) && !ServiceStrategy.IsExternallyAccessible(spec)) DropIfSame(spec, before, "externalTrafficPolicy");
    }

    private static bool HasAddresses(JsonObject spec) => spec.GetString("type") != "ExternalName";

    private static bool Same(JsonObject spec, JsonObject before, string field) => spec[field].SameAs(before[field]);

    private static void DropIfSame(JsonObject spec, JsonObject before, string field)
    {
        if (Same(spec, before, field)) spec.Remove(field);
    }

    private static HashSet<long> NodePorts(JsonObject spec) => [.. spec.GetObjects("ports").Select(port => port.GetInteger("nodePort") ?? 0).Where(port => port > 0)];
}
