using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Registry;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>ingresses, networking.k8s.io/v1. They are kept and shown; that traffic follows them is the work of an ingress controller, as elsewhere.</summary>
internal static class IngressResource
{
    private const int ShownHosts = 3;

    public static readonly ResourceDefinition Definition = ModelResource.Namespaced<V1Ingress>() with
    {
        ShortNames = ["ing"],
        Strategy = new IngressStrategy(),
        Subresources = [SubresourceDefinition.Status("Ingress")],
        Printer = new TablePrinter(
        [
            TablePrinter.NameColumn,
            new("Class", "string", "The IngressClass that the ingress belongs to."),
            new("Hosts", "string", "The hosts that requests are matched against."),
            new("Address", "string", "The load balancer's addresses."),
            new("Ports", "string", "The ports that are open, 443 with TLS."),
            TablePrinter.AgeColumn,
        ], Cells),
    };

    private static IEnumerable<JsonNode?> Cells(JsonObject ingress, DateTimeOffset now)
    {
        var spec = ingress.GetObject("spec") ?? [];
        return
        [
            ingress.TextAt("metadata", "name"),
            spec.GetString("ingressClassName") ?? "<none>",
            Hosts(spec.GetObjects("rules").Select(rule => rule.GetString("host") ?? "").ToList()),
            Addresses(ingress),
            spec.GetArray("tls") is { Count: > 0 } ? "80, 443" : "80",
            TablePrinter.Age(ingress, now),
        ];
    }

    /// <summary>The first named hosts; rules after those are only counted (printers.go: formatHosts).</summary>
    private static string Hosts(List<string> rules)
    {
        var shown = new List<string>();
        var more = false;
        foreach (var host in rules)
        {
            more |= shown.Count == ShownHosts;
            if (!more && host.Length > 0) shown.Add(host);
        }
        if (shown.Count == 0) return "*";
        var text = string.Join(',', shown);
        return more ? $"{text} + {rules.Count - ShownHosts} more..." : text;
    }

    private static string Addresses(JsonObject ingress)
    {
        var points = (ingress.At("status", "loadBalancer") as JsonObject).GetObjects("ingress")
            .Select(point => point.GetString("ip") is { Length: > 0 } ip ? ip : point.GetString("hostname") ?? "")
            .Where(text => text.Length > 0);
        return string.Join(',', points.Distinct().Order(StringComparer.Ordinal));
    }
}
