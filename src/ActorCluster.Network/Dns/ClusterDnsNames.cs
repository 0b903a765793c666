using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>
/// What stands behind the names of the cluster's zone, whatever type of record is asked for
/// (https://github.com/kubernetes/dns/blob/master/docs/specification.md, as CoreDNS's plugin "kubernetes" reads it: parse.go, kubernetes.go). Pure.
/// </summary>
internal sealed class ClusterDnsNames(ClusterDnsOptions options)
{
    private const string Services = "svc";
    private const string Pods = "pod";

    /// <param name="name">Lower case, below the cluster's domain or that domain.</param>
    /// <returns>Null: there is no such name. Empty: there is, with nothing behind it.</returns>
    public IReadOnlyList<DnsTarget>? Find(string name, NetworkTables tables)
    {
        if (Below(name, options.ClusterDomain) is not { } labels) return null;
        if (labels is [] or [Services] or [Pods]) return [];
        if (labels[^1] is not (Services or Pods)) return null;
        var ns = labels[^2];
        if (!options.Namespaces.IsEmpty && !options.Namespaces.Contains(ns)) return null;
        if (labels.Length == 2) return tables.HasNamespace(ns) ? [] : null;
        // In front of a service's name: nothing, an endpoint's hostname, or a port and its protocol.
        var (endpoint, port, protocol) = labels.Length switch
        {
            3 => ("", "", ""),
            4 => (labels[0], "", ""),
            5 => ("", WithoutUnderscore(labels[0]), WithoutUnderscore(labels[1])),
            _ => (null, "", ""),
        };
        if (endpoint is null) return null;
        if (labels[^1] == Pods) return FindPod(labels[^3], ns, tables);
        return tables.TryGetService(ns, labels[^3], out var service) ? FindService(service, endpoint, port, protocol) : null;
    }

    /// <summary>The full names of an address: of the service whose cluster IP it is, or else of the endpoints that have it.</summary>
    public IEnumerable<string> NamesOf(IpAddress address, NetworkTables tables)
    {
        if (tables.TryGetClusterIp(address, out var owner)) return [NameOf(owner)];
        return tables.ServicesAt(address).SelectMany(key => tables.TryGetService(key, out var service)
            ? service.Ports.SelectMany(port => port.Ready).Where(endpoint => endpoint.Address == address).Select(endpoint => $"{HostnameOf(endpoint)}.{NameOf(service)}")
            : []).Distinct();
    }

    /// <summary>The addresses of the services that the server itself is behind, which are the zone's name servers (ns.go); its own ones if there are none.</summary>
    public IReadOnlyList<DnsTarget> NameServers(string zone, NetworkTables tables)
    {
        var own = options.ServerAddresses;
        DnsTarget[] known = [.. from address in own
                                from key in tables.ServicesAt(address)
                                where tables.TryGetService(key, out _)
                                from target in Of(key, tables)
                                select target];
        return known.Length > 0 ? [.. known.Distinct()] : [.. own.Select(address => new DnsTarget(address, null, $"ns.dns.{zone}"))];

        IEnumerable<DnsTarget> Of(string key, NetworkTables all) => !all.TryGetService(key, out var service) ? []
            : service.IsHeadless ? service.Ports.SelectMany(port => port.Ready).Select(endpoint => new DnsTarget(endpoint.Address, null, $"{HostnameOf(endpoint)}.{NameOf(service)}"))
            : service.ClusterIps.Select(address => new DnsTarget(address, null, NameOf(service)));
    }

    /// <summary>The labels of a name in front of a suffix; null if it doesn't end so.</summary>
    public static string[]? Below(string name, string suffix)
    {
        if (name == suffix) return [];
        return name.EndsWith("." + suffix, StringComparison.Ordinal) ? name[..^(suffix.Length + 1)].Split('.') : null;
    }

    private DnsTarget[]? FindService(ServiceEntry service, string endpoint, string port, string protocol)
    {
        if (service.ExternalName?.TrimEnd('.') is { } external)
        {
            // An address is no name to stand for (CoreDNS takes none either), and what is neither leads nowhere.
            var leads = endpoint.Length + port.Length + protocol.Length == 0 && external.Length > 0 && !IpAddress.TryParse(external, out _) && DnsCodec.IsName(external);
            return leads ? [new(default, null, NameOf(service), external)] : null;
        }
        if (options.IgnoresEmptyServices && endpoint.Length == 0 && service.Ports.All(candidate => candidate.Ready.IsEmpty)) return null;
        var ports = service.Ports.Where(candidate => (port.Length == 0 || candidate.Name == port) && (protocol.Length == 0 || NameOf(candidate.Protocol) == protocol));
        // Endpoints have names of their own below any service: they are no privilege of headless ones.
        DnsTarget[] found = service.IsHeadless || endpoint.Length > 0
            ? [.. from candidate in ports
                  from ready in candidate.Ready
                  where endpoint.Length == 0 || HostnameOf(ready) == endpoint
                  select new DnsTarget(ready.Address, candidate.Port == 0 ? null : ready.Port, $"{HostnameOf(ready)}.{NameOf(service)}")]
            : [.. from candidate in ports.DistinctBy(candidate => (candidate.Name, candidate.Protocol, candidate.Port))
                  from address in service.ClusterIps
                  select new DnsTarget(address, candidate.Port, NameOf(service))];
        return found.Length == 0 ? null : found;
    }

    /// <summary>The address is in the name; with `pods verified` the namespace must have a pod that has it (kubernetes.go, findPods).</summary>
    private IReadOnlyList<DnsTarget>? FindPod(string label, string ns, NetworkTables tables)
    {
        if (options.PodRecords == PodRecords.Disabled || !tables.HasNamespace(ns)) return null;
        var v4 = label.Count(c => c == '-') == 3 && !label.Contains("--", StringComparison.Ordinal);
        if (!IpAddress.TryParse(label.Replace('-', v4 ? '.' : ':'), out var address)) return null;
        if (options.PodRecords == PodRecords.Verified && !tables.HasPod(address, ns)) return null;
        return [new(address, 0, $"{label}.{ns}.{Pods}.{options.ClusterDomain}")];
    }

    private string NameOf(ServiceEntry service) => string.Create(CultureInfo.InvariantCulture, $"{service.Name}.{service.Namespace}.{Services}.{options.ClusterDomain}");

    /// <summary>The label of an endpoint without a hostname: its address with dashes.</summary>
    private static string HostnameOf(ServiceEndpoint endpoint)
    {
        if (endpoint.Hostname.Length > 0) return endpoint.Hostname;
        var dashed = endpoint.Address.ToString().Replace('.', '-').Replace(':', '-');
        return dashed.EndsWith('-') ? dashed + "0" : dashed; // a label doesn't end with a dash
    }

    private static string WithoutUnderscore(string label) => label.StartsWith('_') ? label[1..] : label;

    private static string NameOf(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Udp => "udp",
        IpProtocol.Sctp => "sctp",
        _ => "tcp",
    };
}
