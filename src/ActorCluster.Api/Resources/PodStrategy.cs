using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Resources;

/// <summary>pkg/registry/core/pod/strategy.go.</summary>
internal sealed class PodStrategy : ResourceStrategy
{
    public override bool HasStatus => true;
    public override bool CountsGenerations => true;
    public override bool ReturnsDeletedObject => true;

    public override IEnumerable<IReadOnlyList<string>> ResetFields(string subresource) => subresource switch
    {
        "status" => [["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]],
        PodParts.EphemeralContainers or PodParts.Resize => PodParts.ResetFields(subresource),
        _ => base.ResetFields(subresource),
    };

    public override void ApplyDefaults(JsonObject obj) => PodDefaults.Apply(obj);

    public override void PrepareForCreate(JsonObject obj)
    {
        MatchLabelKeys.Merge(obj);
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQualityOfService.Of(obj) };
        if (obj.GetObject("spec").GetObjects("schedulingGates").Any())
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }
        obj["status"] = status;
    }

    public override void PrepareForStatusUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForStatusUpdate(obj, old);
        // The class of service is decided once.
        if (obj.GetObject("status") is { } status && !status.Has("qosClass")) status.Put("qosClass", old.At("status", "qosClass")?.DeepClone());
    }

    public override void Validate(JsonObject obj, FieldErrors errors) => PodSpecValidation.Validate(obj.Ensure("spec"), "spec", errors);

    public override void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
        if (obj.GetObject("spec").GetObjects(PodParts.EphemeralList).Any()) errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) => PodUpdateValidation.Validate(obj, old, errors);

    public override void ValidateStatusUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (obj.TextAt("spec", "nodeName") != old.TextAt("spec", "nodeName")) errors.Forbidden("spec.nodeName", "may not be changed directly");
    }

    public override long? GracePeriodSeconds(JsonObject obj, long? requested)
    {
        var period = requested ?? obj.IntegerAt("spec", "terminationGracePeriodSeconds") ?? 30;
        // Nobody holds an unscheduled pod, and one that is done has nothing left to end.
        if (obj.TextAt("spec", "nodeName") is not { Length: > 0 }) return 0;
        if (obj.TextAt("status", "phase") is "Succeeded" or "Failed") return 0;
        return period < 0 ? 1 : period;
    }
}
