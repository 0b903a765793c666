using System.Globalization;
using ActorCluster.Network.Addresses;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>The variables that tell a container where services are: WEB_SERVICE_HOST, WEB_PORT_80_TCP_ADDR and so on (pkg/kubelet/envvars/envvars.go).</summary>
internal static class ServiceEnvironment
{
    /// <summary>default/kubernetes is told to every pod, whatever its namespace and its enableServiceLinks.</summary>
    public static Dictionary<string, string> For(string ns, bool enableServiceLinks, IEnumerable<V1Service> services)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        V1Service? master = null;
        var masterHidden = false;
        foreach (var service in services)
        {
            if (string.IsNullOrEmpty(service.Spec?.ClusterIP) || service.Spec.ClusterIP == "None" || service.Spec.Ports is not { Count: > 0 }) continue;
            var isMaster = service.Metadata is { Name: "kubernetes", NamespaceProperty: "default" };
            if (isMaster) master = service;
            if (service.Metadata.NamespaceProperty != ns || !enableServiceLinks || isMaster) continue;
            masterHidden |= service.Metadata.Name == "kubernetes";
            Add(variables, service);
        }
        if (master is not null && !masterHidden) Add(variables, master);
        return variables;
    }

    private static void Add(Dictionary<string, string> variables, V1Service service)
    {
        var name = VariableName(service.Metadata.Name);
        var address = service.Spec.ClusterIP;
        variables[$"{name}_SERVICE_HOST"] = address;
        variables[$"{name}_SERVICE_PORT"] = Text(service.Spec.Ports[0].Port);
        foreach (var port in service.Spec.Ports)
        {
            if (!string.IsNullOrEmpty(port.Name)) variables[$"{name}_SERVICE_PORT_{VariableName(port.Name)}"] = Text(port.Port);
        }
        var host = IpAddress.TryParse(address, out var ip) && !ip.IsV4 ? $"[{address}]" : address;
        for (var i = 0; i < service.Spec.Ports.Count; i++)
        {
            var port = service.Spec.Ports[i];
            var protocol = string.IsNullOrEmpty(port.Protocol) ? "TCP" : port.Protocol.ToUpperInvariant();
            var scheme = protocol switch { "TCP" => "tcp", "UDP" => "udp", "SCTP" => "sctp", _ => protocol };
            var url = $"{scheme}://{host}:{Text(port.Port)}";
            var prefix = $"{name}_PORT_{Text(port.Port)}_{protocol}";
            // Docker's links made the first port special.
            if (i == 0) variables[$"{name}_PORT"] = url;
            variables[prefix] = url;
            variables[$"{prefix}_PROTO"] = scheme;
            variables[$"{prefix}_PORT"] = Text(port.Port);
            variables[$"{prefix}_ADDR"] = address;
        }
    }

    private static string VariableName(string name) => name.Replace('-', '_').ToUpperInvariant();

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
