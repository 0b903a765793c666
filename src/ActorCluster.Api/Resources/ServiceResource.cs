using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>services, v1.</summary>
internal static class ServiceResource
{
    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Service>() with
    {
        ShortNames = ["svc"],
        Categories = ["all"],
        Strategy = new ServiceStrategy(),
        Subresources = [SubresourceDefinition.Proxy("ServiceProxyOptions"), SubresourceDefinition.Status("Service")],
        SelectableFields = [SelectableField.At("spec.clusterIP"), SelectableField.At("spec.type")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Type", "string", "How the service is exposed: ExternalName, ClusterIP, NodePort, or LoadBalancer."),
            new("Cluster-IP", "string", "The IP address of the service."),
            new("External-IP", "string", "Addresses at which the service is reachable from outside the cluster."),
            new("Port(s)", "string", "The list of ports that are exposed by this service."),
            TablePrinter.AgeColumn,
            new("Selector", "string", "Traffic goes to the pods with labels that match this selector.", 1),
        ], Cells),
    };

    private static IEnumerable<JsonNode?> Cells(JsonObject service, DateTimeOffset now)
    {
        var spec = service.GetObject("spec") ?? [];
        var ports = spec.GetObjects("ports").Select(p => p.GetInteger("nodePort") is { } nodePort and > 0
            ? $"{p.GetInteger("port")}:{nodePort}/{p.GetString("protocol")}"
            : $"{p.GetInteger("port")}/{p.GetString("protocol")}");
        return
        [
            service.TextAt("metadata", "name"),
            spec.GetString("type"),
            spec.GetStrings("clusterIPs").FirstOrDefault() ?? "<none>",
            ExternalIp(service, spec),
            OrNone(string.Join(',', ports)),
            TablePrinter.Age(service, now),
            OrNone(string.Join(',', (spec.GetStringMap("selector") ?? []).Select(l => $"{l.Key}={l.Value}"))),
        ];
    }

    private static string ExternalIp(JsonObject service, JsonObject spec)
    {
        var external = spec.GetStrings("externalIPs").ToList();
        switch (spec.GetString("type"))
        {
            case "ExternalName":
                return spec.GetString("externalName") ?? "";
            case "LoadBalancer":
                var status = service.At("status", "loadBalancer") as JsonObject;
                var addresses = status.GetObjects("ingress").Select(i => i.GetString("ip") ?? i.GetString("hostname") ?? "").Concat(external).ToList();
                return addresses.Count == 0 ? "<pending>" : string.Join(',', addresses);
            default:
                return OrNone(string.Join(',', external));
        }
    }

    private static string OrNone(string text) => text.Length == 0 ? "<none>" : text;
}
