using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/apis/core/validation: validateService and what it calls, but for addresses and families.</summary>
internal static class ServiceValidation
{
    private const int MaxAffinitySeconds = 86400;
    private const string SourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    private const string OnlyForBalancers = "may only be used when `type` is 'LoadBalancer'";
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Affinities = ["ClientIP", "None"];
    private static readonly string[] Policies = ["Cluster", "Local"];
    private static readonly string[] Distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    private static readonly string[] IpModes = ["Proxy", "VIP"];

    public static void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var type = spec.GetString("type") ?? "";
        var headless = spec.GetStrings("clusterIPs").ToList() is ["None"];
        var ports = spec.GetObjects("ports").ToList();
        var annotations = ObjectMetadata.Of(obj).Annotations ?? [];
        Topology(annotations, errors);
        if (ports.Count == 0 && !headless && type != "ExternalName") errors.Required("spec.ports");
        if (type is "LoadBalancer" or "NodePort" && headless) errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
        if (type == "ExternalName") ExternalName(spec, errors);
        Ports(ports, errors);
        MetadataValidation.Labels(spec.GetStringMap("selector"), "spec.selector", errors);
        Affinity(spec, errors);
        ServiceClusterIps.Validate(spec, errors);
        var index = 0;
        foreach (var ip in spec.GetStrings("externalIPs")) IpRules.EndpointAddress(ip, $"spec.externalIPs[{index++}]", errors);
        FieldRules.OneOf(spec, "type", "spec", Types, errors);
        Numbers(ports, type, errors);
        SourceRanges(spec, type, annotations, errors);
        if (type != "LoadBalancer" && spec.Has("allocateLoadBalancerNodePorts")) errors.Forbidden("spec.allocateLoadBalancerNodePorts", OnlyForBalancers);
        BalancerClass(spec, type, errors);
        Traffic(spec, errors);
    }

    public static void ValidateUpdate(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        ServiceClusterIps.ValidateUpdate(spec, before, errors);
        if (spec.GetString("type") == "LoadBalancer" && before.GetString("type") == "LoadBalancer" && !spec["loadBalancerClass"].SameAs(before["loadBalancerClass"]))
        {
            errors.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"], "may not change once set");
        }
        if (ServiceStrategy.NeedsHealthCheckPort(spec) && ServiceStrategy.NeedsHealthCheckPort(before) && !spec["healthCheckNodePort"].SameAs(before["healthCheckNodePort"]))
        {
            errors.Forbidden("spec.healthCheckNodePort", "field is immutable");
        }
    }

    public static void ValidateStatus(JsonObject obj, FieldErrors errors)
    {
        const string path = "status.loadBalancer.ingress";
        var points = (obj.At("status", "loadBalancer") as JsonObject).GetObjects("ingress").ToList();
        if (points.Count > 0 && obj.TextAt("spec", "type") != "LoadBalancer")
        {
            errors.Forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }
        for (var i = 0; i < points.Count; i++) BalancerPoint(points[i], $"{path}[{i}]", errors);
    }

    private static void BalancerPoint(JsonObject point, string path, FieldErrors errors)
    {
        var ip = point.GetString("ip") ?? "";
        if (ip.Length > 0) IpRules.Address(ip, $"{path}.ip", errors);
        var mode = point.GetString("ipMode");
        if (mode is null)
        {
            if (ip.Length > 0) errors.Required($"{path}.ipMode", "must be specified when `ip` is set");
        }
        else if (ip.Length == 0) errors.Forbidden($"{path}.ipMode", "may not be specified when `ip` is not set");
        else if (!IpModes.Contains(mode)) errors.NotSupported($"{path}.ipMode", mode, IpModes);
        if (point.GetString("hostname") is not { Length: > 0 } host) return;
        foreach (var fault in Names.Dns1123Subdomain(host)) errors.Invalid($"{path}.hostname", host, fault);
        if (IpRules.IsIp(host)) errors.Invalid($"{path}.hostname", host, "must be a DNS name, not an IP address");
    }

    private static void Topology(SortedDictionary<string, string> annotations, FieldErrors errors)
    {
        if (annotations.TryGetValue(ServiceStrategy.ModeAnnotation, out var mode) && annotations.TryGetValue(ServiceStrategy.HintsAnnotation, out var hints) && mode != hints)
        {
            errors.Invalid($"metadata.annotations[{ServiceStrategy.ModeAnnotation}]", mode, $"must match annotations[{ServiceStrategy.HintsAnnotation}] when both are specified");
        }
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        if (spec.GetStrings("clusterIPs").Any()) errors.Forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        if (spec.Has("ipFamilies")) errors.Forbidden("spec.ipFamilies", "may not be set for ExternalName services");
        if (spec.Has("ipFamilyPolicy")) errors.Forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services");
        var name = spec.GetString("externalName") ?? "";
        if (name.EndsWith('.')) name = name[..^1];
        if (name.Length == 0) errors.Required("spec.externalName");
        else
        {
            foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid("spec.externalName", name, fault);
        }
    }

    private static void Ports(List<JsonObject> ports, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            var path = $"spec.ports[{i}]";
            var name = port.GetString("name") ?? "";
            if (name.Length == 0 && ports.Count > 1) errors.Required($"{path}.name");
            else if (name.Length > 0)
            {
                FieldRules.DnsLabel(name, $"{path}.name", errors);
                if (!names.Add(name)) errors.Duplicate($"{path}.name", name);
            }
            if (port.GetInteger("port") is not (>= 1 and <= 65535)) errors.Invalid($"{path}.port", port.GetInteger("port") ?? 0, Names.Between(1, 65535));
            var protocol = port.GetString("protocol") ?? "";
            if (!ServiceStrategy.Protocols.Contains(protocol)) errors.NotSupported($"{path}.protocol", protocol, ServiceStrategy.Protocols);
            FieldRules.PortOrName(port["targetPort"], $"{path}.targetPort", errors);
            if (port.GetString("appProtocol") is not { } application) continue;
            foreach (var fault in Names.QualifiedName(application)) errors.Invalid($"{path}.appProtocol", application, fault);
        }
    }

    private static void Affinity(JsonObject spec, FieldErrors errors)
    {
        FieldRules.OneOf(spec, "sessionAffinity", "spec", Affinities, errors);
        if (spec.IntegerAt("sessionAffinityConfig", "clientIP", "timeoutSeconds") is { } timeout and not (> 0 and <= MaxAffinitySeconds))
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, $"must be greater than 0 and less than {MaxAffinitySeconds}");
        }
    }

    /// <summary>What may stand in a Service once only: node ports and ports, each of a protocol.</summary>
    private static void Numbers(List<JsonObject> ports, string type, FieldErrors errors)
    {
        for (var i = 0; i < ports.Count && type == "ClusterIP"; i++)
        {
            if (ports[i].GetInteger("nodePort") is > 0) errors.Forbidden($"spec.ports[{i}].nodePort", "may not be used when `type` is 'ClusterIP'");
        }
        var nodePorts = new HashSet<(string?, long)>();
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].GetInteger("nodePort") is { } number and > 0 && !nodePorts.Add((ports[i].GetString("protocol"), number))) errors.Duplicate($"spec.ports[{i}].nodePort", number);
        }
        var numbers = new HashSet<(string?, long?)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (protocol, number) = (ports[i].GetString("protocol"), ports[i].GetInteger("port"));
            if (!numbers.Add((protocol, number))) errors.Duplicate($"spec.ports[{i}]", new JsonObject { ["protocol"] = protocol, ["port"] = number ?? 0 });
        }
    }

    private static void SourceRanges(JsonObject spec, string type, SortedDictionary<string, string> annotations, FieldErrors errors)
    {
        var ranges = spec.GetStrings("loadBalancerSourceRanges").ToList();
        if (ranges.Count > 0)
        {
            // Upstream writes this one path with a capital letter.
            if (type != "LoadBalancer") errors.Forbidden("spec.LoadBalancerSourceRanges", OnlyForBalancers);
            for (var i = 0; i < ranges.Count; i++) Cidr.Validate(ranges[i].Trim(), $"spec.LoadBalancerSourceRanges[{i}]", errors);
        }
        else if (annotations.TryGetValue(SourceRangesAnnotation, out var text))
        {
            const string path = $"metadata.annotations[{SourceRangesAnnotation}]";
            if (type != "LoadBalancer") errors.Forbidden(path, OnlyForBalancers);
            if (text.Trim().Length == 0) return;
            foreach (var range in text.Split(',')) Cidr.Validate(range.Trim(), path, errors);
        }
    }

    private static void BalancerClass(JsonObject spec, string type, FieldErrors errors)
    {
        if (spec.GetString("loadBalancerClass") is not { } name) return;
        if (type != "LoadBalancer") errors.Forbidden("spec.loadBalancerClass", OnlyForBalancers);
        else
        {
            foreach (var fault in Names.QualifiedName(name)) errors.Invalid("spec.loadBalancerClass", name, fault);
        }
    }

    private static void Traffic(JsonObject spec, FieldErrors errors)
    {
        if (ServiceStrategy.IsExternallyAccessible(spec)) FieldRules.OneOf(spec, "externalTrafficPolicy", "spec", Policies, errors);
        else if (spec.GetString("externalTrafficPolicy") is { Length: > 0 } policy)
        {
            errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
        }
        var port = spec.GetInteger("healthCheckNodePort") ?? 0;
        if (ServiceStrategy.NeedsHealthCheckPort(spec))
        {
            if (port is < 1 or > 65535) errors.Invalid("spec.healthCheckNodePort", port, Names.Between(1, 65535));
        }
        else if (port != 0) errors.Invalid("spec.healthCheckNodePort", port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        FieldRules.OneOf(spec, "internalTrafficPolicy", "spec", Policies, errors);
        FieldRules.OneOf(spec, "trafficDistribution", "spec", Distributions, errors);
    }
}
