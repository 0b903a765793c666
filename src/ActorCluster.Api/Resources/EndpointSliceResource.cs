using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>endpointslices, discovery.k8s.io/v1.</summary>
internal static class EndpointSliceResource
{
    private const int Shown = 3;

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1EndpointSlice>() with
    {
        Strategy = new EndpointSliceStrategy(),
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("AddressType", "string", "The type of address carried by this EndpointSlice."),
            new("Ports", "string", "The network ports exposed by each endpoint in this slice."),
            new("Endpoints", "string", "The unique endpoints in this slice."),
            TablePrinter.AgeColumn,
        ],
        (obj, now) =>
        [
            obj.TextAt("metadata", "name"),
            obj.GetString("addressType") ?? "",
            List(obj.GetObjects("ports").Select(p => p.GetInteger("port")?.ToString(CultureInfo.InvariantCulture) ?? p.GetString("name") ?? "*")),
            List(obj.GetObjects("endpoints").SelectMany(e => e.GetStrings("addresses"))),
            TablePrinter.Age(obj, now),
        ]),
    };

    private static string List(IEnumerable<string> items)
    {
        var all = items.ToList();
        if (all.Count == 0) return "<unset>";
        var shown = string.Join(',', all.Take(Shown));
        return all.Count > Shown ? $"{shown} + {all.Count - Shown} more..." : shown;
    }
}

/// <summary>pkg/apis/discovery/validation.</summary>
internal sealed class EndpointSliceStrategy : ResourceStrategy
{
    private const int MaxEndpoints = 1000;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20000;
    private static readonly string[] AddressTypes = ["FQDN", "IPv4", "IPv6"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var port in obj.GetObjects("ports"))
        {
            port.Default("protocol", "TCP");
            if (!port.Has("name")) port["name"] = "";
        }
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var type = obj.GetString("addressType") ?? "";
        if (type.Length == 0) errors.Required("addressType");
        else if (!AddressTypes.Contains(type)) errors.NotSupported("addressType", type, AddressTypes);
        var endpoints = obj.GetObjects("endpoints").ToList();
        if (endpoints.Count > MaxEndpoints) errors.TooMany("endpoints", endpoints.Count, MaxEndpoints);
        for (var i = 0; i < Math.Min(endpoints.Count, MaxEndpoints); i++)
        {
            var addresses = endpoints[i].GetStrings("addresses").ToList();
            if (addresses.Count == 0) errors.Required($"endpoints[{i}].addresses", "must contain at least 1 address");
            else if (addresses.Count > MaxAddresses) errors.TooMany($"endpoints[{i}].addresses", addresses.Count, MaxAddresses);
            for (var a = 0; a < addresses.Count; a++)
            {
                if (type is "IPv4" or "IPv6") IpRules.Endpoint(addresses[a], type, $"endpoints[{i}].addresses[{a}]", errors);
            }
        }
        var ports = obj.GetObjects("ports").ToList();
        if (ports.Count > MaxPorts) errors.TooMany("ports", ports.Count, MaxPorts);
        var names = new HashSet<string>();
        for (var i = 0; i < ports.Count; i++)
        {
            var name = ports[i].GetString("name") ?? "";
            if (name.Length > 0)
            {
                foreach (var fault in Names.Dns1123Label(name)) errors.Invalid($"ports[{i}].name", name, fault);
            }
            if (!names.Add(name)) errors.Duplicate($"ports[{i}].name", name);
            if (ports[i].GetString("protocol") is { } protocol && !ServiceStrategy.Protocols.Contains(protocol))
            {
                errors.NotSupported($"ports[{i}].protocol", protocol, ServiceStrategy.Protocols);
            }
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        MetadataValidation.Immutable(obj["addressType"], old["addressType"], "addressType", errors);
}
