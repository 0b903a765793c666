using System.Buffers;
using System.Text;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Protobuf;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Reads request bodies: bounded, and as JSON whatever of the accepted forms they came in.</summary>
internal static class RequestBody
{
    /// <summary>Upstream's limit for resource requests, in bytes (apiserver/pkg/server/config.go).</summary>
    public const long Limit = 3 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <exception cref="StatusException">413 for too much, 415 for another form, 400 for broken YAML.</exception>
    /// <param name="look">Sees YAML as it came, once it could be read.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, Action<string>? look = null)
    {
        var type = MediaType(context.Request.ContentType);
        var yaml = type.EndsWith("yaml", StringComparison.OrdinalIgnoreCase);
        var protobuf = type == ProtobufDocuments.MediaType;
        if (type is not ("" or "application/json" or "*/*") && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase) && !yaml && !protobuf)
        {
            throw StatusException.UnsupportedMediaType(
                $"the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, {ProtobufDocuments.MediaType}");
        }
        var body = await ReadBytesAsync(context.Request, context.RequestAborted);
        if (body.IsEmpty) return body;
        try
        {
            if (protobuf) return ProtobufDocuments.ToJson(body.Span);
            if (!yaml) return body;
            var text = StrictUtf8.GetString(body.Span);
            var json = YamlDocuments.ToJson(text);
            look?.Invoke(text);
            return json;
        }
        catch (DecoderFallbackException)
        {
            throw StatusException.BadRequest("error converting YAML to JSON: yaml: invalid UTF-8 octet");
        }
        catch (FormatException fault)
        {
            throw StatusException.BadRequest(protobuf ? fault.Message : $"error converting YAML to JSON: {fault.Message}");
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
