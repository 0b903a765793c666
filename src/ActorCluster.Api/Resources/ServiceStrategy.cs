using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/core/service/strategy.go and pkg/apis/core/v1/defaults.go. Addresses and node ports are allocated by admission.</summary>
public sealed class ServiceStrategy : ResourceStrategy
{
    private const int DefaultAffinitySeconds = 10800;
    internal const string HintsAnnotation = "service.kubernetes.io/topology-aware-hints";
    internal const string ModeAnnotation = "service.kubernetes.io/topology-mode";
    internal static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public override bool HasStatus => true;
    public override bool ReturnsDeletedObject => true;

    // Since 1.34 a Service's name need only be a DNS-1123 label.
    public override IEnumerable<string> NameFaults(string name) => Names.Dns1123Label(name);

    /// <summary>Whether the Service gets addresses of its own: neither ExternalName nor headless.</summary>
    public static bool NeedsClusterIp(JsonObject spec) => spec.GetString("type") != "ExternalName" && spec.GetString("clusterIP") != "None";

    /// <summary>Whether the type may have node ports.</summary>
    public static bool UsesNodePorts(JsonObject spec) => spec.GetString("type") is "NodePort" or "LoadBalancer";

    /// <summary>Whether ports without a node port get one.</summary>
    public static bool AllocatesNodePorts(JsonObject spec) => spec.GetString("type") switch
    {
        "NodePort" => true,
        "LoadBalancer" => spec.GetBoolean("allocateLoadBalancerNodePorts") != false,
        _ => false,
    };

    public static bool NeedsHealthCheckPort(JsonObject spec) => spec.GetString("type") == "LoadBalancer" && spec.GetString("externalTrafficPolicy") == "Local";

    internal static bool IsExternallyAccessible(JsonObject spec) =>
        spec.GetString("type") is "LoadBalancer" or "NodePort" || (spec.GetString("type") == "ClusterIP" && spec.GetStrings("externalIPs").Any());

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("sessionAffinity", "None");
        spec.Default("type", "ClusterIP");
        if (spec.GetString("sessionAffinity") == "None") spec.Remove("sessionAffinityConfig");
        else if (spec.GetString("sessionAffinity") == "ClientIP" && spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds") is null)
        {
            spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = DefaultAffinitySeconds } };
        }
        foreach (var port in spec.GetObjects("ports"))
        {
            port.Default("protocol", "TCP");
            var target = port["targetPort"];
            if (target is null || JsonDocuments.AsInteger(target) == 0 || JsonDocuments.AsString(target) is { Length: 0 })
            {
                port["targetPort"] = port.GetInteger("port") ?? 0;
            }
            if (port.GetInteger("nodePort") == 0) port.Remove("nodePort");
        }
        DropZeros(spec);
        if (IsExternallyAccessible(spec)) spec.Default("externalTrafficPolicy", "Cluster");
        if (spec.GetString("type") is "ClusterIP" or "NodePort" or "LoadBalancer") spec.Default("internalTrafficPolicy", "Cluster");
        if (spec.GetString("type") != "LoadBalancer") return;
        if (!spec.Has("allocateLoadBalancerNodePorts")) spec["allocateLoadBalancerNodePorts"] = true;
        foreach (var point in (obj.At("status", "loadBalancer") as JsonObject).GetObjects("ingress"))
        {
            if (point.GetString("ip") is { Length: > 0 } && !point.Has("ipMode")) point["ipMode"] = "VIP";
        }
    }

    // What Go's JSON doesn't tell from absent.
    private static void DropZeros(JsonObject spec)
    {
        if (spec.GetString("clusterIP") is { Length: 0 }) spec.Remove("clusterIP");
        if (spec.GetInteger("healthCheckNodePort") == 0) spec.Remove("healthCheckNodePort");
        foreach (var list in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies"])
        {
            if (spec.GetArray(list) is { Count: 0 }) spec.Remove(list);
        }
    }

    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        ServiceUpdates.NormalizeNew(obj.Ensure("spec"));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        var spec = obj.Ensure("spec");
        var before = old.Ensure("spec");
        ServiceUpdates.KeepAllocated(spec, before);
        ServiceUpdates.DropWhatTheTypeLacks(spec, before);
        if (spec.GetString("type") != "LoadBalancer") obj.Ensure("status")["loadBalancer"] = new JsonObject();
    }

    public override void Validate(JsonObject obj, FieldErrors errors) => ServiceValidation.Validate(obj, errors);

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        ServiceValidation.ValidateUpdate(obj.Ensure("spec"), old.Ensure("spec"), errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => ServiceValidation.ValidateStatus(obj, errors);

    /// <summary>pkg/api/service/warnings.go, but for the forms of addresses.</summary>
    public override IEnumerable<string> Warnings(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        var type = spec.GetString("type");
        var headless = type == "ClusterIP" && spec.GetString("clusterIP") == "None";
        var external = spec.GetArray("externalIPs") is { Count: > 0 };
        if (ObjectMetadata.Of(obj).Annotations?.ContainsKey(HintsAnnotation) == true) yield return $"annotation {HintsAnnotation} is deprecated, please use {ModeAnnotation} instead";
        if (headless && spec.GetString("loadBalancerIP") is { Length: > 0 }) yield return "spec.loadBalancerIP is ignored for headless services";
        if (headless && external) yield return "spec.externalIPs is ignored for headless services";
        if (headless && spec.GetString("sessionAffinity") != "None") yield return "spec.SessionAffinity is ignored for headless services";
        if (external && !headless && type != "ExternalName") yield return "spec.externalIPs is deprecated and may no longer be implemented in some clusters";
        if (external && type == "ExternalName") yield return "spec.externalIPs is ignored when spec.type is \"ExternalName\"";
        if (type != "ExternalName" && spec.GetString("externalName") is { Length: > 0 }) yield return "spec.externalName is ignored when spec.type is not \"ExternalName\"";
        if (spec.GetString("trafficDistribution") == "PreferClose") yield return "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"";
    }
}
