using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>-w: a text with %{variables} and backslash escapes.</summary>
internal static class CurlWriteOut
{
    private static readonly FrozenDictionary<string, Func<CurlInfo, string>> Variables = new Dictionary<string, Func<CurlInfo, string>>
    {
        ["content_type"] = info => info.ContentType,
        ["errormsg"] = info => info.ErrorMessage,
        ["exitcode"] = info => Text(info.ExitCode),
        ["filename_effective"] = info => info.OutputFile,
        ["http_code"] = info => info.StatusCode.ToString("000", CultureInfo.InvariantCulture),
        ["response_code"] = info => info.StatusCode.ToString("000", CultureInfo.InvariantCulture),
        ["http_version"] = info => info.HttpVersion,
        ["local_ip"] = info => info.Local?.Address.ToString() ?? "",
        ["local_port"] = info => Text(info.Local?.Port ?? 0),
        ["method"] = info => info.Method,
        ["num_connects"] = info => Text(info.Connects),
        ["num_headers"] = info => Text(info.HeaderCount),
        ["num_redirects"] = info => Text(info.Redirects),
        ["num_retries"] = info => Text(info.Retries),
        ["redirect_url"] = info => info.RedirectUrl,
        ["remote_ip"] = info => info.Remote?.Address.ToString() ?? "",
        ["remote_port"] = info => Text(info.Remote?.Port ?? 0),
        ["scheme"] = info => info.EffectiveUrl.Split(':')[0],
        ["size_download"] = info => Text(info.DownloadSize),
        ["size_header"] = info => Text(info.HeaderSize),
        ["size_request"] = info => Text(info.RequestSize),
        ["size_upload"] = info => Text(info.UploadSize),
        ["speed_download"] = info => Text(Speed(info.DownloadSize, info.Total)),
        ["speed_upload"] = info => Text(Speed(info.UploadSize, info.Total)),
        ["ssl_verify_result"] = _ => "0",
        ["time_appconnect"] = _ => Seconds(TimeSpan.Zero),
        ["time_connect"] = info => Seconds(info.Connect),
        ["time_namelookup"] = info => Seconds(info.NameLookup),
        ["time_pretransfer"] = info => Seconds(info.Connect),
        ["time_redirect"] = info => Seconds(info.Redirect),
        ["time_starttransfer"] = info => Seconds(info.StartTransfer),
        ["time_total"] = info => Seconds(info.Total),
        ["url"] = info => info.Url,
        ["url_effective"] = info => info.EffectiveUrl,
    }.ToFrozenDictionary();

    /// <returns>What goes to stdout and what to stderr (%{stderr}, and complaints about unknown variables).</returns>
    public static (string Stdout, string Stderr) Format(string format, CurlInfo info)
    {
        StringBuilder stdout = new(), stderr = new(), current = stdout;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] == '\\' && i + 1 < format.Length)
            {
                current.Append(format[++i] switch { 'n' => "\n", 'r' => "\r", 't' => "\t", var other => $"\\{other}" });
            }
            else if (format[i] == '%' && i + 1 < format.Length && format[i + 1] == '%')
            {
                current.Append(format[++i]);
            }
            else if (Enclosed(format, i, "%{") is { } name)
            {
                if (name == "stdout") current = stdout;
                else if (name == "stderr") current = stderr;
                else if (name == "onerror" && info.ExitCode == 0) return (stdout.ToString(), stderr.ToString());
                else if (Variables.TryGetValue(name, out var value)) current.Append(value(info));
                else if (name != "onerror") stderr.Append(CultureInfo.InvariantCulture, $"curl: unknown --write-out variable: '{name}'\n");
                i += name.Length + 2;
            }
            else if (Enclosed(format, i, "%header{") is { } header)
            {
                current.Append(info.Headers.GetValueOrDefault(header, ""));
                i += header.Length + 8;
            }
            else
            {
                current.Append(format[i]);
            }
        }
        return (stdout.ToString(), stderr.ToString());
    }

    private static string? Enclosed(string format, int at, string opening)
    {
        if (string.CompareOrdinal(format, at, opening, 0, opening.Length) != 0) return null;
        var end = format.IndexOf('}', at);
        return end < 0 ? null : format[(at + opening.Length)..end];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);

    private static long Speed(long bytes, TimeSpan time) => (long)(bytes / Math.Max(0.000001, time.TotalSeconds));
}
