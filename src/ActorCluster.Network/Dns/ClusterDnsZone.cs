using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Dns;

/// <summary>What the cluster's DNS answers, given the tables: as CoreDNS with the Corefile of kubeadm (plugin/kubernetes/handler.go, plugin/backend_lookup.go). Pure.</summary>
public sealed class ClusterDnsZone(ClusterDnsOptions options)
{
    /// <summary>Aliases that one answer follows at most.</summary>
    private const int LongestChain = 11;

    /// <summary>Seconds that the version of the schema may be kept.</summary>
    private const uint VersionTimeToLive = 28800;
    private const string SchemaVersion = "1.1.0";

    private readonly ClusterDnsNames _names = new(options);

    /// <summary>The answer to a query; its Id and questions are the query's.</summary>
    public DnsMessage Answer(DnsMessage query, NetworkTables tables) =>
        Screen(query) ?? TryAnswer(query, tables) ?? Outside(query.Reply(DnsResponseCode.NoError), query.Questions[0]);

    /// <summary>What is wrong with a query before anybody looks for its name.</summary>
    /// <returns>Null: nothing; it has one question, of the Internet's class.</returns>
    public static DnsMessage? Screen(DnsMessage query)
    {
        if (query.OpCode != 0) return query.Reply(DnsResponseCode.NotImplemented);
        // A question has no answers in it; an authority record and two additional ones have their uses (as CoreDNS's library has it, acceptfunc.go).
        if (query.Questions.Length != 1 || query.Answers.Length > 1 || query.Authorities.Length > 1 || query.Additionals.Length > 2)
            return query.Reply(DnsResponseCode.FormatError);
        if (query.Questions[0].Class != DnsQuestion.Internet) return query.Reply(DnsResponseCode.Refused);
        return query.EdnsVersion != 0 ? query.Reply(DnsResponseCode.BadVersion) : null;
    }

    /// <summary>The answer to a query that <see cref="Screen"/> has nothing against.</summary>
    /// <returns>Null: the name is none of the cluster's, or isn't there and may be elsewhere.</returns>
    public DnsMessage? TryAnswer(DnsMessage query, NetworkTables tables)
    {
        var question = query.Questions[0];
        if (ZoneOf(question.Name) is not { } zone) return null;
        if (question.Type is DnsType.Axfr or DnsType.Ixfr) return query.Reply(DnsResponseCode.Refused);
        var found = Find(question, zone, tables);
        if (found is null && FallsThrough(question.Name)) return null;
        return query.Reply(found is not null ? DnsResponseCode.NoError : tables.IsEmpty ? DnsResponseCode.ServerFailure : DnsResponseCode.NameError) with
        {
            Authoritative = true,
            Answers = found?.Records ?? [],
            Authorities = found is null or { Records.Length: 0 } ? [Soa(zone, tables)] : [],
            Additionals = found?.Additionals ?? [],
        };
    }

    /// <returns>Null: there is no such name. Without records: there is, but it has none of this type.</returns>
    private Found? Find(DnsQuestion question, string zone, NetworkTables tables)
    {
        var (name, lower) = (question.Name, question.Name.ToLowerInvariant());
        var isApex = name.Length == zone.Length;
        switch (question.Type)
        {
            case DnsType.A or DnsType.Aaaa:
                return Resolve(name, question.Type, zone, tables, []) is { } addresses ? new([.. addresses]) : null;
            case DnsType.Txt:
                if (lower == $"dns-version.{options.ClusterDomain}") return new([new(name, VersionTimeToLive, new DnsData.Text([SchemaVersion]))]);
                return Targets(lower, zone, tables) is { Count: > 0 } ? new([]) : null; // of names that are only above others CoreDNS denies these
            case DnsType.Cname:
                return Targets(lower, zone, tables) is not { } targets ? null
                    : targets is [{ Alias: { } alias }, ..] ? new([new(name, options.TimeToLive, new DnsData.CanonicalName(alias))]) : new([]);
            case DnsType.Ptr when TryParseReverse(lower, out var address):
                var pointers = _names.NamesOf(address, tables).Select(pointer => new DnsRecord(name, options.TimeToLive, new DnsData.Pointer(pointer))).ToImmutableArray();
                return pointers.IsEmpty ? null : new(pointers);
            case DnsType.Srv:
                return Targets(lower, zone, tables) is { } services ? OfServices(name, [.. services.Where(service => service.Alias is null)]) : null;
            case DnsType.Soa:
                return isApex ? new([Soa(name, tables)]) : new([]);
            case DnsType.Ns when isApex:
                var servers = _names.NameServers(zone, tables);
                return new(
                    [.. servers.Select(server => server.Owner).Distinct().Select(owner => new DnsRecord(name, options.TimeToLive, new DnsData.NameServer(owner)))],
                    [.. servers.Select(server => new DnsRecord(server.Owner, options.TimeToLive, new DnsData.Address(server.Address)))]);
            default:
                return Targets(lower, zone, tables) is null ? null : new([]);
        }
    }

    private IReadOnlyList<DnsTarget>? Targets(string lower, string zone, NetworkTables tables)
    {
        var lowerZone = zone.ToLowerInvariant();
        if (lower == $"ns.dns.{lowerZone}") return _names.NameServers(zone, tables);
        return lower == lowerZone ? [] : _names.Find(lower, tables);
    }

    /// <summary>The addresses of a name with the aliases that lead to them. An alias that leads nowhere inside the zone isn't told.</summary>
    private List<DnsRecord>? Resolve(string name, DnsType type, string zone, NetworkTables tables, ImmutableList<(string Name, string Alias)> before)
    {
        if (Targets(name.ToLowerInvariant(), zone, tables) is not { } targets) return null;
        var records = new List<DnsRecord>();
        foreach (var target in targets)
        {
            if (target.Alias is not { } alias)
            {
                var record = new DnsRecord(name, options.TimeToLive, new DnsData.Address(target.Address));
                if (record.Data.Type == type && !records.Contains(record)) records.Add(record);
                continue;
            }
            var step = (name.ToLowerInvariant(), alias.ToLowerInvariant());
            // Neither in circles nor without end.
            if (ClusterDnsNames.Below(step.Item2, step.Item1) is not null || before.Count >= LongestChain || before.Contains(step)) continue;
            if (ClusterDnsNames.Below(step.Item2, zone.ToLowerInvariant()) is null)
                records.AddRange([Alias(name, alias), .. OutsideAddresses(alias, type)]);
            else if (Resolve(alias, type, zone, tables, before.Add(step)) is { Count: > 0 } further)
                records.AddRange([Alias(name, alias), .. further]);
        }
        return records;
    }

    /// <summary>SRV: one for the service's own name and port, or for a headless service one for each endpoint; all have an equal share of the weight.</summary>
    private Found OfServices(string name, DnsTarget[] targets)
    {
        var weight = (ushort)Math.Max(1, 100 / Math.Max(1, targets.Length));
        return new(
            [.. targets.Where(target => target.Port is not null).Select(target => (target.Owner, target.Port)).Distinct()
                .Select(target => new DnsRecord(name, options.TimeToLive, new DnsData.Service(0, weight, target.Port!.Value, target.Owner)))],
            [.. targets.Where(target => target.Port is not null).Select(target => (target.Owner, target.Address)).Distinct()
                .Select(target => new DnsRecord(target.Owner, options.TimeToLive, new DnsData.Address(target.Address)))]);
    }

    /// <summary>What is not the cluster's: the names outside that its user gave it, and no others.</summary>
    private DnsMessage Outside(DnsMessage response, DnsQuestion question)
    {
        var lower = question.Name.ToLowerInvariant();
        ImmutableArray<DnsRecord> answers = question.Type == DnsType.Ptr && TryParseReverse(lower, out var address)
            ? [.. options.OutsideNames.Where(name => name.Value.Contains(address)).Select(name => name.Key).Order(StringComparer.Ordinal)
                .Select(name => new DnsRecord(question.Name, options.TimeToLive, new DnsData.Pointer(name)))]
            : [.. OutsideAddresses(question.Name, question.Type)];
        return response with
        {
            RecursionAvailable = true,
            ResponseCode = answers.Length > 0 || lower.Length == 0 || options.OutsideNames.ContainsKey(lower) ? DnsResponseCode.NoError : DnsResponseCode.NameError,
            Answers = answers,
            Authorities = answers.IsEmpty ? [RootSoa()] : [],
        };
    }

    private IEnumerable<DnsRecord> OutsideAddresses(string name, DnsType type) =>
        options.OutsideNames.TryGetValue(name.ToLowerInvariant(), out var addresses)
            ? addresses.Select(address => new DnsRecord(name, options.TimeToLive, new DnsData.Address(address))).Where(record => record.Data.Type == type)
            : [];

    /// <returns>The zone that the name is in, in the name's own letters; null if it is none of the cluster's.</returns>
    private string? ZoneOf(string name)
    {
        var lower = name.ToLowerInvariant();
        foreach (var zone in options.Zones)
            if (ClusterDnsNames.Below(lower, zone) is not null) return name[^zone.Length..];
        return null;
    }

    private bool FallsThrough(string name) => options.FallThrough.Any(zone => zone.Length == 0 || ClusterDnsNames.Below(name.ToLowerInvariant(), zone) is not null);

    /// <summary>The address whose name this is, below in-addr.arpa or ip6.arpa; lower case.</summary>
    public static bool TryParseReverse(string name, out IpAddress address)
    {
        address = default;
        if (ClusterDnsNames.Below(name, "in-addr.arpa") is { Length: 4 } bytes) return IpAddress.TryParse(string.Join('.', bytes.Reverse()), out address);
        if (ClusterDnsNames.Below(name, "ip6.arpa") is not { Length: 32 } nibbles || !nibbles.All(nibble => nibble.Length == 1)) return false;
        var digits = string.Concat(nibbles.Reverse());
        if (!ulong.TryParse(digits.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(digits.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)) return false;
        address = new(high, low);
        return true;
    }

    private DnsRecord Alias(string name, string target) => new(name, options.TimeToLive, new DnsData.CanonicalName(target));

    /// <summary>Of the zone and its negative answers (RFC 2308): how long they may be kept is its minimum. The serial is the time of the last change.</summary>
    private DnsRecord Soa(string zone, NetworkTables tables) => new(zone, Math.Min(options.TimeToLive, 300), new DnsData.StartOfAuthority(
        $"ns.dns.{zone}", $"hostmaster.{zone}", (uint)tables.Modified.ToUnixTimeSeconds(), 7200, 1800, 86400, options.TimeToLive));

    private DnsRecord RootSoa() => new("", options.TimeToLive, new DnsData.StartOfAuthority("a.root-servers.net", "nstld.verisign-grs.com", 1, 1800, 900, 604800, 86400));

    private sealed record Found(ImmutableArray<DnsRecord> Records, ImmutableArray<DnsRecord> Additionals)
    {
        public Found(ImmutableArray<DnsRecord> records) : this(records, []) { }
    }
}
