using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Validation;

namespace ActorCluster.Api.Resources;

/// <summary>What may change in the template of a Job: where its pods are scheduled and what resources they ask for, while it is suspended and none
/// of its pods is there (validatePodTemplateUpdate in pkg/apis/batch/validation).</summary>
internal static class JobTemplateChanges
{
    public static void Validate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (after, before) = (obj.At("spec", "template") as JsonObject ?? [], (JsonObject)(old.At("spec", "template") ?? new JsonObject()).DeepClone());
        var suspended = old.At("spec") is JsonObject spec && spec.GetBoolean("suspend") == true;
        if (!suspended || !MayChange(old))
        {
            MetadataValidation.Immutable(after, before, "spec.template", errors);
            return;
        }
        Take(before.Ensure("spec"), after.Ensure("spec"));
        MetadataValidation.Immutable(after["spec"], before["spec"], "spec.template.spec", errors);
    }

    private static bool MayChange(JsonObject job) =>
        (job.TextAt("status", "startTime") is null || JobConditions.IsTrue(job, "Suspended")) && (job.IntegerAt("status", "active") ?? 0) == 0;

    private static void Take(JsonObject before, JsonObject after)
    {
        foreach (var name in (ReadOnlySpan<string>)["nodeSelector", "tolerations", "schedulingGates"]) before.Put(name, after[name]?.DeepClone());
        var affinity = before.Ensure("affinity");
        affinity.Put("nodeAffinity", after.At("affinity", "nodeAffinity")?.DeepClone());
        if (affinity.Count == 0) before.Remove("affinity");
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var (mine, theirs) = (before.GetObjects(list).ToList(), after.GetObjects(list).ToList());
            if (mine.Count != theirs.Count) continue;
            foreach (var (container, changed) in mine.Zip(theirs))
            {
                if (container.GetString("name") == changed.GetString("name")) container.Put("resources", changed["resources"]?.DeepClone());
            }
        }
    }
}
