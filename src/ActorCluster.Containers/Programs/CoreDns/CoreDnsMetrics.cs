using System.Globalization;
using System.Text;
using ActorCluster.Containers.Programs.Bind;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>CoreDNS's /metrics, as far as they count something here (https://coredns.io/plugins/metrics/), in Prometheus's text format.</summary>
internal static class CoreDnsMetrics
{
    public static string Describe(IReadOnlyList<(ZoneAddress Zone, DnsStatistics Statistics)> servers, string version)
    {
        var text = new StringBuilder();
        Head(text, "coredns_build_info", "gauge", "A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.");
        text.Append(CultureInfo.InvariantCulture, $"coredns_build_info{{goversion=\"\",revision=\"\",version=\"{version}\"}} 1\n");
        Head(text, "coredns_dns_requests_total", "counter", "Counter of DNS requests made per zone, protocol and family.");
        foreach (var (zone, statistics) in servers)
            foreach (var group in statistics.Answers.GroupBy(answer => (answer.Kind.Type, answer.Kind.Tcp, answer.Kind.V4)))
                text.Append(CultureInfo.InvariantCulture,
                    $"coredns_dns_requests_total{{family=\"{(group.Key.V4 ? 1 : 2)}\",proto=\"{(group.Key.Tcp ? "tcp" : "udp")}\",server=\"dns://:{zone.Port}\",type=\"{Type(group.Key.Type)}\",view=\"\",zone=\"{DnsZoneNames.Absolute(zone.Zone)}\"}} {group.Sum(answer => answer.Count)}\n");
        Head(text, "coredns_dns_responses_total", "counter", "Counter of response status codes.");
        foreach (var (zone, statistics) in servers)
            foreach (var group in statistics.Answers.GroupBy(answer => answer.Kind.Code).OrderBy(group => group.Key))
                text.Append(CultureInfo.InvariantCulture,
                    $"coredns_dns_responses_total{{plugin=\"\",rcode=\"{DnsText.Describe(group.Key)}\",server=\"dns://:{zone.Port}\",view=\"\",zone=\"{DnsZoneNames.Absolute(zone.Zone)}\"}} {group.Sum(answer => answer.Count)}\n");
        return text.ToString();
    }

    private static string Type(DnsType type) => type == default ? "other" : DnsText.Describe(type);

    private static void Head(StringBuilder text, string name, string kind, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
}
