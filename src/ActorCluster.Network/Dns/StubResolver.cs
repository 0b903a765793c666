using System.Globalization;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Dns;

/// <summary>A program's resolver, as libc's: /etc/hosts, then the name servers of /etc/resolv.conf with its search list and ndots.</summary>
/// <param name="resolvConf">The text of /etc/resolv.conf.</param>
/// <param name="hosts">The text of /etc/hosts.</param>
public sealed class StubResolver(INetworkNamespace network, string resolvConf, string hosts, SimulationContext simulation)
{
    private const int LongestChain = 8;
    private const ushort DnsPort = 53;

    private readonly HostsFile _hosts = new(hosts);
    private readonly DnsTransport _transport = new(network, simulation.Clock, simulation.Random.Child($"resolver/{string.Join(',', network.Addresses)}"));

    /// <summary>What /etc/resolv.conf said.</summary>
    public ResolverConfiguration Configuration { get; } = ResolverConfiguration.Parse(resolvConf);

    /// <summary>Is told each server's answer as it comes, and that none came; from any thread.</summary>
    public Action<ServerAnswer>? Observer { get; init; }

    /// <summary>All addresses of a name, in the order in which they are to be tried (<see cref="AddressOrder"/>); an address written as text is its own answer.</summary>
    /// <exception cref="DnsFaultException">NotFound, TryAgain, ServerFailure.</exception>
    public async Task<IReadOnlyList<IpAddress>> ResolveAsync(string name, CancellationToken cancellationToken = default) =>
        (await LookUpAsync(name, cancellationToken)).Addresses;

    /// <summary>The same with the name that the addresses are under: the one that was found by the search list, and where its aliases lead; or the first of its line in /etc/hosts.</summary>
    /// <exception cref="DnsFaultException">NotFound, TryAgain, ServerFailure.</exception>
    public async Task<ResolvedName> LookUpAsync(string name, CancellationToken cancellationToken = default)
    {
        if (IpAddress.TryParse(name, out var literal)) return new(name, [literal]);
        var known = _hosts.AddressesOf(name.TrimEnd('.')).ToArray();
        if (known.Length > 0) return new(_hosts.CanonicalNameOf(name.TrimEnd('.')) ?? name, Sorted(known));
        var failed = false;
        foreach (var candidate in Candidates(name))
        {
            var answers = await Task.WhenAll(AddressesAsync(candidate, DnsType.A, cancellationToken), AddressesAsync(candidate, DnsType.Aaaa, cancellationToken));
            IpAddress[] addresses = [.. answers.SelectMany(answer => answer.Addresses)];
            if (addresses.Length > 0) return new(answers.First(answer => answer.Addresses.Length > 0).Name, Sorted(addresses));
            failed |= answers.Any(answer => answer.Failed);
        }
        // As glibc's res_search: a failure on the way counts only if nothing else was found.
        throw new DnsFaultException(failed ? DnsFault.ServerFailure : DnsFault.NotFound, name);
    }

    /// <summary>The name of an address: /etc/hosts, then PTR.</summary>
    /// <exception cref="DnsFaultException">NotFound, TryAgain, ServerFailure.</exception>
    public async Task<string> ReverseAsync(IpAddress address, CancellationToken cancellationToken = default)
    {
        if (_hosts.NameOf(address) is { } known) return known;
        var answer = await QueryAsync(ReverseName(address), DnsType.Ptr, cancellationToken: cancellationToken);
        if (answer.Message.Answers.Select(record => record.Data).OfType<DnsData.Pointer>().FirstOrDefault() is { } pointer) return pointer.Target;
        throw new DnsFaultException(IsFailure(answer.Message.ResponseCode) ? DnsFault.ServerFailure : DnsFault.NotFound, address.ToString());
    }

    /// <summary>One question to the name servers: what nslookup and dig do. Negative answers are answers, not exceptions.</summary>
    /// <returns>With a search list, the first answer that found the name; if none did, the last one.</returns>
    /// <exception cref="DnsFaultException">TryAgain: no server answered. NotFound: this can't be a name.</exception>
    public async Task<DnsAnswer> QueryAsync(string name, DnsType type, DnsQueryOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= DnsQueryOptions.Default;
        DnsAnswer? answer = null;
        foreach (var candidate in options.Search ? Candidates(name) : Absolute(name))
        {
            answer = await AskAsync(new(candidate, type), options, cancellationToken);
            if (answer.Message.ResponseCode == DnsResponseCode.NoError) break;
        }
        return answer ?? throw new DnsFaultException(DnsFault.NotFound, name);
    }

    /// <summary>The name that PTR records of an address are under.</summary>
    public static string ReverseName(IpAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.WriteBytes(bytes);
        var labels = new List<string>();
        for (var i = length - 1; i >= 0; i--)
        {
            if (length == 4) labels.Add(bytes[i].ToString(CultureInfo.InvariantCulture));
            else labels.AddRange([(bytes[i] & 0xf).ToString("x", CultureInfo.InvariantCulture), (bytes[i] >> 4).ToString("x", CultureInfo.InvariantCulture)]);
        }
        return string.Join('.', labels) + (length == 4 ? ".in-addr.arpa" : ".ip6.arpa");
    }

    private IReadOnlyList<IpAddress> Sorted(IpAddress[] addresses) => AddressOrder.Sort(addresses, network.Addresses);

    /// <returns>The addresses with the name that they are under at last.</returns>
    private async Task<(string Name, IpAddress[] Addresses, bool Failed)> AddressesAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        for (var i = 0; i < LongestChain; i++)
        {
            var message = (await AskAsync(new(name, type), DnsQueryOptions.Default, cancellationToken)).Message;
            if (message.ResponseCode != DnsResponseCode.NoError) return (name, [], IsFailure(message.ResponseCode));
            // The answer may hold a chain of aliases, in any order, with the addresses of the last.
            var target = name;
            for (var j = 0; j < LongestChain && Alias(message, target) is { } alias; j++) target = alias;
            IpAddress[] addresses = [.. message.Answers.Where(record => Same(record.Name, target)).Select(record => record.Data).OfType<DnsData.Address>()
                .Where(address => address.Type == type).Select(address => address.Value)];
            if (addresses.Length > 0 || Same(target, name)) return (target, addresses, false);
            name = target; // this server doesn't know the alias's addresses: ask for them
        }
        return (name, [], false);
    }

    private async Task<DnsAnswer> AskAsync(DnsQuestion question, DnsQueryOptions options, CancellationToken cancellationToken)
    {
        var servers = options.Server is { } given ? [given] : Configuration.NameServers.IsEmpty
            ? [new SocketAddress(IpAddress.LoopbackV4, DnsPort)] // resolv.conf(5)
            : Configuration.NameServers.Select(server => new SocketAddress(server, DnsPort)).ToArray();
        DnsAnswer? failure = null;
        for (var attempt = 0; attempt < (options.Attempts ?? Configuration.Attempts); attempt++)
        {
            foreach (var server in servers)
            {
                var answer = await _transport.AskAsync(server, question, options.RecursionDesired, options.Tcp, options.Timeout ?? Configuration.Timeout, cancellationToken);
                Observer?.Invoke(new(question, server, answer?.Message));
                if (answer is not null && !IsFailure(answer.Message.ResponseCode)) return answer;
                failure = answer ?? failure; // another server may do better
            }
            if (failure is not null) return failure;
        }
        throw new DnsFaultException(DnsFault.TryAgain, question.Name);
    }

    /// <summary>The names to try, in order (resolv.conf(5), ndots).</summary>
    private IEnumerable<string> Candidates(string name)
    {
        if (name.EndsWith('.')) return Absolute(name);
        var searched = Configuration.Search.Select(domain => domain.Length == 0 ? name : $"{name}.{domain}");
        var all = name.Count(c => c == '.') >= Configuration.NDots ? searched.Prepend(name) : searched.Append(name);
        return all.Where(candidate => candidate.Length > 0 && DnsCodec.IsName(candidate)).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Absolute(string name)
    {
        var absolute = name.EndsWith('.') ? name[..^1] : name;
        return DnsCodec.IsName(absolute) ? [absolute] : [];
    }

    private static string? Alias(DnsMessage message, string name) =>
        message.Answers.Where(record => Same(record.Name, name)).Select(record => record.Data).OfType<DnsData.CanonicalName>().FirstOrDefault()?.Target;

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private static bool IsFailure(DnsResponseCode code) => code is not (DnsResponseCode.NoError or DnsResponseCode.NameError);
}

/// <param name="CanonicalName">What getaddrinfo calls ai_canonname.</param>
public sealed record ResolvedName(string CanonicalName, IReadOnlyList<IpAddress> Addresses);
