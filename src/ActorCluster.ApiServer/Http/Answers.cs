using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Writes answers.</summary>
internal static class Answers
{
    public const string Json = "application/json";

    /// <summary>From this size on, answers are compressed for clients that can read it (apiserver/pkg/endpoints/handlers/responsewriters).</summary>
    public const int CompressFrom = 128 * 1024;

    public static async Task WriteStatusAsync(HttpContext context, StatusException status)
    {
        var body = status.ToStatus();
        AddRetryAfter(context, body);
        await WriteAsync(context, status.Code, body);
    }

    /// <summary>The header that makes clients try again by themselves, where the Status says when.</summary>
    public static void AddRetryAfter(HttpContext context, ReadOnlyMemory<byte> status)
    {
        var seconds = (JsonNode.Parse(status.Span) as JsonObject).IntegerAt("details", "retryAfterSeconds");
        if (seconds > 0) context.Response.Headers.RetryAfter = seconds.Value.ToString(CultureInfo.InvariantCulture);
    }

    public static async Task WriteAsync(HttpContext context, int statusCode, ReadOnlyMemory<byte> body, string contentType = Json, string cacheControl = "no-cache, private")
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = cacheControl;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        if (body.Length >= CompressFrom && AcceptsGzip(context.Request))
        {
            await using var gzip = Compressed(context);
            await gzip.WriteAsync(body, context.RequestAborted);
            return;
        }
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The answer's body for what is to be compressed; ends with it, and says so in the headers.</summary>
    public static GZipStream Compressed(HttpContext context)
    {
        context.Response.Headers.ContentEncoding = "gzip";
        context.Response.Headers.Vary = "Accept-Encoding";
        return new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }

    /// <summary>The Warning header: one entry a warning (RFC 7234, code 299).</summary>
    public static void AddWarnings(HttpContext context, IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings.Distinct())
        {
            var text = string.Concat(warning.Select(c => c is < ' ' or > '~' ? "?" : c is '"' or '\\' ? $"\\{c}" : $"{c}"));
            context.Response.Headers.Append("Warning", $"299 - \"{text}\"");
        }
    }

    public static bool AcceptsGzip(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
}
