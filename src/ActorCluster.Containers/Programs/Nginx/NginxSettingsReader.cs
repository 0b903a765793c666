using System.Collections.Immutable;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The settings of a block: the parent's, overridden by its own directives. Directives that may repeat are inherited only if the block has none.</summary>
internal static class NginxSettingsReader
{
    public static NginxSettings Read(
        NginxSettings inherited,
        ImmutableArray<NginxDirective> block,
        IReadOnlyDictionary<string, NginxTemplate> logFormats,
        Func<string, NginxDirective, NginxTemplate> template)
    {
        var settings = inherited;
        foreach (var group in block.Where(directive => directive.Block is null || directive.Name == "types").GroupBy(directive => directive.Name))
        {
            var last = group.Last();
            string Argument() => last.Arguments[0];
            settings = group.Key switch
            {
                "root" => settings with { Root = template(Argument().Length > 1 ? Argument().TrimEnd('/') : Argument(), last), Alias = null },
                "alias" => settings with { Alias = template(Argument(), last) },
                "index" => settings with { Index = [.. last.Arguments.Select(name => template(name, last))] },
                "autoindex" => settings with { AutoIndex = NginxArguments.Flag(last) },
                "default_type" => settings with { DefaultType = Argument() },
                "types" => settings with { Types = Types(last.Block!.Value) },
                "error_page" => settings with { ErrorPages = [.. group.Select(page => NginxArguments.ErrorPage(page, template))] },
                "add_header" => settings with { AddedHeaders = [.. group.Select(header => AddedHeader(header, template))] },
                "expires" => settings with { Expires = Argument() is "off" ? null : NginxArguments.Time(Argument(), last) },
                "client_max_body_size" => settings with { ClientMaxBodySize = NginxArguments.Size(Argument(), last) },
                "server_tokens" => settings with { ServerTokens = Argument() == "build" || NginxArguments.Flag(last) },
                "access_log" => settings with { AccessLogs = Argument() == "off" ? [] : [.. group.Select(log => AccessLog(log, logFormats))] },
                _ => settings,
            };
        }
        var rules = block.Where(directive => directive.Name is "allow" or "deny").Select(NginxArguments.AccessRule).ToImmutableArray();
        return settings with { AccessRules = rules.IsEmpty ? settings.AccessRules : rules, Proxy = ReadProxy(settings.Proxy, block, template) };
    }

    private static NginxProxySettings ReadProxy(NginxProxySettings inherited, ImmutableArray<NginxDirective> block, Func<string, NginxDirective, NginxTemplate> template)
    {
        var settings = inherited;
        foreach (var group in block.Where(directive => directive.Name.StartsWith("proxy_", StringComparison.Ordinal)).GroupBy(directive => directive.Name))
        {
            var last = group.Last();
            settings = group.Key switch
            {
                "proxy_set_header" => settings with { Headers = [.. group.Select(header => (header.Arguments[0], template(header.Arguments[1], header)))] },
                "proxy_hide_header" => settings with { HiddenHeaders = group.Select(header => header.Arguments[0]).ToImmutableHashSet(StringComparer.OrdinalIgnoreCase) },
                "proxy_http_version" => settings with
                {
                    HttpVersion = last.Arguments[0] switch
                    {
                        "1.0" => new Version(1, 0),
                        "1.1" => new Version(1, 1),
                        var other => throw last.Fault($"invalid value \"{other}\""),
                    },
                },
                "proxy_connect_timeout" => settings with { ConnectTimeout = NginxArguments.Time(last.Arguments[0], last) },
                "proxy_read_timeout" => settings with { ReadTimeout = NginxArguments.Time(last.Arguments[0], last) },
                "proxy_next_upstream" => settings with { TryNext = !last.Arguments.Contains("off") },
                _ => settings,
            };
        }
        return settings;
    }

    private static ImmutableDictionary<string, string> Types(ImmutableArray<NginxDirective> block) => block
        .SelectMany(type => type.Arguments.Select(extension => KeyValuePair.Create(extension, type.Name)))
        .DistinctBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
        .ToImmutableDictionary(StringComparer.OrdinalIgnoreCase);

    private static NginxAddedHeader AddedHeader(NginxDirective header, Func<string, NginxDirective, NginxTemplate> template)
    {
        if (header.Arguments.Length == 3 && header.Arguments[2] != "always") throw header.Fault($"invalid parameter \"{header.Arguments[2]}\"");
        return new NginxAddedHeader(header.Arguments[0], template(header.Arguments[1], header), Always: header.Arguments.Length == 3);
    }

    private static NginxAccessLog AccessLog(NginxDirective log, IReadOnlyDictionary<string, NginxTemplate> formats)
    {
        var name = log.Arguments.Length > 1 && !log.Arguments[1].Contains('=', StringComparison.Ordinal) ? log.Arguments[1] : "combined";
        return formats.TryGetValue(name, out var format) ? new NginxAccessLog(log.Arguments[0], format) : throw log.Fault($"unknown log format \"{name}\"");
    }
}
