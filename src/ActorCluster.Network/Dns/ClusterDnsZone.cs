using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>What the cluster's DNS answers, given the tables (https://github.com/kubernetes/dns/blob/master/docs/specification.md). Pure.</summary>
public sealed class ClusterDnsZone(ClusterDnsOptions options)
{
    /// <summary>Aliases that one answer follows at most; a chain that is longer, or a loop, ends there.</summary>
    private const int LongestChain = 8;

    private readonly string _services = $"svc.{options.ClusterDomain}";
    private readonly string _pods = $"pod.{options.ClusterDomain}";

    /// <summary>The answer to a query; its Id and questions are the query's.</summary>
    public DnsMessage Answer(DnsMessage query, NetworkTables tables)
    {
        var response = new DnsMessage
        {
            Id = query.Id,
            IsResponse = true,
            OpCode = query.OpCode,
            RecursionDesired = query.RecursionDesired,
            RecursionAvailable = true,
            Questions = query.Questions,
            UdpPayloadSize = query.UdpPayloadSize is null ? null : 4096,
        };
        if (query.OpCode != 0) return response with { ResponseCode = DnsResponseCode.NotImplemented };
        // A question has no answers in it; an authority record and two additional ones have their uses (as CoreDNS's library has it, acceptfunc.go).
        if (query.Questions.Length != 1 || query.Answers.Length > 1 || query.Authorities.Length > 1 || query.Additionals.Length > 2)
            return response with { ResponseCode = DnsResponseCode.FormatError };
        if (query.EdnsVersion != 0) return response with { ResponseCode = DnsResponseCode.BadVersion };
        if (query.Questions[0].Class != DnsQuestion.Internet) return response with { ResponseCode = DnsResponseCode.Refused };

        var (name, type) = (query.Questions[0].Name, query.Questions[0].Type);
        var (answers, additionals) = (ImmutableArray.CreateBuilder<DnsRecord>(), ImmutableArray.CreateBuilder<DnsRecord>());
        var found = Find(name, type, tables);
        for (var i = 0; i < LongestChain && found is { Alias: { } alias } && type != DnsType.Cname; i++)
        {
            answers.Add(new(name, options.TimeToLive, new DnsData.CanonicalName(alias)));
            (name, found) = (alias, Find(alias, type, tables));
        }
        if (found is { Alias: { } last }) answers.Add(new(name, options.TimeToLive, new DnsData.CanonicalName(last)));
        else if (found is not null) answers.AddRange(found.Records.Where(record => type == DnsType.Any || record.Data.Type == type));
        if (found is not null && type == DnsType.Srv) additionals.AddRange(found.Additionals);
        return response with
        {
            Authoritative = IsOurs(query.Questions[0].Name),
            // An alias that leads nowhere is still an answer to who asks for it (RFC 1034, 3.6.2), and so is a name that has other records.
            ResponseCode = found is null ? DnsResponseCode.NameError : DnsResponseCode.NoError,
            Answers = answers.ToImmutable(),
            Authorities = answers.Count == 0 ? [Soa(IsOurs(name))] : [],
            Additionals = additionals.ToImmutable(),
        };
    }

    /// <returns>Null: there is no such name.</returns>
    private Found? Find(string name, DnsType type, NetworkTables tables)
    {
        var lower = name.ToLowerInvariant();
        if (Below(lower, _services) is { } service) return FindService(name, service, type, tables);
        if (Below(lower, _pods) is { } pod) return FindPod(name, pod, tables);
        if (lower == options.ClusterDomain) return new([Soa(ours: true)]);
        if (lower == "dns-version." + options.ClusterDomain) return new([new(name, options.TimeToLive, new DnsData.Text(["1.1.0"]))]);
        if (TryParseReverse(lower, out var address)) return FindReverse(name, address, tables);
        return options.OutsideNames.TryGetValue(lower, out var outside) ? new(Addresses(name, outside)) : null;
    }

    private Found? FindService(string name, string[] labels, DnsType type, NetworkTables tables) => labels switch
    {
        [] => new([]),
        [var ns] => NamespaceExists(ns, tables) ? new([]) : null,
        [var svc, var ns] => tables.TryGetService(ns, svc, out var service) ? OfService(name, service, type) : null,
        [var host, var svc, var ns] when !host.StartsWith('_') => tables.TryGetService(ns, svc, out var service) ? OfEndpoint(name, service, host) : null,
        [var port, var protocol, var svc, var ns] when port.StartsWith('_') && protocol.StartsWith('_') =>
            tables.TryGetService(ns, svc, out var service) ? OfNamedPort(name, service, port[1..], protocol[1..], type) : null,
        _ => null,
    };

    private Found? OfService(string name, ServiceEntry service, DnsType type)
    {
        // An address is no name to stand for (CoreDNS takes none either), and what is neither leads nowhere.
        if (service.ExternalName?.TrimEnd('.') is { } external) return IpAddress.TryParse(external, out _) || external.Length == 0 || !DnsCodec.IsName(external) ? null : new([], Alias: external);
        if (service.IsHeadless && service.Ports.All(port => port.Ready.IsEmpty)) return null; // the specification, 2.4: no ready endpoints, no name
        if (!service.IsHeadless)
        {
            var addresses = Addresses(name, service.ClusterIps);
            return type != DnsType.Srv ? new(addresses) : OfPorts(name, service, service.Ports);
        }
        return type == DnsType.Srv
            ? OfPorts(name, service, service.Ports)
            : new(Addresses(name, service.Ports.SelectMany(port => port.Ready).Select(endpoint => endpoint.Address).Distinct()));
    }

    private Found? OfNamedPort(string name, ServiceEntry service, string port, string protocol, DnsType type)
    {
        var ports = service.Ports.Where(candidate => candidate.Name == port && ProtocolName(candidate.Protocol) == protocol && candidate.Port != 0).ToArray();
        if (ports.Length == 0 || (service.IsHeadless && ports.All(candidate => candidate.Ready.IsEmpty))) return null;
        if (type == DnsType.Srv) return OfPorts(name, service, ports);
        return new(Addresses(name, service.IsHeadless ? ports.SelectMany(candidate => candidate.Ready).Select(endpoint => endpoint.Address).Distinct() : service.ClusterIps));
    }

    /// <summary>SRV: one for the service's own name, or for a headless service one for each endpoint.</summary>
    private Found OfPorts(string name, ServiceEntry service, IEnumerable<ServicePort> ports)
    {
        var (records, additionals) = (new List<DnsRecord>(), new List<DnsRecord>());
        var own = $"{service.Name}.{service.Namespace}.{_services}";
        foreach (var port in ports.Where(port => port.Port != 0))
        {
            if (!service.IsHeadless)
            {
                records.Add(Srv(name, port.Port, own));
                continue;
            }
            foreach (var endpoint in port.Ready)
            {
                var target = $"{EndpointName(endpoint)}.{own}";
                records.Add(Srv(name, endpoint.Port, target));
                additionals.AddRange(Addresses(target, [endpoint.Address]));
            }
        }
        if (!service.IsHeadless) additionals.AddRange(Addresses(own, service.ClusterIps));
        return new([.. records.Distinct()], [.. additionals.Distinct()]);
    }

    private Found? OfEndpoint(string name, ServiceEntry service, string host)
    {
        // Of any service that has endpoints, as CoreDNS does: names of single endpoints are no privilege of headless ones.
        var addresses = service.Ports.SelectMany(port => port.Ready).Where(endpoint => EndpointName(endpoint) == host).Select(endpoint => endpoint.Address).Distinct().ToArray();
        return addresses.Length == 0 ? null : new(Addresses(name, addresses));
    }

    /// <summary>As CoreDNS with `pods insecure`: the address is in the name, whether such a pod exists or not.</summary>
    private Found? FindPod(string name, string[] labels, NetworkTables tables) => labels switch
    {
        [] => new([]),
        [var ns] => NamespaceExists(ns, tables) ? new([]) : null,
        [var dashed, _] when TryParseDashed(dashed, out var address) => new(Addresses(name, [address])),
        _ => null,
    };

    private Found? FindReverse(string name, IpAddress address, NetworkTables tables)
    {
        if (tables.TryGetClusterIp(address, out var service)) return new([Ptr(name, $"{service.Name}.{service.Namespace}.{_services}")]);
        var names = tables.EndpointNames(address);
        return names.IsEmpty ? null : new([.. names.Select(endpoint => Ptr(name, $"{endpoint}.{_services}"))]);
    }

    private bool IsOurs(string name) => Below(name.ToLowerInvariant(), options.ClusterDomain) is not null || TryParseReverse(name.ToLowerInvariant(), out _);

    private static bool NamespaceExists(string ns, NetworkTables tables) => tables.Services.Any(service => service.Namespace == ns);

    /// <summary>The labels of a name in front of a suffix; null if it doesn't end so.</summary>
    private static string[]? Below(string name, string suffix)
    {
        if (name == suffix) return [];
        return name.EndsWith("." + suffix, StringComparison.Ordinal) ? name[..^(suffix.Length + 1)].Split('.') : null;
    }

    /// <summary>The label of an endpoint without a hostname: its address with dashes.</summary>
    private static string EndpointName(ServiceEndpoint endpoint) =>
        endpoint.Hostname.Length > 0 ? endpoint.Hostname : endpoint.Address.ToString().Replace('.', '-').Replace(':', '-');

    private static bool TryParseDashed(string label, out IpAddress address) =>
        IpAddress.TryParse(label.Replace('-', '.'), out address) || IpAddress.TryParse(label.Replace('-', ':'), out address);

    private static bool TryParseReverse(string name, out IpAddress address)
    {
        address = default;
        if (Below(name, "in-addr.arpa") is { Length: 4 } bytes) return IpAddress.TryParse(string.Join('.', bytes.Reverse()), out address);
        if (Below(name, "ip6.arpa") is not { Length: 32 } nibbles || !nibbles.All(nibble => nibble.Length == 1)) return false;
        var digits = string.Concat(nibbles.Reverse());
        if (!ulong.TryParse(digits.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(digits.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)) return false;
        address = new(high, low);
        return true;
    }

    private static string ProtocolName(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Udp => "udp",
        IpProtocol.Sctp => "sctp",
        _ => "tcp",
    };

    private ImmutableArray<DnsRecord> Addresses(string name, IEnumerable<IpAddress> addresses) =>
        [.. addresses.Select(address => new DnsRecord(name, options.TimeToLive, new DnsData.Address(address)))];

    private DnsRecord Srv(string name, ushort port, string target) => new(name, options.TimeToLive, new DnsData.Service(0, 100, port, target));

    private DnsRecord Ptr(string name, string target) => new(name, options.TimeToLive, new DnsData.Pointer(target));

    /// <summary>Of negative answers (RFC 2308): how long they may be kept is its minimum.</summary>
    private DnsRecord Soa(bool ours)
    {
        var zone = ours ? options.ClusterDomain : "";
        return new(zone, options.TimeToLive, new DnsData.StartOfAuthority(
            ours ? $"ns.dns.{zone}" : "a.root-servers.net", ours ? $"hostmaster.{zone}" : "nstld.verisign-grs.com", 1, 7200, 1800, 86400, options.TimeToLive));
    }

    /// <param name="Alias">The name it stands for, if it is an alias.</param>
    private sealed record Found(ImmutableArray<DnsRecord> Records, ImmutableArray<DnsRecord> Additionals, string? Alias = null)
    {
        public Found(ImmutableArray<DnsRecord> records, string? Alias = null) : this(records, [], Alias) { }
    }
}
