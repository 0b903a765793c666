using System.Globalization;
using System.Text.Json;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Cli.Commands;

/// <summary>A service as lines of a table: one for each port and each place where it is reached. Pure.</summary>
internal static class ServiceRows
{
    /// <param name="service">As the API sends it.</param>
    /// <returns>Namespace, name, type, address, port, and where it is reached, with a word on why nobody answers there.</returns>
    public static IEnumerable<string[]> Of(JsonElement service, IReadOnlyList<OpenSocket> sockets, ServiceBackends backends)
    {
        var metadata = service.GetProperty("metadata");
        var (ns, name) = (metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!);
        var spec = service.GetProperty("spec");
        var type = Text(spec, "type");
        var address = type == "ExternalName" ? Text(spec, "externalName") : string.Join(",", [Text(spec, "clusterIP"), .. Ingresses(service)]);
        var local = Text(spec, "externalTrafficPolicy") == "Local";
        var ports = spec.TryGetProperty("ports", out var declared) ? declared.EnumerateArray().ToArray() : [];
        if (ports.Length == 0) yield return [ns, name, type, address, "-", "-"];
        foreach (var port in ports)
        {
            var (number, nodePort, protocol) = (Number(port, "port"), Number(port, "nodePort"), Text(port, "protocol"));
            var label = nodePort == 0 ? Invariant($"{number}/{protocol}") : Invariant($"{number}:{nodePort}/{protocol}");
            var urls = sockets
                .Where(socket => socket.Service == $"{ns}/{name}" && socket.Protocol == protocol && PortOf(socket.Target) == (socket.Kind == "NodePort" ? nodePort : number))
                .OrderBy(socket => socket.Kind, StringComparer.Ordinal).ThenBy(socket => socket.Target, StringComparer.Ordinal)
                .Select(socket => $"{Scheme(port, number, protocol)}://{socket.Address}{Remark(backends.Lack(socket.Service, local, socket.Target))}").Distinct().ToArray();
            // This machine's SCTP is its kernel's, if it has any: no socket is opened for it.
            var none = protocol == "SCTP" && type is "NodePort" or "LoadBalancer" ? "not from here (SCTP)" : "-";
            foreach (var url in urls.Length == 0 ? [none] : urls) yield return [ns, name, type, address, label, url];
        }
    }

    /// <summary>A load balancer's own addresses.</summary>
    private static IEnumerable<string> Ingresses(JsonElement service) =>
        service.TryGetProperty("status", out var status) && status.TryGetProperty("loadBalancer", out var balancer) && balancer.TryGetProperty("ingress", out var ingresses)
            ? ingresses.EnumerateArray().Select(ingress => Text(ingress, "ip")).Where(ip => ip.Length > 0)
            : [];

    private static string Remark(string lack) => lack.Length == 0 ? "" : $" ({lack})";

    private static string Scheme(JsonElement port, int number, string protocol) =>
        protocol != "TCP" ? "udp" : number == 443 || Text(port, "name").StartsWith("https", StringComparison.Ordinal) ? "https" : "http";

    private static int PortOf(string target) => int.Parse(target.AsSpan(target.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);

    private static string Text(JsonElement element, string property) => element.TryGetProperty(property, out var value) ? value.GetString() ?? "" : "";

    private static int Number(JsonElement element, string property) => element.TryGetProperty(property, out var value) ? value.GetInt32() : 0;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
