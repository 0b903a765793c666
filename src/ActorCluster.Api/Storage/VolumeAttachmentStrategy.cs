using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Storage;

/// <summary>pkg/registry/storage/volumeattachment, pkg/apis/storage/validation.</summary>
internal sealed class VolumeAttachmentStrategy : ResourceStrategy
{
    private const int LargestMetadata = 256 * 1024;
    private const int LongestMessage = 1024;
    private const string OneSource = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

    public override bool HasStatus => true;

    public override bool StatusKeepsMetadata => true;

    public override void Validate(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        CsiNodeStrategy.DriverName(spec.GetString("attacher") ?? "", "spec.attacher", errors);
        var source = spec.GetObject("source") ?? [];
        if (!source.Has("inlineVolumeSpec") && !source.Has("persistentVolumeName")) errors.Required("spec.source", OneSource);
        else if (source.Has("inlineVolumeSpec") && source.Has("persistentVolumeName")) errors.Forbidden("spec.source", OneSource);
        else if (source.GetString("persistentVolumeName") is { Length: 0 }) errors.Required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
        if (source.GetString("persistentVolumeName") is { } volume) foreach (var fault in Names.Dns1123Subdomain(volume)) errors.Invalid("spec.source.persistentVolumeName", volume, fault);
        var node = spec.GetString("nodeName") ?? "";
        foreach (var fault in Names.Dns1123Subdomain(node)) errors.Invalid("spec.nodeName", node, fault);
        Status(obj, errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => MetadataValidation.Immutable(obj["spec"], old["spec"], "spec", errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => Status(obj, errors);

    private static void Status(JsonObject obj, FieldErrors errors)
    {
        if (obj.GetObject("status") is not { } status) return;
        if (status.GetStringMap("attachmentMetadata")?.Sum(pair => pair.Key.Length + pair.Value.Length) > LargestMetadata) errors.TooLong("status.attachmentMetadata", LargestMetadata);
        foreach (var name in (ReadOnlySpan<string>)["attachError", "detachError"])
        {
            if (status.GetObject(name) is not { } fault) continue;
            if (fault.GetString("message")?.Length > LongestMessage) errors.TooLong($"status.{name}.message", LongestMessage);
            if (fault.GetInteger("errorCode") is { } code and < 0) errors.Invalid($"status.{name}.errorCode", code, Names.Between(0, int.MaxValue));
        }
    }
}
