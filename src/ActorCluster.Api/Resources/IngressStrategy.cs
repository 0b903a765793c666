using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/networking/ingress/strategy.go and pkg/apis/networking/validation (ValidateIngress...).</summary>
internal sealed class IngressStrategy : ResourceStrategy
{
    internal const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const string Exact = "Exact";
    private const string Prefix = "Prefix";
    private const string ImplementationSpecific = "ImplementationSpecific";
    private static readonly string[] PathTypes = [Exact, ImplementationSpecific, Prefix];
    private static readonly string[] BadSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] BadEnds = ["/..", "/."];

    public override bool CountsGenerations => true;
    public override bool HasStatus => true;

    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        var backend = spec.GetObject("defaultBackend");
        var rules = spec.GetObjects("rules").ToList();
        if (rules.Count == 0 && backend is null) errors.Invalid("spec", spec["rules"], "either `defaultBackend` or `rules` must be specified");
        if (backend is not null) Backend(backend, "spec.defaultBackend", errors);
        for (var i = 0; i < rules.Count; i++) Rule(rules[i], $"spec.rules[{i}]", errors);
        var index = 0;
        foreach (var tls in spec.GetObjects("tls")) Tls(tls, $"spec.tls[{index++}]", errors);
        if (spec.GetString("ingressClassName") is { } name)
        {
            foreach (var fault in Names.Dns1123Subdomain(name)) errors.Invalid("spec.ingressClassName", name, fault);
        }
    }

    /// <summary>Only for a new one, as an old one may have both (upstream moved from the annotation to the field).</summary>
    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (ObjectMetadata.Of(obj).Annotations?.GetValueOrDefault(ClassAnnotation) is { } annotated && obj.TextAt("spec", "ingressClassName") is { } name && annotated != name)
        {
            errors.Invalid($"annotations.{ClassAnnotation}", annotated, "must match `ingressClassName` when both are specified");
        }
    }

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var point in (obj.At("status", "loadBalancer") as JsonObject).GetObjects("ingress"))
        {
            var path = $"status.loadBalancer.ingress[{index++}]";
            if (point.GetString("ip") is { Length: > 0 } ip) IpRules.Address(ip, $"{path}.ip", errors);
            if (point.GetString("hostname") is not { Length: > 0 } host) continue;
            foreach (var fault in Names.Dns1123Subdomain(host)) errors.Invalid($"{path}.hostname", host, fault);
            if (IpRules.IsIp(host)) errors.Invalid($"{path}.hostname", host, "must be a DNS name, not an IP address");
        }
    }

    public override IEnumerable<string> Warnings(JsonObject obj)
    {
        if (obj.TextAt("spec", "ingressClassName") is null && ObjectMetadata.Of(obj).Annotations?.ContainsKey(ClassAnnotation) == true)
        {
            yield return $"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead";
        }
    }

    private static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        if (rule.GetString("host") is { Length: > 0 } host)
        {
            if (IpRules.IsIp(host)) errors.Invalid($"{path}.host", host, "must be a DNS name, not an IP address");
            Host(host, $"{path}.host", errors);
        }
        if (rule.GetObject("http") is not { } http) return;
        var paths = http.GetObjects("paths").ToList();
        if (paths.Count == 0) errors.Required($"{path}.http.paths");
        for (var i = 0; i < paths.Count; i++) Path(paths[i], $"{path}.http.paths[{i}]", errors);
    }

    private static void Path(JsonObject entry, string path, FieldErrors errors)
    {
        if (entry.GetString("pathType") is not { } type)
        {
            errors.Required($"{path}.pathType", "pathType must be specified");
            return;
        }
        var text = entry.GetString("path") ?? "";
        switch (type)
        {
            case Exact or Prefix:
                Absolute(text, $"{path}.path", errors);
                foreach (var sequence in BadSequences.Where(s => text.Contains(s, StringComparison.Ordinal))) errors.Invalid($"{path}.path", text, $"must not contain '{sequence}'");
                foreach (var end in BadEnds.Where(e => text.EndsWith(e, StringComparison.Ordinal))) errors.Invalid($"{path}.path", text, $"cannot end with '{end}'");
                break;
            case ImplementationSpecific:
                if (text.Length > 0) Absolute(text, $"{path}.path", errors);
                break;
            default:
                errors.NotSupported($"{path}.pathType", type, PathTypes);
                break;
        }
        Backend(entry.GetObject("backend") ?? [], $"{path}.backend", errors);
    }

    private static void Absolute(string text, string path, FieldErrors errors)
    {
        if (!text.StartsWith('/')) errors.Invalid(path, text, "must be an absolute path");
    }

    private static void Backend(JsonObject backend, string path, FieldErrors errors)
    {
        var (resource, service) = (backend.GetObject("resource"), backend.GetObject("service"));
        if (resource is not null && service is not null) errors.Invalid(path, "", "cannot set both resource and service backends");
        else if (resource is not null) FieldRules.TypedReference(resource, $"{path}.resource", errors);
        else if (service is not null) Service(service, path, errors);
        else errors.Invalid(path, "", "resource or service backend is required");
    }

    private static void Service(JsonObject service, string path, FieldErrors errors)
    {
        var name = service.GetString("name") ?? "";
        if (name.Length == 0) errors.Required($"{path}.service.name");
        else FieldRules.DnsLabel(name, $"{path}.service.name", errors);
        var portName = service.TextAt("port", "name") ?? "";
        var number = service.IntegerAt("port", "number") ?? 0;
        if (portName.Length > 0 && number != 0) errors.Invalid(path, "", "cannot set both port name & port number");
        else if (portName.Length > 0)
        {
            foreach (var fault in Names.PortName(portName)) errors.Invalid($"{path}.service.port.name", portName, fault);
        }
        else if (number == 0) errors.Required(path, "port name or number is required");
        else if (number is < 1 or > 65535) errors.Invalid($"{path}.service.port.number", number, Names.Between(1, 65535));
    }

    private static void Tls(JsonObject tls, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var host in tls.GetStrings("hosts")) Host(host, $"{path}.hosts[{index++}]", errors);
        if (tls.GetString("secretName") is not { Length: > 0 } secret) return;
        foreach (var fault in Names.Dns1123Subdomain(secret)) errors.Invalid($"{path}.secretName", secret, fault);
    }

    private static void Host(string host, string path, FieldErrors errors)
    {
        var faults = host.Contains('*', StringComparison.Ordinal) ? Names.WildcardSubdomain(host) : Names.Dns1123Subdomain(host);
        foreach (var fault in faults) errors.Invalid(path, host, fault);
    }
}
