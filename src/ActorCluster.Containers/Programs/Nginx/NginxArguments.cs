using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ActorCluster.Network.Addresses;
using SocketAddress = ActorCluster.Network.Addresses.SocketAddress;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>The arguments of single directives.</summary>
internal static class NginxArguments
{
    public static bool Flag(NginxDirective directive) => directive.Arguments[0] switch
    {
        "on" => true,
        "off" => false,
        var other => throw directive.Fault($"invalid value \"{other}\" in \"{directive.Name}\" directive, it must be \"on\" or \"off\""),
    };

    /// <summary>"80", "8080 default_server", "10.0.0.1:80", "*:80", "[::]:80 ipv6only=on", "10.0.0.1".</summary>
    public static IEnumerable<NginxListen> Listen(NginxDirective directive)
    {
        var text = directive.Arguments[0];
        if (directive.Arguments.Contains("ssl") || directive.Arguments.Contains("quic")) throw directive.Fault("the \"ssl\" parameter of \"listen\" is not emulated by this nginx");
        if (text.StartsWith("unix:", StringComparison.Ordinal)) throw directive.Fault("unix domain sockets are not emulated by this nginx");
        var isDefault = directive.Arguments.Contains("default_server") || directive.Arguments.Contains("default");
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0)
        {
            return [new NginxListen(new SocketAddress(IpAddress.AnyV4, port), isDefault)];
        }
        if (text.All(char.IsAsciiDigit) || HostAndPort(text) is not var (host, hostPort)) throw directive.Fault($"invalid port in \"{text}\" of the \"listen\" directive");
        if (host == "*") return [new NginxListen(new SocketAddress(IpAddress.AnyV4, hostPort), isDefault)];
        if (host == "localhost") return [new NginxListen(new SocketAddress(IpAddress.LoopbackV4, hostPort), isDefault)];
        return IpAddress.TryParse(host.Trim('[', ']'), out var address)
            ? [new NginxListen(new SocketAddress(address, hostPort), isDefault)]
            : throw directive.Fault($"host not found in \"{text}\" of the \"listen\" directive");
    }

    public static (NginxMatch Match, string Pattern, Regex? Regex) Location(NginxDirective directive)
    {
        var arguments = directive.Arguments;
        return arguments switch
        {
            ["=", var uri] => (NginxMatch.Exact, uri, null),
            ["^~", var uri] => (NginxMatch.PrefixOnly, uri, null),
            ["~", var regex] => (NginxMatch.Regex, regex, Regex(regex, ignoreCase: false, directive)),
            ["~*", var regex] => (NginxMatch.Regex, regex, Regex(regex, ignoreCase: true, directive)),
            [var modifier, _] => throw directive.Fault($"invalid location modifier \"{modifier}\""),
            [var only] when only.StartsWith('=') => (NginxMatch.Exact, only[1..], null),
            [var only] when only.StartsWith("^~", StringComparison.Ordinal) => (NginxMatch.PrefixOnly, only[2..], null),
            [var only] when only.StartsWith("~*", StringComparison.Ordinal) => (NginxMatch.Regex, only[2..], Regex(only[2..], ignoreCase: true, directive)),
            [var only] when only.StartsWith('~') => (NginxMatch.Regex, only[1..], Regex(only[1..], ignoreCase: false, directive)),
            [var only] when only.StartsWith('@') => (NginxMatch.Named, only, null),
            [var only] => (NginxMatch.Prefix, only, null),
            _ => throw directive.Fault("invalid number of arguments in \"location\" directive"),
        };
    }

    /// <summary>PCRE and .NET agree on what configurations use; a pattern that runs away is cut off.</summary>
    public static Regex Regex(string pattern, bool ignoreCase, NginxDirective directive)
    {
        try
        {
            var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
            return new Regex(pattern.Replace("(?P<", "(?<", StringComparison.Ordinal), options, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException invalid)
        {
            throw directive.Fault($"pcre2_compile() failed: {invalid.Message} in \"{pattern}\"");
        }
    }

    public static IEnumerable<string> GroupNames(string pattern) => pattern.Split("(?").Skip(1)
        .Select(part => part.TrimStart('P'))
        .Where(part => part.StartsWith('<') && part.Length > 1 && char.IsLetter(part[1]) && part.Contains('>', StringComparison.Ordinal))
        .Select(part => part[1..part.IndexOf('>', StringComparison.Ordinal)]);

    public static NginxReturn Return(NginxDirective directive, Func<string, NginxDirective, NginxTemplate> template)
    {
        var first = directive.Arguments[0];
        if (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            if (status > 999) throw directive.Fault($"invalid return code \"{first}\"");
            return new NginxReturn(status, directive.Arguments.Length > 1 ? template(directive.Arguments[1], directive) : null);
        }
        if (directive.Arguments.Length == 1 && (first.StartsWith("http://", StringComparison.Ordinal) || first.StartsWith("https://", StringComparison.Ordinal) || first.StartsWith('$')))
        {
            return new NginxReturn(302, template(first, directive));
        }
        throw directive.Fault($"invalid return code \"{first}\"");
    }

    public static NginxErrorPage ErrorPage(NginxDirective directive, Func<string, NginxDirective, NginxTemplate> template)
    {
        var words = directive.Arguments.ToList();
        var uri = template(words[^1], directive);
        words.RemoveAt(words.Count - 1);
        int? newStatus = null;
        if (words[^1].StartsWith('='))
        {
            newStatus = words[^1].Length == 1 ? 0 : int.TryParse(words[^1].AsSpan(1), CultureInfo.InvariantCulture, out var given) ? given : throw Invalid(words[^1]);
            words.RemoveAt(words.Count - 1);
        }
        var statuses = words.Select(word => int.TryParse(word, CultureInfo.InvariantCulture, out var status) && status is >= 300 and <= 599 ? status : throw Invalid(word)).ToImmutableArray();
        return statuses.IsEmpty ? throw directive.Fault("invalid number of arguments in \"error_page\" directive") : new NginxErrorPage(statuses, newStatus, uri);

        NginxConfigException Invalid(string word) => directive.Fault($"invalid value \"{word}\"");
    }

    public static NginxAccessRule AccessRule(NginxDirective directive)
    {
        var text = directive.Arguments[0];
        var allow = directive.Name == "allow";
        if (text == "all") return new NginxAccessRule(allow, null);
        if (IpAddress.TryParse(text, out var address)) return new NginxAccessRule(allow, new IPNetwork(address.ToIPAddress(), address.IsV4 ? 32 : 128));
        return IPNetwork.TryParse(text, out var network) ? new NginxAccessRule(allow, network) : throw directive.Fault($"invalid parameter \"{text}\"");
    }

    public static NginxPeerOptions Peer(NginxDirective directive)
    {
        var options = new NginxPeerOptions();
        foreach (var parameter in directive.Arguments.Skip(1))
        {
            var (name, value) = parameter.Split('=', 2) is [var key, var text] ? (key, text) : (parameter, "");
            options = name switch
            {
                "weight" when int.TryParse(value, CultureInfo.InvariantCulture, out var weight) && weight > 0 => options with { Weight = weight },
                "max_fails" when int.TryParse(value, CultureInfo.InvariantCulture, out var fails) && fails >= 0 => options with { MaxFails = fails },
                "fail_timeout" => options with { FailTimeout = Time(value, directive) },
                "backup" => options with { IsBackup = true },
                "down" => options with { IsDown = true },
                "max_conns" or "resolve" or "slow_start" => options,
                _ => throw directive.Fault($"invalid parameter \"{parameter}\""),
            };
        }
        return options;
    }

    /// <returns>Authority and URI part, or null when it isn't an http URL.</returns>
    public static (string Authority, string? Uri)? ProxyUrl(string url)
    {
        const string scheme = "http://";
        if (!url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = url[scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (rest, null) : (rest[..slash], rest[slash..]);
    }

    /// <returns>Port 80 if none is given; null if it isn't a number from 1 to 65535.</returns>
    public static (string Host, ushort Port)? HostAndPort(string authority)
    {
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || authority.EndsWith(']')) return (authority, 80);
        return ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != 0 ? (authority[..colon], port) : null;
    }

    /// <summary>"10k", "1m", "1g" or bytes.</summary>
    public static long Size(string text, NginxDirective directive)
    {
        var factor = text.Length == 0 ? 1 : char.ToLowerInvariant(text[^1]) switch { 'k' => 1L << 10, 'm' => 1L << 20, 'g' => 1L << 30, _ => 1L };
        return long.TryParse(factor == 1 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number * factor
            : throw directive.Fault($"\"{directive.Name}\" directive invalid value");
    }

    /// <summary>"500ms", "30s", "1h 30m", "2d"; seconds without a unit.</summary>
    public static TimeSpan Time(string text, NginxDirective directive)
    {
        var total = TimeSpan.Zero;
        var matches = System.Text.RegularExpressions.Regex.Matches(text, @"\G\s*(\d{1,9})(ms|[smhdwMy]?)", RegexOptions.CultureInvariant);
        if (matches.Count == 0 || matches.Sum(match => match.Length) != text.Length) throw directive.Fault($"\"{directive.Name}\" directive invalid value");
        foreach (Match match in matches)
        {
            var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            total += number * match.Groups[2].Value switch
            {
                "ms" => TimeSpan.FromMilliseconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                "d" => TimeSpan.FromDays(1),
                "w" => TimeSpan.FromDays(7),
                "M" => TimeSpan.FromDays(30),
                "y" => TimeSpan.FromDays(365),
                _ => TimeSpan.FromSeconds(1),
            };
        }
        return total;
    }

    public static NginxLogLevel Level(string text, NginxDirective directive) => text switch
    {
        "debug" => NginxLogLevel.Debug,
        "info" => NginxLogLevel.Info,
        "notice" => NginxLogLevel.Notice,
        "warn" => NginxLogLevel.Warn,
        "error" => NginxLogLevel.Error,
        "crit" => NginxLogLevel.Crit,
        "alert" => NginxLogLevel.Alert,
        "emerg" => NginxLogLevel.Emerg,
        _ => throw directive.Fault($"invalid log level \"{text}\""),
    };
}
