using System.Buffers;
using System.Text;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Reads request bodies: bounded, and as JSON whatever of the accepted forms they came in.</summary>
internal static class RequestBody
{
    /// <summary>Upstream's limit for resource requests, in bytes (apiserver/pkg/server/config.go).</summary>
    public const long Limit = 3 * 1024 * 1024;

    /// <exception cref="StatusException">413 for too much, 415 for another form, 400 for broken YAML.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        var type = MediaType(context.Request.ContentType);
        var yaml = type.EndsWith("yaml", StringComparison.OrdinalIgnoreCase);
        if (type is not ("" or "application/json" or "application/yaml" or "*/*") && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase) && !yaml)
        {
            throw StatusException.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        }
        var body = await ReadBytesAsync(context.Request, context.RequestAborted);
        if (!yaml || body.IsEmpty) return body;
        try
        {
            return YamlDocuments.ToJson(Encoding.UTF8.GetString(body.Span));
        }
        catch (FormatException fault)
        {
            throw StatusException.BadRequest($"error converting YAML to JSON: {fault.Message}");
        }
    }

    public static string MediaType(string? contentType)
    {
        var text = contentType ?? "";
        var end = text.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).Trim().ToLowerInvariant();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit) throw StatusException.RequestEntityTooLarge(Limit);
        if (request.ContentLength == 0) return ReadOnlyMemory<byte>.Empty;
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellationToken);
            if (result.Buffer.Length > Limit) throw StatusException.RequestEntityTooLarge(Limit);
            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return body;
            }
            // All of it is looked at, nothing taken, until the end has come.
            request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
