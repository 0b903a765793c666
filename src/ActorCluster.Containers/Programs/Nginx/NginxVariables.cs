using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>Values of variables (nginx.org/en/docs/varindex.html), as far as they have a meaning here.</summary>
/// <param name="hostname">$hostname.</param>
internal sealed class NginxVariables(TimeProvider clock, string hostname, int processId)
{
    private static readonly string[] PrefixFamilies = ["http_", "sent_http_", "arg_", "cookie_", "upstream_http_"];

    private static readonly FrozenDictionary<string, Func<NginxVariables, NginxRequest, string>> Known = new Dictionary<string, Func<NginxVariables, NginxRequest, string>>
    {
        ["uri"] = (_, r) => r.Uri,
        ["document_uri"] = (_, r) => r.Uri,
        ["request_uri"] = (_, r) => r.RawTarget,
        ["args"] = (_, r) => r.Arguments,
        ["query_string"] = (_, r) => r.Arguments,
        ["is_args"] = (_, r) => r.Arguments.Length > 0 ? "?" : "",
        ["request"] = (_, r) => r.RequestLine,
        ["request_method"] = (_, r) => r.Http.Request.Method,
        ["server_protocol"] = (_, r) => r.Http.Request.Protocol,
        ["scheme"] = (_, r) => r.Http.Request.Scheme,
        ["https"] = (_, _) => "",
        ["host"] = (_, r) => r.Host,
        ["hostname"] = (v, _) => v.Hostname,
        ["server_name"] = (_, r) => r.Server.PrimaryName,
        ["server_port"] = (_, r) => r.Port.ToString(CultureInfo.InvariantCulture),
        ["server_addr"] = (_, r) => Text(r.Http.Connection.LocalIpAddress),
        ["remote_addr"] = (_, r) => Text(r.Http.Connection.RemoteIpAddress),
        ["remote_port"] = (_, r) => r.Http.Connection.RemotePort.ToString(CultureInfo.InvariantCulture),
        ["remote_user"] = (_, r) => RemoteUser(r),
        ["connection"] = (_, r) => r.Http.Connection.Id,
        ["content_type"] = (_, r) => r.Http.Request.ContentType ?? "",
        ["content_length"] = (_, r) => r.Http.Request.Headers.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "",
        ["document_root"] = (v, r) => r.Settings.Root.Expand(name => v.Get(r, name)),
        ["request_filename"] = (v, r) => v.MapPath(r),
        ["status"] = (_, r) => r.Http.Response.StatusCode.ToString("000", CultureInfo.InvariantCulture),
        ["body_bytes_sent"] = (_, r) => r.BodyBytes.ToString(CultureInfo.InvariantCulture),
        ["request_time"] = (v, r) => (v.Clock.GetUtcNow() - r.Started).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture),
        ["request_completion"] = (_, r) => r.Http.RequestAborted.IsCancellationRequested ? "" : "OK",
        ["time_local"] = (v, _) => v.Clock.GetUtcNow().ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture),
        ["time_iso8601"] = (v, _) => v.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture),
        ["msec"] = (v, _) => (v.Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0).ToString("0.000", CultureInfo.InvariantCulture),
        ["pid"] = (v, _) => v.ProcessId.ToString(CultureInfo.InvariantCulture),
        ["nginx_version"] = (_, _) => NginxFiles.Version,
        ["proxy_host"] = (_, r) => r.Location.ProxyPass?.Authority ?? "",
        ["proxy_port"] = (_, r) => r.Location.ProxyPass is { } pass && NginxArguments.HostAndPort(pass.Authority) is var (_, port) ? port.ToString(CultureInfo.InvariantCulture) : "",
        ["proxy_add_x_forwarded_for"] = (_, r) => ForwardedFor(r),
        ["upstream_addr"] = (_, r) => r.UpstreamAddress,
        ["upstream_status"] = (_, r) => r.UpstreamStatus,
        ["upstream_response_time"] = (v, r) => r.UpstreamStatus.Length == 0 ? "" : (v.Clock.GetUtcNow() - r.Started).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture),
    }.ToFrozenDictionary();

    public TimeProvider Clock { get; } = clock;
    public string Hostname { get; } = hostname;
    public int ProcessId { get; } = processId;

    public static bool IsKnown(string name) =>
        Known.ContainsKey(name) || PrefixFamilies.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) || (name.Length == 1 && char.IsAsciiDigit(name[0]));

    /// <returns>"" for a variable without a value.</returns>
    public string Get(NginxRequest request, string name)
    {
        if (request.Variables.TryGetValue(name, out var set)) return set;
        if (Known.TryGetValue(name, out var known)) return known(this, request);
        if (request.Captures is { } numbered && name.Length == 1 && char.IsAsciiDigit(name[0])) return numbered.Groups[name[0] - '0'].Value;
        if (request.Captures is { } captures && captures.Groups.TryGetValue(name, out var group)) return group.Value;
        if (name.StartsWith("http_", StringComparison.Ordinal)) return Header(request.Http.Request.Headers, name[5..]);
        if (name.StartsWith("sent_http_", StringComparison.Ordinal)) return Header(request.Http.Response.Headers, name[10..]);
        if (name.StartsWith("upstream_http_", StringComparison.Ordinal)) return Header(request.Http.Response.Headers, name[14..]);
        if (name.StartsWith("arg_", StringComparison.Ordinal)) return request.Http.Request.Query[name[4..]].ToString();
        return name.StartsWith("cookie_", StringComparison.Ordinal) ? request.Http.Request.Cookies[name[7..]] ?? "" : "";
    }

    /// <summary>In a log, a variable without a value is "-", and what could forge a line is escaped.</summary>
    public string GetForLog(NginxRequest request, string name)
    {
        var value = Get(request, name);
        if (value.Length == 0) return "-";
        return value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 && value.AsSpan().IndexOfAny('"', '\\') < 0
            ? value
            : string.Concat(value.Select(c => c is < ' ' or > '~' or '"' or '\\' ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}") : c.ToString()));
    }

    /// <summary>The file that the request's URI means in its location.</summary>
    public string MapPath(NginxRequest request) => MapPath(request, request.Uri);

    public string MapPath(NginxRequest request, string uri)
    {
        var location = request.Location;
        if (location.Settings.Alias is not { } alias) return location.Settings.Root.Expand(name => Get(request, name)).TrimEnd('/') + uri;
        var target = alias.Expand(name => Get(request, name));
        return location.Match == NginxMatch.Regex || !uri.StartsWith(location.Pattern, StringComparison.Ordinal) ? target : target + uri[location.Pattern.Length..];
    }

    private static string Text(IPAddress? address) => address?.ToString() ?? "";

    private static string Header(IHeaderDictionary headers, string name) => headers[name.Replace('_', '-')].ToString();

    private static string RemoteUser(NginxRequest request)
    {
        var authorization = request.Http.Request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return "";
        Span<byte> decoded = stackalloc byte[512];
        if (!Convert.TryFromBase64String(authorization[6..].Trim(), decoded, out var length)) return "";
        var colon = decoded[..length].IndexOf((byte)':');
        return colon < 0 ? "" : System.Text.Encoding.UTF8.GetString(decoded[..colon]);
    }

    private static string ForwardedFor(NginxRequest request)
    {
        var before = request.Http.Request.Headers["X-Forwarded-For"].ToString();
        var client = Text(request.Http.Connection.RemoteIpAddress);
        return before.Length == 0 ? client : $"{before}, {client}";
    }
}
