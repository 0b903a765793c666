using System.Collections.Frozen;
using System.Globalization;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>curl's command line (curl.se/docs/manpage.html): long options may be shortened to what is unique, short ones put together.</summary>
internal static class CurlArguments
{
    private const string Try = "curl: try 'curl --help' or 'curl --manual' for more information\n";

    private static readonly FrozenDictionary<string, Option> Long = new (string Name, char Short, Action<CurlOptions, string>? Set, Action<CurlOptions, bool>? Flag)[]
    {
        ("silent", 's', null, (o, on) => o.Silent = on),
        ("show-error", 'S', null, (o, on) => o.ShowError = on),
        ("progress-meter", '\0', null, (o, on) => o.NoProgressMeter = !on),
        ("progress-bar", '#', null, (o, on) => o.ProgressBar = on),
        ("fail", 'f', null, (o, on) => o.Fail = on),
        ("fail-with-body", '\0', null, (o, on) => o.FailWithBody = on),
        ("include", 'i', null, (o, on) => o.Include = on),
        ("show-headers", '\0', null, (o, on) => o.Include = on),
        ("head", 'I', null, (o, on) => o.Head = on),
        ("get", 'G', null, (o, on) => o.Get = on),
        ("verbose", 'v', null, (o, on) => o.Verbose = on),
        ("location", 'L', null, (o, on) => o.Location = on),
        ("insecure", 'k', null, (o, on) => o.Insecure = on),
        ("buffer", 'N', null, (o, on) => o.NoBuffer = !on),
        ("compressed", '\0', null, (o, on) => o.Compressed = on),
        ("create-dirs", '\0', null, (o, on) => o.CreateDirectories = on),
        ("http1.0", '0', null, (o, on) => o.Http10 = on),
        ("http1.1", '\0', null, (o, _) => o.Http10 = false),
        ("http2", '\0', null, (_, _) => { }),
        ("ipv4", '4', null, (o, on) => (o.OnlyV4, o.OnlyV6) = (on, false)),
        ("ipv6", '6', null, (o, on) => (o.OnlyV6, o.OnlyV4) = (on, false)),
        ("disable", 'q', null, (_, _) => { }),
        ("globoff", 'g', null, (_, _) => { }),
        ("path-as-is", '\0', null, (_, _) => { }),
        ("keepalive", '\0', null, (_, _) => { }),
        ("tcp-nodelay", '\0', null, (_, _) => { }),
        ("styled-output", '\0', null, (_, _) => { }),
        ("remote-name", 'O', null, (o, _) => o.Outputs.Add(null)),
        ("retry-connrefused", '\0', null, (o, on) => o.RetryConnectionRefused = on),
        ("retry-all-errors", '\0', null, (o, on) => o.RetryAllErrors = on),
        ("version", 'V', null, (o, _) => o.PrintVersion = true),
        ("help", 'h', null, (o, _) => o.Help = true),
        ("url", '\0', (o, value) => o.Urls.Add(value), null),
        ("output", 'o', (o, value) => o.Outputs.Add(value), null),
        ("output-dir", '\0', (o, value) => o.OutputDirectory = value, null),
        ("dump-header", 'D', (o, value) => o.DumpHeader = value, null),
        ("request", 'X', (o, value) => o.Method = value, null),
        ("data", 'd', (o, value) => o.Data.Add(new CurlData(value, CurlDataKind.Plain)), null),
        ("data-ascii", '\0', (o, value) => o.Data.Add(new CurlData(value, CurlDataKind.Plain)), null),
        ("data-raw", '\0', (o, value) => o.Data.Add(new CurlData(value, CurlDataKind.Raw)), null),
        ("data-binary", '\0', (o, value) => o.Data.Add(new CurlData(value, CurlDataKind.Binary)), null),
        ("data-urlencode", '\0', (o, value) => o.Data.Add(new CurlData(value, CurlDataKind.UrlEncoded)), null),
        ("json", '\0', (o, value) => { o.Data.Add(new CurlData(value, CurlDataKind.Binary)); o.Json = true; }, null),
        ("form", 'F', (o, value) => o.Forms.Add(value), null),
        ("upload-file", 'T', (o, value) => o.UploadFile = value, null),
        ("header", 'H', (o, value) => o.Headers.Add(value), null),
        ("user-agent", 'A', (o, value) => o.UserAgent = value, null),
        ("user", 'u', (o, value) => o.User = value, null),
        ("referer", 'e', (o, value) => o.Referer = value, null),
        ("cookie", 'b', (o, value) => o.Cookie = value, null),
        ("range", 'r', (o, value) => o.Range = value, null),
        ("write-out", 'w', (o, value) => o.WriteOut = value, null),
        ("resolve", '\0', (o, value) => o.Resolve.Add(value), null),
        ("interface", '\0', (o, value) => o.Interface = value, null),
        ("cacert", '\0', (o, value) => o.CaCertificate = value, null),
        ("noproxy", '\0', (_, _) => { }, null),
        ("keepalive-time", '\0', (_, value) => Number(value), null),
        ("max-redirs", '\0', (o, value) => o.MaxRedirects = Number(value), null),
        ("max-time", 'm', (o, value) => o.MaxTime = Seconds(value), null),
        ("connect-timeout", '\0', (o, value) => o.ConnectTimeout = Seconds(value), null),
        ("retry", '\0', (o, value) => o.Retry = Number(value), null),
        ("retry-delay", '\0', (o, value) => o.RetryDelay = Seconds(value), null),
        ("retry-max-time", '\0', (o, value) => o.RetryMaxTime = Seconds(value), null),
    }.ToFrozenDictionary(entry => entry.Name, entry => new Option(entry.Name, entry.Short, entry.Set, entry.Flag));

    private static readonly FrozenDictionary<char, Option> Short = Long.Values.Where(option => option.Short != '\0').ToFrozenDictionary(option => option.Short);

    /// <returns>The options, or what to print to stderr before exit code 2.</returns>
    public static (CurlOptions Options, string? Fault) Parse(IReadOnlyList<string> arguments)
    {
        var options = new CurlOptions();
        var onlyUrls = false;
        for (var i = 1; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            string? fault = null;
            if (onlyUrls || argument == "-" || !argument.StartsWith('-')) options.Urls.Add(argument);
            else if (argument == "--") onlyUrls = true;
            else if (argument.StartsWith("--", StringComparison.Ordinal)) fault = ParseLong(options, argument, arguments, ref i);
            else fault = ParseShort(options, argument, arguments, ref i);
            if (fault is not null) return (options, $"curl: option {fault}\n{Try}");
            if (options.Help || options.PrintVersion) return (options, null);
        }
        if (options.Urls.Count == 0) return (options, arguments.Count == 1 ? Try : $"curl: (2) no URL specified\n{Try}");
        return (options, null);
    }

    private static string? ParseLong(CurlOptions options, string argument, IReadOnlyList<string> arguments, ref int i)
    {
        var name = argument[2..];
        var on = true;
        if (Find(name) is not { } option)
        {
            if (!name.StartsWith("no-", StringComparison.Ordinal) || Find(name[3..]) is not { Flag: not null } negated) return $"{argument}: is unknown";
            (option, on) = (negated, false);
        }
        if (option.Flag is { } flag)
        {
            // "--no-buffer" and "--no-progress-meter" are the only forms that -N and -# have a word for.
            flag(options, on);
            return null;
        }
        return i + 1 < arguments.Count ? Set(options, option, arguments[++i], argument) : $"{argument}: requires parameter";
    }

    private static string? ParseShort(CurlOptions options, string argument, IReadOnlyList<string> arguments, ref int i)
    {
        for (var at = 1; at < argument.Length; at++)
        {
            if (!Short.TryGetValue(argument[at], out var option)) return $"{argument}: is unknown";
            if (option.Flag is { } flag)
            {
                flag(options, option.Short != 'N');
                continue;
            }
            var shown = $"-{argument[at]}";
            if (at + 1 < argument.Length) return Set(options, option, argument[(at + 1)..], shown);
            return i + 1 < arguments.Count ? Set(options, option, arguments[++i], shown) : $"{shown}: requires parameter";
        }
        return null;
    }

    private static string? Set(CurlOptions options, Option option, string value, string shown)
    {
        try
        {
            option.Set!(options, value);
            return null;
        }
        catch (FormatException)
        {
            return $"{shown}: expected a proper numerical parameter";
        }
    }

    private static Option? Find(string name)
    {
        if (Long.TryGetValue(name, out var exact)) return exact;
        var matches = Long.Keys.Where(candidate => name.Length > 1 && candidate.StartsWith(name, StringComparison.Ordinal)).ToList();
        return matches.Count == 1 ? Long[matches[0]] : null;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static TimeSpan Seconds(string text)
    {
        var seconds = double.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return seconds < int.MaxValue / 1000.0 ? TimeSpan.FromSeconds(seconds) : throw new FormatException();
    }

    private sealed record Option(string Name, char Short, Action<CurlOptions, string>? Set, Action<CurlOptions, bool>? Flag);
}
