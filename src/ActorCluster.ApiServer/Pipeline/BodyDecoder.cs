using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Request bodies to documents, with the field validation that the request asks for (KEP-2885).</summary>
internal static class BodyDecoder
{
    /// <param name="fieldValidation">Strict, Warn, Ignore or null (Ignore).</param>
    /// <exception cref="StatusException">400, in upstream's words.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body, TypeSchema schema, string kind, string apiVersion, string? fieldValidation, List<string> warnings)
    {
        DecodedDocument decoded;
        try
        {
            decoded = DocumentDecoder.Decode(body, schema);
        }
        catch (DecodeException fault)
        {
            throw Unreadable(body, kind, apiVersion, fault.Message);
        }
        CheckType(decoded.Document, body, kind, apiVersion);
        if (decoded.Faults.Count > 0)
        {
            if (fieldValidation == "Strict")
            {
                throw StatusException.BadRequest(
                    $"{kind} in version \"{apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..]}\" cannot be handled as a {kind}: strict decoding error: {string.Join(", ", decoded.Faults)}");
            }
            // Once, if the body is read again for another try.
            if (fieldValidation == "Warn") warnings.AddRange(decoded.Faults.Except(warnings));
        }
        return decoded.Document;
    }

    /// <summary>Reads options or a patch: JSON of no particular type.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static JsonNode? DecodeAny(ReadOnlySpan<byte> body, string what)
    {
        try
        {
            return DocumentDecoder.DecodeAny(body);
        }
        catch (DecodeException fault)
        {
            throw StatusException.BadRequest($"error decoding {what}: {fault.Message}");
        }
    }

    private static void CheckType(JsonObject document, ReadOnlySpan<byte> body, string kind, string apiVersion)
    {
        var givenKind = document.GetString("kind") ?? "";
        var givenVersion = document.GetString("apiVersion") ?? "";
        if ((givenKind.Length > 0 && givenKind != kind) || (givenVersion.Length > 0 && givenVersion != apiVersion))
        {
            var given = givenVersion.Length == 0 ? apiVersion : givenVersion;
            var group = given.Contains('/', StringComparison.Ordinal) ? given.Split('/')[0] : "";
            throw StatusException.BadRequest(givenKind.Length > 0 && givenKind != kind
                ? $"{givenKind} in version \"{given.Split('/')[^1]}\" cannot be handled as a {kind}: converting ({group}.{givenKind}) to ({kind}): unknown conversion"
                : $"the API version in the data ({given}) does not match the expected API version ({apiVersion})");
        }
        if (body.Length == 0 || body[0] == 'n') throw Unreadable(body, kind, apiVersion, "unexpected end of JSON input");
    }

    private static StatusException Unreadable(ReadOnlySpan<byte> body, string kind, string apiVersion, string fault)
    {
        var version = apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];
        // Go decodes the type first: if that much can't be read, it has no name for what it got.
        return fault.StartsWith("invalid character", StringComparison.Ordinal) || fault.StartsWith("unexpected end", StringComparison.Ordinal)
            ? StatusException.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {fault} ({Summarize(body)})")
            : StatusException.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {kind}: {fault}");
    }

    private static string Summarize(ReadOnlySpan<byte> body)
    {
        const int most = 30;
        if (body.Length == 0) return "<empty>";
        var head = body[..Math.Min(most, body.Length)];
        var text = body[0] == '{' ? Encoding.UTF8.GetString(head) : Convert.ToHexStringLower(head);
        return body.Length > most ? text + " ..." : text;
    }
}
