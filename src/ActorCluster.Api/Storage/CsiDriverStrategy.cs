using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Storage;

/// <summary>pkg/registry/storage/csidriver, pkg/apis/storage/{v1,validation}.</summary>
internal sealed class CsiDriverStrategy : ResourceStrategy
{
    private const int ShortestToken = 600;
    private const long LongestToken = 1L << 32;
    private static readonly string[] GroupPolicies = ["File", "None", "ReadWriteOnceWithFSType"];
    private static readonly string[] Modes = ["Persistent", "Ephemeral"];

    public override bool CountsGenerations => true;

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("attachRequired", true);
        foreach (var field in (ReadOnlySpan<string>)["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"]) spec.Default(field, false);
        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (!spec.GetStrings("volumeLifecycleModes").Any()) spec["volumeLifecycleModes"] = JsonDocuments.ArrayOf("Persistent");
    }

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        FieldRules.OneOf(spec, "fsGroupPolicy", "spec", GroupPolicies, errors);
        Tokens(spec, errors);
        foreach (var mode in spec.GetStrings("volumeLifecycleModes").Except(Modes)) errors.NotSupported("spec.volumeLifecycleModes", mode, Modes);
        if (spec.GetInteger("nodeAllocatableUpdatePeriodSeconds") is { } period and < 10)
            errors.Invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, "must be greater than or equal to 10 seconds");
        if (spec.GetBoolean("serviceAccountTokenInSecrets") is { } inSecrets && !spec.GetObjects("tokenRequests").Any())
            errors.Invalid("spec.serviceAccountTokenInSecrets", inSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        MetadataValidation.Immutable(obj.At("spec", "attachRequired"), old.At("spec", "attachRequired"), "spec.attachedRequired", errors);
        MetadataValidation.Immutable(obj.At("spec", "volumeLifecycleModes"), old.At("spec", "volumeLifecycleModes"), "spec.volumeLifecycleModes", errors);
    }

    private static void Tokens(JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var token in spec.GetObjects("tokenRequests"))
        {
            var path = $"spec.tokenRequests[{index++}]";
            var audience = token.GetString("audience") ?? "";
            if (!seen.Add(audience)) errors.Duplicate($"{path}.audience", audience);
            else if (token.GetInteger("expirationSeconds") is { } seconds and < ShortestToken) errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
            else if (token.GetInteger("expirationSeconds") is { } longer and > LongestToken) errors.Invalid($"{path}.expirationSeconds", longer, "may not specify a duration larger than 2^32 seconds");
        }
    }
}
