using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

internal enum ForwardPolicy
{
    Random,
    RoundRobin,
    Sequential,
}

/// <summary>One directive "forward" (plugin/forward/setup.go).</summary>
internal sealed record ForwardSettings
{
    private const int MostServers = 15;
    private const ushort DnsPort = 53;

    public required string From { get; init; }

    public required ImmutableArray<SocketAddress> To { get; init; }

    /// <summary>Zones below From that aren't handed on.</summary>
    public ImmutableArray<string> Except { get; init; } = [];

    public bool ForceTcp { get; init; }

    public bool PreferUdp { get; init; }

    public ForwardPolicy Policy { get; init; }

    /// <summary>0: any number.</summary>
    public int MaxConcurrent { get; init; }

    /// <summary>For one server's answer.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public static ForwardSettings Parse(CorefileDirective directive, PluginSetup setup)
    {
        if (directive.Arguments.Length < 2) throw directive.WrongArguments();
        var to = directive.Arguments[1..].SelectMany(word => Servers(directive, word, setup)).Distinct().ToImmutableArray();
        if (to.Length > MostServers) throw directive.Fault($"more than {MostServers} TOs configured: {to.Length}");
        var settings = new ForwardSettings { From = DnsZoneNames.Normalize(directive.Arguments[0])[0], To = to };
        return directive.Options.Aggregate(settings, (before, option) => before.With(directive, option));
    }

    private ForwardSettings With(CorefileDirective directive, CorefileLine option)
    {
        switch (option.Words[0])
        {
            case "except":
                return option.Arguments.IsEmpty ? throw directive.WrongArguments(option) : this with { Except = [.. Except, .. DnsZoneNames.Normalize(option.Arguments)] };
            case "force_tcp":
                return option.Arguments.IsEmpty ? this with { ForceTcp = true } : throw directive.WrongArguments(option);
            case "prefer_udp":
                return option.Arguments.IsEmpty ? this with { PreferUdp = true } : throw directive.WrongArguments(option);
            case "policy":
                return this with { Policy = PolicyOf(directive, option) };
            case "max_concurrent":
                return this with { MaxConcurrent = Number(directive, option, "max_concurrent") };
            case "max_fails" or "max_connect_attempts" or "max_idle_conns":
                Number(directive, option, option.Words[0]);
                return this;
            case "read_timeout":
                var timeout = PluginSetup.Duration(directive, Single(directive, option));
                return timeout > TimeSpan.Zero ? this with { ReadTimeout = timeout } : throw directive.Fault($"read_timeout must be positive: {option.Words[1]}");
            case "expire" or "max_age":
                PluginSetup.Duration(directive, Single(directive, option));
                return this;
            case "health_check":
                // Whoever doesn't answer costs a question two seconds each time: nobody is left out by how he was before.
                if (option.Arguments.IsEmpty) throw directive.WrongArguments(option);
                PluginSetup.Duration(directive, option.Words[1]);
                return this;
            case "tls" or "tls_servername" or "doh_method" or "next" or "next_on_nodata" or "failover" or "failfast_all_unhealthy_upstreams" or "resolver" or "source_address":
                throw directive.NotEmulated(option.Words[0]);
            default:
                throw directive.UnknownProperty(option);
        }
    }

    private static ForwardPolicy PolicyOf(CorefileDirective directive, CorefileLine option) => Single(directive, option) switch
    {
        "random" => ForwardPolicy.Random,
        "round_robin" => ForwardPolicy.RoundRobin,
        "sequential" => ForwardPolicy.Sequential,
        var other => throw directive.FaultAt(option.Number, $"unknown policy '{other}'"),
    };

    private static string Single(CorefileDirective directive, CorefileLine option) => option.Arguments.IsEmpty ? throw directive.WrongArguments(option) : option.Words[1];

    private static int Number(CorefileDirective directive, CorefileLine option, string name)
    {
        var text = Single(directive, option);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) throw directive.Fault($"strconv.Atoi: parsing \"{text}\": invalid syntax");
        return number >= 0 ? number : throw directive.Fault($"{name} can't be negative: {number}");
    }

    /// <summary>An address, with or without a port, or the name servers of a file like /etc/resolv.conf.</summary>
    private static IEnumerable<SocketAddress> Servers(CorefileDirective directive, string word, PluginSetup setup)
    {
        const string scheme = "dns://";
        var host = word.StartsWith(scheme, StringComparison.Ordinal) ? word[scheme.Length..] : word;
        if (host.Contains("://", StringComparison.Ordinal)) throw directive.NotEmulated($"forwarding to {host[..host.IndexOf("://", StringComparison.Ordinal)]}://");
        if (IpAddress.TryParse(host.Trim('[', ']'), out var address)) return [new(address, DnsPort)];
        var colon = host.LastIndexOf(':');
        if (colon > 0 && IpAddress.TryParse(host[..colon].Trim('[', ']'), out address) && ushort.TryParse(host[(colon + 1)..], out var port)) return [new(address, port)];
        try
        {
            var servers = ResolverConfiguration.Parse(setup.Read(host)).NameServers;
            return servers.IsEmpty ? throw directive.Fault($"no nameservers found in {host}") : servers.Select(server => new SocketAddress(server, DnsPort));
        }
        catch (IOException fault)
        {
            throw directive.Fault($"not an IP address or file \"{host}\": open {host}: {fault.Message.ToLowerInvariant()}");
        }
    }
}
