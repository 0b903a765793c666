using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>endpoints, v1.</summary>
internal static class EndpointsResource
{
    private const int Shown = 3;

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Endpoints>() with
    {
        ShortNames = ["ep"],
        Strategy = new EndpointsStrategy(),
        Printer = new TablePrinter(
            [TablePrinter.NameColumn, new PrinterColumn("Endpoints", "string", "The addresses and ports that implement the service."), TablePrinter.AgeColumn],
            (obj, now) => [obj.TextAt("metadata", "name"), Format(obj), TablePrinter.Age(obj, now)]),
    };

    private static string Format(JsonObject endpoints)
    {
        var all = new List<string>();
        foreach (var subset in endpoints.GetObjects("subsets"))
        {
            var addresses = subset.GetObjects("addresses").Select(a => a.GetString("ip") ?? "").ToList();
            var ports = subset.GetObjects("ports").ToList();
            if (ports.Count == 0) all.AddRange(addresses);
            foreach (var port in ports) all.AddRange(addresses.Select(a => $"{a}:{port.GetInteger("port")}"));
        }
        if (endpoints.GetArray("subsets") is null) return "<none>";
        var shown = string.Join(',', all.Take(Shown));
        return all.Count > Shown ? $"{shown} + {all.Count - Shown} more..." : shown;
    }
}

/// <summary>pkg/apis/core/validation (ValidateEndpoints), for what people write by hand.</summary>
internal sealed class EndpointsStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var port in obj.GetObjects("subsets").SelectMany(s => s.GetObjects("ports"))) port.Default("protocol", "TCP");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var subsets = obj.GetObjects("subsets").ToList();
        for (var i = 0; i < subsets.Count; i++)
        {
            var path = $"subsets[{i}]";
            if (subsets[i].GetArray("addresses") is null && subsets[i].GetArray("notReadyAddresses") is null)
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }
            var index = 0;
            foreach (var address in subsets[i].GetObjects("addresses")) IpRules.EndpointAddress(address.GetString("ip") ?? "", $"{path}.addresses[{index++}].ip", errors);
            index = 0;
            var several = subsets[i].GetArray("ports")?.Count > 1;
            foreach (var port in subsets[i].GetObjects("ports")) Port(port, $"{path}.ports[{index++}]", several, errors);
        }
    }

    private static void Port(JsonObject port, string path, bool nameRequired, FieldErrors errors)
    {
        var name = port.GetString("name") ?? "";
        if (name.Length == 0 && nameRequired) errors.Required($"{path}.name");
        else if (name.Length > 0)
        {
            foreach (var fault in Names.Dns1123Label(name)) errors.Invalid($"{path}.name", name, fault);
        }
        if (port.GetInteger("port") is not (>= 1 and <= 65535)) errors.Invalid($"{path}.port", port.GetInteger("port") ?? 0, Names.Between(1, 65535));
        if (port.GetString("protocol") is { } protocol && !ServiceStrategy.Protocols.Contains(protocol)) errors.NotSupported($"{path}.protocol", protocol, ServiceStrategy.Protocols);
    }
}
