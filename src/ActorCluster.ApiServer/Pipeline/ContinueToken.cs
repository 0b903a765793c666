using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Where a page of a list ended: the list's revision and the last key (apiserver/pkg/storage/continue.go).</summary>
/// <param name="Revision">Of the state that all pages show; <see cref="Newest"/>: whatever is there now.</param>
internal readonly record struct ContinueToken(long Revision, string Namespace, string Name)
{
    /// <summary>The revision of a token that goes on with another state than the list began with.</summary>
    public const long Newest = -1;

    private const string Version = "meta.k8s.io/v1";
    private const string Invalid = "continue key is not valid";

    public override string ToString()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject { ["v"] = Version, ["rv"] = Revision, ["start"] = $"{Namespace}/{Name}" });
        return Convert.ToBase64String(json).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="StatusException">400: no token of ours.</exception>
    public static ContinueToken Parse(string text)
    {
        var json = Decode(text);
        if (json.GetString("v") is not Version) throw StatusException.BadRequest($"{Invalid}: server does not recognize this encoded version {json.GetString("v")}");
        if (json.GetInteger("rv") is not { } revision || revision is 0 or < Newest) throw StatusException.BadRequest($"{Invalid}: incorrect encoded start resourceVersion (version {Version})");
        var start = json.GetString("start") ?? "";
        if (start.Length == 0) throw StatusException.BadRequest($"{Invalid}: encoded start key empty (version {Version})");
        return start.Split('/') is [var ns, { Length: > 0 } name] ? new ContinueToken(revision, ns, name) : throw StatusException.BadRequest($"{Invalid}: {start}");
    }

    private static JsonObject Decode(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            return DocumentDecoder.DecodeAny(Convert.FromBase64String(padded)) as JsonObject ?? throw StatusException.BadRequest($"{Invalid}: no object");
        }
        catch (Exception fault) when (fault is FormatException or DecodeException)
        {
            throw StatusException.BadRequest($"{Invalid}: {fault.Message}");
        }
    }
}
