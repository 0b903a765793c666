using System.Globalization;
using ActorCluster.Network.Tables;

namespace ActorCluster.Nodes.ServiceHealth;

/// <summary>What a node tells a load balancer of one service (pkg/proxy/healthcheck/service_health.go). Pure.</summary>
/// <param name="LocalEndpoints">Its ready IPv4 endpoints on the node; those that terminate don't count, so that balancers look elsewhere in time.</param>
/// <param name="LocalEndpointsV6">The same for IPv6: each family has a proxy of its own, which tells who asks over that family.</param>
internal sealed record ServiceHealthReport(string Namespace, string Name, int LocalEndpoints, int LocalEndpointsV6 = 0)
{
    public int Endpoints(bool v4) => v4 ? LocalEndpoints : LocalEndpointsV6;

    public int StatusCode(bool v4) => Endpoints(v4) > 0 ? 200 : 503;

    public string Body(bool v4) => string.Create(CultureInfo.InvariantCulture,
        $"{{\n\t\"service\": {{\n\t\t\"namespace\": \"{Namespace}\",\n\t\t\"name\": \"{Name}\"\n\t}},\n\t\"localEndpoints\": {Endpoints(v4)},\n\t\"serviceProxyHealthy\": true\n}}");

    /// <summary>By port: the services that ask a node for it.</summary>
    public static Dictionary<ushort, ServiceHealthReport> All(NetworkTables tables, string node)
    {
        var reports = new Dictionary<ushort, ServiceHealthReport>();
        foreach (var service in tables.Services.Where(service => service.HealthCheckNodePort != 0))
        {
            var local = service.Ports.SelectMany(port => port.Ready).Where(endpoint => endpoint.NodeName == node).Select(endpoint => endpoint.Address).Distinct().ToArray();
            var v4 = local.Count(address => address.IsV4);
            reports[service.HealthCheckNodePort] = new(service.Namespace, service.Name, v4, local.Length - v4);
        }
        return reports;
    }
}
