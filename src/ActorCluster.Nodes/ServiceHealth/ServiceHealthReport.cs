using System.Globalization;
using ActorCluster.Network.Tables;

namespace ActorCluster.Nodes.ServiceHealth;

/// <summary>What a node tells a load balancer of one service (pkg/proxy/healthcheck/service_health.go). Pure.</summary>
/// <param name="LocalEndpoints">Its ready endpoints on the node; those that terminate don't count, so that balancers look elsewhere in time.</param>
internal sealed record ServiceHealthReport(string Namespace, string Name, int LocalEndpoints)
{
    public int StatusCode => LocalEndpoints > 0 ? 200 : 503;

    public string Body => string.Create(CultureInfo.InvariantCulture,
        $"{{\n\t\"service\": {{\n\t\t\"namespace\": \"{Namespace}\",\n\t\t\"name\": \"{Name}\"\n\t}},\n\t\"localEndpoints\": {LocalEndpoints},\n\t\"serviceProxyHealthy\": true\n}}");

    /// <summary>By port: the services that ask a node for it.</summary>
    public static Dictionary<ushort, ServiceHealthReport> All(NetworkTables tables, string node)
    {
        var reports = new Dictionary<ushort, ServiceHealthReport>();
        foreach (var service in tables.Services.Where(service => service.HealthCheckNodePort != 0))
        {
            var local = service.Ports.SelectMany(port => port.Ready).Where(endpoint => endpoint.NodeName == node).Select(endpoint => endpoint.Address).Distinct().Count();
            reports[service.HealthCheckNodePort] = new(service.Namespace, service.Name, local);
        }
        return reports;
    }
}
