using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>Answers as Go's net/http gives them.</summary>
internal static class GoHttp
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>What a page of HTML begins with, for Go (net/http/sniff.go) as for browsers (mimesniff.spec.whatwg.org, 7.1); a space or '>' follows.</summary>
    private static readonly string[] PageStarts =
        ["<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--"];

    /// <summary>The whole answer.</summary>
    /// <param name="contentType">Null: what Go's content sniffing finds in the text.</param>
    public static Task WriteAsync(HttpContext http, string text, int status = StatusCodes.Status200OK, string? contentType = null)
    {
        var body = Encoding.UTF8.GetBytes(text);
        http.Response.StatusCode = status;
        if (body.Length > 0) http.Response.ContentType ??= contentType ?? Sniff(text);
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) http.Response.WriteBody(body);
        return Task.CompletedTask;
    }

    private static string Sniff(string text)
    {
        var start = text.AsSpan().TrimStart(" \t\n\f\r");
        foreach (var page in PageStarts)
        {
            if (start.Length > page.Length && start.StartsWith(page, StringComparison.OrdinalIgnoreCase) && start[page.Length] is (' ' or '>')) return "text/html; charset=utf-8";
        }
        return start.StartsWith("<?xml", StringComparison.Ordinal) ? "text/xml; charset=utf-8" : PlainText;
    }

    /// <summary>http.Error.</summary>
    public static Task ErrorAsync(HttpContext http, string text, int status)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return WriteAsync(http, text + "\n", status, PlainText);
    }

    /// <summary>http.NotFound.</summary>
    public static Task NotFoundAsync(HttpContext http) => ErrorAsync(http, "404 page not found", StatusCodes.Status404NotFound);

    /// <summary>http.Redirect.</summary>
    public static Task RedirectAsync(HttpContext http, string location, int status)
    {
        http.Response.Headers.Location = location;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) return WriteAsync(http, "", status);
        return WriteAsync(http, $"<a href=\"{System.Net.WebUtility.HtmlEncode(location)}\">{Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status)}</a>.\n\n", status, "text/html; charset=utf-8");
    }

    /// <summary>r.FormValue: a form in the body before the query.</summary>
    public static async Task<string> FormValueAsync(HttpContext http, string name)
    {
        if (http.Request.HasFormContentType && http.Request.ContentType!.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            var form = await FormAsync(http);
            if (form.TryGetValue(name, out var value) && value.Count > 0) return value[0] ?? "";
        }
        return http.Request.Query.TryGetValue(name, out var query) && query.Count > 0 ? query[0] ?? "" : "";
    }

    /// <summary>The body as a form, entirely in memory: nothing of a container's comes into the host's files.</summary>
    public static async Task<IFormCollection> FormAsync(HttpContext http)
    {
        if (http.Features.Get<IFormFeature>() is not FormFeature { Form: not null })
            http.Features.Set<IFormFeature>(new FormFeature(http.Request, new FormOptions { MemoryBufferThreshold = int.MaxValue, MultipartBodyLengthLimit = 64 << 20 }));
        return await http.Features.GetRequiredFeature<IFormFeature>().ReadFormAsync(http.RequestAborted);
    }

    /// <summary>json.Marshal: keys of maps sorted, and what HTML would act on escaped.</summary>
    public static string Json<T>(IReadOnlyDictionary<string, T> map) => Json(new SortedDictionary<string, T>(new Dictionary<string, T>(map), StringComparer.Ordinal) as object);

    public static string Json(object value) => JsonSerializer.Serialize(value, Relaxed)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal);

    /// <summary>r.RemoteAddr.</summary>
    public static string RemoteAddress(HttpContext http) =>
        new SocketAddress(IpAddress.From(http.Connection.RemoteIpAddress!), (ushort)http.Connection.RemotePort).ToString();

    /// <summary>"x-forwarded-for" as "X-Forwarded-For" (textproto.CanonicalMIMEHeaderKey).</summary>
    public static string CanonicalName(string name) =>
        string.Join('-', name.Split('-').Select(part => part.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));
}
