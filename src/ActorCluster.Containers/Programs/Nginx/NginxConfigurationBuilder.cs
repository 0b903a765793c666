using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Gives directives their meaning: checks each one's place and arguments and makes the configuration of them.</summary>
/// <param name="resolve">Names to addresses, for upstream servers; empty for an unknown name.</param>
internal sealed class NginxConfigurationBuilder(Func<string, Task<IReadOnlyList<IpAddress>>> resolve, TimeProvider clock)
{
    private readonly Dictionary<string, NginxUpstream> _upstreams = [];
    private readonly Dictionary<string, NginxTemplate> _logFormats = new() { ["combined"] = NginxTemplate.Combined };
    private readonly HashSet<string> _variables = [];

    /// <exception cref="NginxConfigException"/>
    public async Task<NginxConfiguration> BuildAsync(ImmutableArray<NginxDirective> main)
    {
        foreach (var directive in main) NginxDirectiveTable.Check(directive, NginxContexts.Main);
        if (main.FirstOrDefault(directive => directive.Name == "events") is not { } events) throw new NginxConfigException("no \"events\" section in configuration");
        foreach (var directive in events.Block!.Value) NginxDirectiveTable.Check(directive, NginxContexts.Events);

        var errorLog = Last(main, "error_log")?.Arguments;
        var pidFile = Last(main, "pid")?.Arguments[0] ?? "/run/nginx.pid";
        var servers = ImmutableArray.CreateBuilder<NginxServer>();
        foreach (var http in main.Where(directive => directive.Name == "http"))
        {
            servers.AddRange(await BuildHttpAsync(http));
        }
        return new NginxConfiguration(
            servers.ToImmutable(),
            errorLog?[0] ?? "/var/log/nginx/error.log",
            errorLog is [_, var level] ? NginxArguments.Level(level, Last(main, "error_log")!) : NginxLogLevel.Error,
            pidFile);
    }

    private async Task<IReadOnlyList<NginxServer>> BuildHttpAsync(NginxDirective http)
    {
        var block = http.Block!.Value;
        foreach (var directive in block) NginxDirectiveTable.Check(directive, NginxContexts.Http);
        // Both may be used before they are defined.
        foreach (var format in block.Where(directive => directive.Name == "log_format"))
        {
            var parts = format.Arguments.Skip(1).Where(part => !part.StartsWith("escape=", StringComparison.Ordinal));
            _logFormats[format.Arguments[0]] = NginxTemplate.Parse(string.Concat(parts));
        }
        CollectVariables(block);
        foreach (var upstream in block.Where(directive => directive.Name == "upstream"))
        {
            if (!_upstreams.TryAdd(upstream.Arguments[0], await BuildUpstreamAsync(upstream))) throw upstream.Fault($"duplicate upstream \"{upstream.Arguments[0]}\"");
        }

        var settings = NginxSettingsReader.Read(new NginxSettings(), block, _logFormats, Template);
        var servers = new List<NginxServer>();
        foreach (var server in block.Where(directive => directive.Name == "server"))
        {
            servers.Add(await BuildServerAsync(server, settings, servers));
        }
        return servers;
    }

    private void CollectVariables(IEnumerable<NginxDirective> directives)
    {
        foreach (var directive in directives)
        {
            if (directive.Name == "set" && directive.Arguments is [var name, _])
            {
                if (!name.StartsWith('$')) throw directive.Fault($"invalid variable name \"{name}\"");
                _variables.Add(name[1..]);
            }
            if (directive.Name is "location" or "server_name")
            {
                foreach (var pattern in directive.Arguments) _variables.UnionWith(NginxArguments.GroupNames(pattern));
            }
            if (directive.Block is { } block) CollectVariables(block);
        }
    }

    private async Task<NginxServer> BuildServerAsync(NginxDirective server, NginxSettings inherited, IReadOnlyList<NginxServer> before)
    {
        var block = server.Block!.Value;
        foreach (var directive in block) NginxDirectiveTable.Check(directive, NginxContexts.Server);
        var listens = block.Where(directive => directive.Name == "listen").SelectMany(NginxArguments.Listen).ToImmutableArray();
        if (listens.IsEmpty) listens = [new NginxListen(new SocketAddress(IpAddress.AnyV4, 80), IsDefault: false)];
        foreach (var listen in block.Where(directive => directive.Name == "listen").SelectMany(directive => NginxArguments.Listen(directive).Select(parsed => (directive, parsed))))
        {
            if (listen.parsed.IsDefault && before.Any(other => other.Listens.Contains(listen.parsed)))
            {
                throw listen.directive.Fault($"a duplicate default server for {listen.parsed.Address}");
            }
        }
        var names = block.Where(directive => directive.Name == "server_name")
            .SelectMany(directive => directive.Arguments.Select(name => new NginxServerName(name, name.StartsWith('~') ? NginxArguments.Regex(name[1..], false, directive) : null)))
            .ToImmutableArray();
        var root = await BuildLocationAsync(server, NginxMatch.Prefix, "", null, inherited, NginxContexts.Server);
        return new NginxServer(listens, names, root);
    }

    private async Task<NginxLocation> BuildLocationAsync(
        NginxDirective owner, NginxMatch match, string pattern, System.Text.RegularExpressions.Regex? regex, NginxSettings inherited, NginxContexts context)
    {
        var block = owner.Block!.Value;
        foreach (var directive in block) NginxDirectiveTable.Check(directive, context);
        var settings = NginxSettingsReader.Read(inherited, block, _logFormats, Template);
        var children = ImmutableArray.CreateBuilder<NginxLocation>();
        foreach (var child in block.Where(directive => directive.Name == "location"))
        {
            var (childMatch, childPattern, childRegex) = NginxArguments.Location(child);
            if (children.Any(other => other.Match != NginxMatch.Regex && other.Match == childMatch && other.Pattern == childPattern))
            {
                throw child.Fault($"duplicate location \"{childPattern}\"");
            }
            children.Add(await BuildLocationAsync(child, childMatch, childPattern, childRegex, settings, NginxContexts.Location));
        }
        return new NginxLocation(match, pattern, regex, settings)
        {
            Children = children.ToImmutable(),
            Return = block.FirstOrDefault(directive => directive.Name == "return") is { } answer ? NginxArguments.Return(answer, Template) : null,
            TryFiles = Last(block, "try_files") is { } tries ? [.. tries.Arguments.Select(argument => Template(argument, tries))] : [],
            Variables = [.. block.Where(directive => directive.Name == "set").Select(set => (set.Arguments[0][1..], Template(set.Arguments[1], set)))],
            IsInternal = block.Any(directive => directive.Name == "internal"),
            StubStatus = block.Any(directive => directive.Name == "stub_status"),
            ProxyPass = Last(block, "proxy_pass") is { } pass ? await BuildProxyPassAsync(pass, match) : null,
        };
    }

    private async Task<NginxProxyPass> BuildProxyPassAsync(NginxDirective pass, NginxMatch match)
    {
        var url = Template(pass.Arguments[0], pass);
        if (url.HasVariables) return new NginxProxyPass(url, null, "", null);
        var (authority, uri) = NginxArguments.ProxyUrl(url.Source) ?? throw pass.Fault("invalid URL prefix");
        if (uri is not null && match is NginxMatch.Regex or NginxMatch.Named)
        {
            throw pass.Fault("\"proxy_pass\" cannot have URI part in location given by regular expression, or inside named location, or inside \"if\" statement, or inside \"limit_except\" block");
        }
        var upstream = _upstreams.TryGetValue(authority, out var known)
            ? known
            : new NginxUpstream(authority, [.. await ResolvePeersAsync(authority, new NginxPeerOptions(), pass)], clock);
        return new NginxProxyPass(url, upstream, authority, uri);
    }

    private async Task<NginxUpstream> BuildUpstreamAsync(NginxDirective upstream)
    {
        var peers = ImmutableArray.CreateBuilder<NginxPeer>();
        foreach (var directive in upstream.Block!.Value)
        {
            NginxDirectiveTable.Check(directive, NginxContexts.Upstream);
            if (directive.Name == "server") peers.AddRange(await ResolvePeersAsync(directive.Arguments[0], NginxArguments.Peer(directive), directive));
        }
        if (peers.Count == 0) throw upstream.Fault("no servers are inside upstream");
        return new NginxUpstream(upstream.Arguments[0], peers.ToImmutable(), clock);
    }

    private async Task<IEnumerable<NginxPeer>> ResolvePeersAsync(string authority, NginxPeerOptions options, NginxDirective directive)
    {
        var (host, port) = NginxArguments.HostAndPort(authority) ?? throw directive.Fault($"invalid port in upstream \"{authority}\"");
        var addresses = await resolve(host);
        if (addresses.Count == 0) throw directive.Fault($"host not found in upstream \"{authority}\"");
        return addresses.Select(address => new NginxPeer(new SocketAddress(address, port), options));
    }

    private NginxTemplate Template(string text, NginxDirective directive)
    {
        var template = NginxTemplate.Parse(text);
        if (template.Variables.FirstOrDefault(name => !NginxVariables.IsKnown(name) && !_variables.Contains(name)) is { } unknown)
        {
            throw directive.Fault($"unknown \"{unknown}\" variable");
        }
        return template;
    }

    private static NginxDirective? Last(ImmutableArray<NginxDirective> block, string name) => block.LastOrDefault(directive => directive.Name == name);
}
