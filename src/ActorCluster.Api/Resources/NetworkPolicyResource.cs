using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Selectors;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>networkpolicies, networking.k8s.io/v1.</summary>
internal static class NetworkPolicyResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1NetworkPolicy>() with
    {
        ShortNames = ["netpol"],
        Strategy = new NetworkPolicyStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Pod-Selector", "string", "The pods to which the policy applies; an empty selector means all pods of its namespace."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) => [obj.TextAt("metadata", "name"), Selector(obj), TablePrinter.Age(obj, now)]),
    };

    private static string Selector(JsonObject obj)
    {
        try
        {
            var selector = LabelSelector.FromDocument(obj.At("spec", "podSelector") as JsonObject ?? []);
            return selector.IsEverything ? "<none>" : selector.ToString();
        }
        catch (FormatException)
        {
            return "<error>";
        }
    }
}

/// <summary>pkg/apis/networking/v1/defaults.go and pkg/apis/networking/validation (ValidateNetworkPolicySpec), with StrictIPCIDRValidation as in 1.36.</summary>
internal sealed class NetworkPolicyStrategy : ResourceStrategy
{
    private const string Ingress = "Ingress";
    private const string Egress = "Egress";
    private static readonly string[] PolicyTypes = [Ingress, Egress];
    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];

    /// <summary>The lists of rules in a spec, and what a rule calls its peers.</summary>
    private static readonly (string Rules, string Peers)[] Directions = [("ingress", "from"), ("egress", "to")];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Ensure("podSelector");
        if (spec.GetArray("policyTypes") is not { Count: > 0 })
        {
            spec["policyTypes"] = spec.GetArray("egress") is { Count: > 0 } ? JsonDocuments.ArrayOf(Ingress, Egress) : JsonDocuments.ArrayOf(Ingress);
        }
        foreach (var port in Directions.SelectMany(d => spec.GetObjects(d.Rules)).SelectMany(rule => rule.GetObjects("ports"))) port.Default("protocol", "TCP");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        FieldRules.LabelSelector(spec.Ensure("podSelector"), "spec.podSelector", errors);
        foreach (var (rules, peers) in Directions)
        {
            var index = 0;
            foreach (var rule in spec.GetObjects(rules))
            {
                var path = $"spec.{rules}[{index++}]";
                var at = 0;
                foreach (var port in rule.GetObjects("ports")) Port(port, $"{path}.ports[{at++}]", errors);
                at = 0;
                foreach (var peer in rule.GetObjects(peers)) Peer(peer, $"{path}.{peers}[{at++}]", errors);
            }
        }
        var types = spec.GetStrings("policyTypes").ToList();
        if (types.Count > PolicyTypes.Length)
        {
            errors.Invalid("spec.policyTypes", spec["policyTypes"], "may not specify more than two policyTypes");
            return;
        }
        for (var i = 0; i < types.Count; i++)
        {
            if (!PolicyTypes.Contains(types[i])) errors.NotSupported($"spec.policyTypes[{i}]", types[i], PolicyTypes);
        }
    }

    /// <summary>GetWarningsForCIDR: of what it warns of, the rest is refused by now.</summary>
    public override IEnumerable<string> Warnings(JsonObject obj)
    {
        foreach (var (rules, peers) in Directions)
        {
            var index = 0;
            foreach (var rule in (obj["spec"] as JsonObject).GetObjects(rules))
            {
                var at = 0;
                foreach (var peer in rule.GetObjects(peers))
                {
                    var path = $"spec.{rules}[{index}].{peers}[{at++}].ipBlock";
                    if (peer.GetObject("ipBlock") is not { } block) continue;
                    if (Warning(block.GetString("cidr"), $"{path}.cidr") is { } warning) yield return warning;
                    var number = 0;
                    foreach (var except in block.GetStrings("except"))
                    {
                        if (Warning(except, $"{path}.except[{number++}]") is { } another) yield return another;
                    }
                }
                index++;
            }
        }
    }

    private static string? Warning(string? text, string path) => Cidr.Parse(text ?? "") is { IsV6: true } cidr && cidr.ToString() != text
        ? $"{path}: IPv6 CIDR value {FieldError.GoQuote(text!)} should be in RFC 5952 canonical format ({FieldError.GoQuote(cidr.ToString())})"
        : null;

    private static void Port(JsonObject port, string path, FieldErrors errors)
    {
        if (port.GetString("protocol") is { } protocol && !Protocols.Contains(protocol)) errors.NotSupported($"{path}.protocol", protocol, Protocols);
        var end = port.GetInteger("endPort");
        if (!port.Has("port"))
        {
            if (end is not null) errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is not specified");
            return;
        }
        if (port.GetInteger("port") is not { } number)
        {
            if (end is not null) errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is non-numeric");
            FieldRules.PortOrName(port["port"], $"{path}.port", errors);
            return;
        }
        FieldRules.PortOrName(port["port"], $"{path}.port", errors);
        if (end is null) return;
        if (end < number) errors.Invalid($"{path}.endPort", number, "must be greater than or equal to `port`");
        if (end is < 1 or > 65535) errors.Invalid($"{path}.endPort", end, Names.Between(1, 65535));
    }

    private static void Peer(JsonObject peer, string path, FieldErrors errors)
    {
        var (pods, namespaces, block) = (peer.GetObject("podSelector"), peer.GetObject("namespaceSelector"), peer.GetObject("ipBlock"));
        if (pods is not null) FieldRules.LabelSelector(pods, $"{path}.podSelector", errors);
        if (namespaces is not null) FieldRules.LabelSelector(namespaces, $"{path}.namespaceSelector", errors);
        if (block is not null) Block(block, $"{path}.ipBlock", errors);
        if (pods is null && namespaces is null && block is null) errors.Required(path, "must specify a peer");
        else if (block is not null && (pods is not null || namespaces is not null)) errors.Forbidden(path, "may not specify both ipBlock and another peer");
    }

    private static void Block(JsonObject block, string path, FieldErrors errors)
    {
        if (block.GetString("cidr") is not { Length: > 0 } text)
        {
            errors.Required($"{path}.cidr");
            return;
        }
        if (Cidr.Validate(text, $"{path}.cidr", errors) is not { } cidr) return;
        var index = 0;
        foreach (var except in block.GetStrings("except"))
        {
            var at = $"{path}.except[{index++}]";
            if (Cidr.Validate(except, at, errors) is { } inner && !cidr.IsStrictSupersetOf(inner)) errors.Invalid(at, except, "must be a strict subset of `cidr`");
        }
    }
}
