using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Patches;
using ActorCluster.Api.Schema;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>A patch, read once and applied as often as a conflict demands.</summary>
internal sealed class PatchApplier
{
    private readonly PatchType _type;
    private readonly JsonNode? _patch;

    /// <exception cref="StatusException">400 for what is no patch.</exception>
    public PatchApplier(ApiRequest request)
    {
        _type = request.PatchType;
        _patch = BodyDecoder.DecodeAny(request.Body.Span, "patch");
        if (_type != PatchType.Json && _patch is not JsonObject)
        {
            // apiserver/pkg/endpoints/handlers/patch.go: a strategic merge patch's fault stands alone.
            var fault = $"json: cannot unmarshal {Kind(_patch)} into Go value of type map[string]interface {{}}";
            throw StatusException.BadRequest(_type == PatchType.Merge ? $"error decoding patch: {fault}" : fault);
        }
    }

    /// <summary>What Go's decoder calls it.</summary>
    private static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    /// <summary>The patched document, not decoded against its schema yet.</summary>
    /// <param name="hasStatus">Whether the object has a status: a JSON patch finds it empty where there is none yet, as upstream's types have it.</param>
    /// <exception cref="StatusException">422 where the patch doesn't fit the object.</exception>
    public byte[] Apply(JsonObject target, TypeSchema schema, bool hasStatus = false)
    {
        var isPlaceholder = hasStatus && _type == PatchType.Json && !target.ContainsKey("status");
        if (isPlaceholder) target["status"] = new JsonObject();
        try
        {
            var result = _type switch
            {
                PatchType.Json => JsonPatch.Apply(target, _patch),
                PatchType.Merge => JsonMergePatch.Apply(target, _patch),
                _ => StrategicMergePatch.Apply(target, (JsonObject)_patch!, schema),
            };
            if (isPlaceholder && result is JsonObject patched && patched["status"] is JsonObject { Count: 0 }) patched.Remove("status");
            return JsonSerializer.SerializeToUtf8Bytes(result, JsonDocuments.CompactJson);
        }
        catch (PatchException fault) when (fault.Unreadable)
        {
            throw StatusException.BadRequest($"error decoding patch: {fault.Message}");
        }
        catch (PatchException)
        {
            throw StatusException.Unprocessable();
        }
    }
}
