using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using k8s.Models;

namespace ActorCluster.Api.Resources;

/// <summary>The parts of a running pod's spec that are changed through a sub-resource of their own (pkg/registry/core/pod/strategy.go, pkg/apis/core/validation).</summary>
public static class PodParts
{
    /// <summary>The sub-resource that containers to look around are added through.</summary>
    public const string EphemeralContainers = "ephemeralcontainers";

    /// <summary>The sub-resource that changes what containers request and are limited to.</summary>
    public const string Resize = "resize";

    /// <summary>The field of <see cref="EphemeralContainers"/>.</summary>
    internal const string EphemeralList = "ephemeralContainers";

    private static readonly string[] ContainerLists = ["containers", "initContainers"];
    private static readonly string[] Resizable = ["resources", "resizePolicy"];
    private static readonly string[] ResizableResources = ["cpu", "memory"];
    private static readonly string[] KeptMetadata = ["labels", "annotations", "ownerReferences", "finalizers", "deletionTimestamp"];

    /// <summary>Undoes all changes but those of the ephemeral containers.</summary>
    public static void KeepButEphemeralContainers(JsonObject pod, JsonObject old)
    {
        var containers = pod.At("spec", EphemeralList)?.DeepClone();
        Restore(pod, old);
        pod.Ensure("spec").Put(EphemeralList, containers);
        CountGeneration(pod, old);
    }

    /// <summary>Undoes all changes but those of the containers' resources; where containers were added, removed or renamed, validation says so.</summary>
    public static void KeepButResources(JsonObject pod, JsonObject old)
    {
        var spec = (JsonObject)pod.Ensure("spec").DeepClone();
        Restore(pod, old);
        foreach (var list in ContainerLists)
        {
            var given = spec.GetObjects(list).ToList();
            var before = old.Ensure("spec").GetObjects(list).ToList();
            if (!given.Select(Name).SequenceEqual(before.Select(Name)))
            {
                pod.Ensure("spec").Put(list, spec[list]?.DeepClone());
                continue;
            }
            foreach (var (container, wanted) in pod.Ensure("spec").GetObjects(list).Zip(given))
            {
                foreach (var field in Resizable) container.Put(field, wanted[field]?.DeepClone());
            }
        }
        CountGeneration(pod, old);
    }

    public static void ValidateEphemeralContainers(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        const string path = "spec.ephemeralContainers";
        var now = pod.GetObject("spec").GetObjects(EphemeralList).ToLookup(Name);
        foreach (var before in old.GetObject("spec").GetObjects(EphemeralList))
        {
            if (now[Name(before)].FirstOrDefault() is not { } container) errors.Forbidden(path, $"existing ephemeral containers \"{Name(before)}\" may not be removed\n");
            else if (!container.SameAs(before)) errors.Forbidden(path, $"existing ephemeral containers \"{Name(before)}\" may not be changed\n");
        }
    }

    public static void ValidateResize(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        if (PodQualityOfService.Of(pod) != PodQualityOfService.Of(old)) errors.Invalid("spec", pod.TextAt("status", "qosClass"), "Pod QOS Class may not change as a result of resizing");
        foreach (var list in ContainerLists)
        {
            var now = pod.GetObject("spec").GetObjects(list).ToList();
            var before = old.GetObject("spec").GetObjects(list).ToList();
            if (now.Count != before.Count)
            {
                errors.Forbidden("spec", $"{list} may not be added or removed on resize");
                return;
            }
            for (var i = 0; i < now.Count; i++)
            {
                if (Name(now[i]) != Name(before[i])) errors.Forbidden($"spec.{list}[{i}].name", $"{list} may not be renamed or reordered on resize");
                else ValidateResize(now[i], before[i], list, $"spec.{list}[{i}]", errors);
            }
        }
    }

    /// <summary>Nobody owns what can't be written here.</summary>
    internal static IEnumerable<IReadOnlyList<string>> ResetFields(string subresource)
    {
        string[] writable = subresource == Resize ? ContainerLists : [EphemeralList];
        return
        [
            ["status"], .. KeptMetadata.Select(name => (IReadOnlyList<string>)["metadata", name]),
            .. ModelSchema.Of<V1PodSpec>().Fields.Where(field => !writable.Contains(field.Name)).Select(field => (IReadOnlyList<string>)["spec", field.Name]),
        ];
    }

    private static void ValidateResize(JsonObject container, JsonObject before, string list, string path, FieldErrors errors)
    {
        if (Changes(container, before) && list == "initContainers" && before.GetString("restartPolicy") != "Always")
        {
            errors.Forbidden("spec", "resources for non-sidecar init containers are immutable");
            return;
        }
        foreach (var field in (ReadOnlySpan<string>)["requests", "limits"])
        {
            var (now, was) = (container.At("resources", field) as JsonObject ?? [], before.At("resources", field) as JsonObject ?? []);
            if (was.Any(amount => !now.ContainsKey(amount.Key))) errors.Forbidden($"{path}.resources.{field}", $"resource {field} cannot be removed");
            if (now.Any(amount => !ResizableResources.Contains(amount.Key) && !amount.Value.SameAs(was[amount.Key]))) errors.Forbidden("spec", "only cpu and memory resources are mutable");
        }
    }

    private static bool Changes(JsonObject container, JsonObject before) => !container["resources"].SameAs(before["resources"]);

    private static void Restore(JsonObject pod, JsonObject old)
    {
        foreach (var part in (ReadOnlySpan<string>)["spec", "status"]) pod.Put(part, old[part]?.DeepClone());
        foreach (var field in KeptMetadata) ObjectMetadata.Of(pod).Json.Put(field, old.At("metadata", field)?.DeepClone());
    }

    private static void CountGeneration(JsonObject pod, JsonObject old)
    {
        if (pod["spec"].SameAs(old["spec"])) return;
        var metadata = ObjectMetadata.Of(pod);
        metadata.Generation = ObjectMetadata.Of(old).Generation + 1;
    }

    private static string Name(JsonObject container) => container.GetString("name") ?? "";
}
