using System.Text.Json.Nodes;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/core/service/strategy.go, pkg/apis/core/v1/defaults.go and pkg/apis/core/validation (validateService).</summary>
public sealed class ServiceStrategy : ResourceStrategy
{
    private const int DefaultAffinitySeconds = 10800;
    private const int MaxAffinitySeconds = 86400;
    internal static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Affinities = ["ClientIP", "None"];
    private static readonly string[] Policies = ["Cluster", "Local"];
    private static readonly string[] Distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];

    public override bool HasStatus => true;
    public override bool ReturnsDeletedObject => true;

    // Since 1.34 a Service's name need only be a DNS-1123 label.
    public override IEnumerable<string> NameFaults(string name) => Names.Dns1123Label(name);

    /// <summary>Whether the type has a cluster address (which may still be "None").</summary>
    public static bool NeedsClusterIp(JsonObject spec) => spec.GetString("type") != "ExternalName" && spec.GetString("clusterIP") != "None";

    public static bool NeedsNodePorts(JsonObject spec) => spec.GetString("type") switch
    {
        "NodePort" => true,
        "LoadBalancer" => spec.GetBoolean("allocateLoadBalancerNodePorts") != false,
        _ => false,
    };

    public static bool NeedsHealthCheckPort(JsonObject spec) => spec.GetString("type") == "LoadBalancer" && spec.GetString("externalTrafficPolicy") == "Local";

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
        if (IsExternallyAccessible(spec)) spec.Default("externalTrafficPolicy", "Cluster");
        if (spec.GetString("type") is "ClusterIP" or "NodePort" or "LoadBalancer") spec.Default("internalTrafficPolicy", "Cluster");
        if (spec.GetString("type") == "LoadBalancer" && !spec.Has("allocateLoadBalancerNodePorts")) spec["allocateLoadBalancerNodePorts"] = true;
        NormalizeClusterIps(spec);
        if (spec.GetString("type") is "ClusterIP" or "NodePort" or "LoadBalancer")
        {
            if (!spec.Has("ipFamilies")) spec["ipFamilies"] = JsonDocuments.ArrayOf("IPv4");
            spec.Default("ipFamilyPolicy", "SingleStack");
        }
    }

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        var spec = obj.Ensure("spec");
        var before = old.Ensure("spec");
        KeepAllocated(spec, before);
        DropWhatTheTypeLacks(spec, before);
        if (spec.GetString("type") != "LoadBalancer") obj.Ensure("status")["loadBalancer"] = new JsonObject();
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var type = spec.GetString("type") ?? "";
        var headless = spec.GetString("clusterIP") == "None";
        var ports = spec.GetObjects("ports").ToList();
        if (ports.Count == 0 && !headless && type != "ExternalName") errors.Required("spec.ports");
        if (type is "LoadBalancer" or "NodePort" && headless) errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
        if (type == "ExternalName") ExternalName(spec, errors);
        Ports(ports, type, errors);
        MetadataValidation.Labels(spec.GetStringMap("selector"), "spec.selector", errors);
        FieldRules.OneOf(spec, "sessionAffinity", "spec", Affinities, errors);
        if (spec.IntegerAt("sessionAffinityConfig", "clientIP", "timeoutSeconds") is { } timeout and not (> 0 and <= MaxAffinitySeconds))
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, $"must be greater than 0 and less than {MaxAffinitySeconds}");
        }
        ClusterIps(spec, errors);
        var index = 0;
        foreach (var ip in spec.GetStrings("externalIPs")) IpRules.EndpointAddress(ip, $"spec.externalIPs[{index++}]", errors);
        FieldRules.OneOf(spec, "type", "spec", Types, errors);
        LoadBalancer(spec, type, errors);
        Policy(spec, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var before = old.Ensure("spec");
        if (spec.GetString("type") == "ExternalName" || before.GetString("type") == "ExternalName") return;
        var ips = spec.GetStrings("clusterIPs").ToList();
        var oldIps = before.GetStrings("clusterIPs").ToList();
        if (oldIps.Count == 0) return;
        if (ips.Count == 0) errors.Invalid("spec.clusterIPs[0]", new JsonArray(), "primary clusterIP can not be unset");
        else if (ips[0] != oldIps[0]) errors.Invalid("spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set");
    }

    private static bool IsExternallyAccessible(JsonObject spec) =>
        spec.GetString("type") is "LoadBalancer" or "NodePort" || (spec.GetString("type") == "ClusterIP" && spec.GetStrings("externalIPs").Any());

    // clusterIP and clusterIPs[0] are one value with two names.
    private static void NormalizeClusterIps(JsonObject spec)
    {
        var ip = spec.GetString("clusterIP") ?? "";
        var first = spec.GetStrings("clusterIPs").FirstOrDefault();
        if (ip.Length > 0 && first is null) spec["clusterIPs"] = JsonDocuments.ArrayOf(ip);
        else if (ip.Length == 0 && first is not null) spec["clusterIP"] = first;
        else if (ip.Length == 0) spec.Remove("clusterIP");
    }

    private static void KeepAllocated(JsonObject spec, JsonObject before)
    {
        if (NeedsClusterIp(spec) && NeedsClusterIp(before) && !spec.Has("clusterIP"))
        {
            spec.Put("clusterIP", before["clusterIP"]?.DeepClone());
            spec.Put("clusterIPs", before["clusterIPs"]?.DeepClone());
        }
        else if (spec.GetString("clusterIP") is null && before.GetString("clusterIP") == "None" && spec.GetString("type") != "ExternalName")
        {
            spec["clusterIP"] = "None";
            spec["clusterIPs"] = JsonDocuments.ArrayOf("None");
        }
        if (NeedsNodePorts(spec) && NeedsNodePorts(before))
        {
            var taken = spec.GetObjects("ports").Select(p => p.GetInteger("nodePort")).Where(p => p > 0).ToHashSet();
            foreach (var port in spec.GetObjects("ports").Where(p => !p.Has("nodePort")))
            {
                var same = before.GetObjects("ports").FirstOrDefault(p => p.GetInteger("port") == port.GetInteger("port") && p.GetString("protocol") == port.GetString("protocol"));
                if (same?.GetInteger("nodePort") is { } number and > 0 && taken.Add(number)) port["nodePort"] = number;
            }
        }
        if (NeedsHealthCheckPort(spec) && NeedsHealthCheckPort(before) && !spec.Has("healthCheckNodePort"))
        {
            spec.Put("healthCheckNodePort", before["healthCheckNodePort"]?.DeepClone());
        }
    }

    // What the old type had and the new one can't have goes, if the client left it as it was.
    private static void DropWhatTheTypeLacks(JsonObject spec, JsonObject before)
    {
        if (before.GetString("type") != "ExternalName" && spec.GetString("type") == "ExternalName")
        {
            if (spec["clusterIP"].SameAs(before["clusterIP"]))
            {
                spec.Remove("clusterIP");
                spec.Remove("clusterIPs");
            }
            if (spec["ipFamilies"].SameAs(before["ipFamilies"])) spec.Remove("ipFamilies");
            if (spec["ipFamilyPolicy"].SameAs(before["ipFamilyPolicy"])) spec.Remove("ipFamilyPolicy");
        }
        if (NeedsNodePorts(before) && !NeedsNodePorts(spec))
        {
            var old = before.GetObjects("ports").Select(p => p.GetInteger("nodePort")).ToHashSet();
            foreach (var port in spec.GetObjects("ports").Where(p => old.Contains(p.GetInteger("nodePort")))) port.Remove("nodePort");
        }
        if (NeedsHealthCheckPort(before) && !NeedsHealthCheckPort(spec)) spec.Remove("healthCheckNodePort");
        if (before.GetString("type") == "LoadBalancer" && spec.GetString("type") != "LoadBalancer")
        {
            spec.Remove("allocateLoadBalancerNodePorts");
            if (spec["loadBalancerClass"].SameAs(before["loadBalancerClass"])) spec.Remove("loadBalancerClass");
        }
        if (IsExternallyAccessible(before) && !IsExternallyAccessible(spec)) spec.Remove("externalTrafficPolicy");
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetStrings("clusterIPs").Any()) errors.Forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        if (spec.Has("ipFamilies")) errors.Forbidden("spec.ipFamilies", "may not be set for ExternalName services");
        if (spec.Has("ipFamilyPolicy")) errors.Forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services");
        var name = (spec.GetString("externalName") ?? "").TrimEnd('.');
        if (name.Length == 0) errors.Required("spec.externalName");
        else
        {
            foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid("spec.externalName", name, fault);
        }
    }

    private static void Ports(List<JsonObject> ports, string type, FieldErrors errors)
    {
        var names = new HashSet<string>();
        var nodePorts = new HashSet<(string?, long)>();
        var numbers = new HashSet<(string?, long?)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            var path = $"spec.ports[{i}]";
            var name = port.GetString("name") ?? "";
            var protocol = port.GetString("protocol") ?? "";
            if (name.Length == 0 && ports.Count > 1) errors.Required($"{path}.name");
            else if (name.Length > 0)
            {
                FieldRules.DnsLabel(name, $"{path}.name", errors);
                if (!names.Add(name)) errors.Duplicate($"{path}.name", name);
            }
            if (port.GetInteger("port") is not (>= 1 and <= 65535)) errors.Invalid($"{path}.port", port.GetInteger("port") ?? 0, Names.Between(1, 65535));
            if (!Protocols.Contains(protocol)) errors.NotSupported($"{path}.protocol", protocol, Protocols);
            FieldRules.PortOrName(port["targetPort"], $"{path}.targetPort", errors);
            if (port.GetString("appProtocol") is { } application)
            {
                foreach (var fault in Names.QualifiedName(application)) errors.Invalid($"{path}.appProtocol", application, fault);
            }
            if (port.GetInteger("nodePort") is { } nodePort and > 0)
            {
                if (type == "ClusterIP") errors.Forbidden($"{path}.nodePort", "may not be used when `type` is 'ClusterIP'");
                if (!nodePorts.Add((protocol, nodePort))) errors.Duplicate($"{path}.nodePort", nodePort);
            }
            if (!numbers.Add((protocol, port.GetInteger("port"))))
            {
                errors.Duplicate(path, new JsonObject { ["protocol"] = protocol, ["port"] = port.GetInteger("port") ?? 0 });
            }
        }
    }

    private static void ClusterIps(JsonObject spec, FieldErrors errors)
    {
        var ip = spec.GetString("clusterIP") ?? "";
        var ips = spec.GetStrings("clusterIPs").ToList();
        if (spec.GetString("type") == "ExternalName") return;
        if (ip.Length > 0 && ips.Count > 0 && ips[0] != ip) errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "first value must match `clusterIP`");
        if (ips.Count > 2) errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "may only hold up to 2 values");
        for (var i = 0; i < ips.Count; i++)
        {
            if (ips[i] == "None")
            {
                if (ips.Count > 1) errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "'None' must be the first and only value");
            }
            else if (!IpRules.IsIp(ips[i])) errors.Invalid($"spec.clusterIPs[{i}]", ips[i], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        if (spec.GetString("ipFamilyPolicy") == "RequireDualStack")
        {
            errors.Invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services");
        }
        FieldRules.OneOf(spec, "ipFamilyPolicy", "spec", ["SingleStack", "PreferDualStack", "RequireDualStack"], errors);
        var index = 0;
        foreach (var family in spec.GetStrings("ipFamilies"))
        {
            if (family == "IPv6") errors.Invalid($"spec.ipFamilies[{index}]", family, "not configured on this cluster");
            else if (family != "IPv4") errors.NotSupported($"spec.ipFamilies[{index}]", family, "IPv4", "IPv6");
            index++;
        }
    }

    private static void LoadBalancer(JsonObject spec, string type, FieldErrors errors)
    {
        var ranges = spec.GetStrings("loadBalancerSourceRanges").ToList();
        if (ranges.Count > 0 && type != "LoadBalancer") errors.Forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'");
        for (var i = 0; i < ranges.Count; i++)
        {
            if (Ipv4.ParseCidr(ranges[i].Trim()) is null && !ranges[i].Contains(':', StringComparison.Ordinal))
            {
                errors.Invalid($"spec.LoadBalancerSourceRanges[{i}]", ranges[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }
        if (spec.Has("allocateLoadBalancerNodePorts") && type != "LoadBalancer")
        {
            errors.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }
        if (spec.Has("loadBalancerClass") && type != "LoadBalancer") errors.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
    }

    private static void Policy(JsonObject spec, FieldErrors errors)
    {
        if (!IsExternallyAccessible(spec))
        {
            if (spec.GetString("externalTrafficPolicy") is { Length: > 0 } policy)
            {
                errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
            }
        }
        else FieldRules.OneOf(spec, "externalTrafficPolicy", "spec", Policies, errors);
        FieldRules.OneOf(spec, "internalTrafficPolicy", "spec", Policies, errors);
        FieldRules.OneOf(spec, "trafficDistribution", "spec", Distributions, errors);
        if (!NeedsHealthCheckPort(spec) && spec.GetInteger("healthCheckNodePort") is { } number and not 0)
        {
            errors.Invalid("spec.healthCheckNodePort", number, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }
}
