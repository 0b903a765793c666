using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quotas;
using ActorCluster.ApiServer.Pipeline;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Gives pods of a runtime class its overhead, node selector and tolerations (plugin/pkg/admission/runtimeclass).</summary>
internal sealed class RuntimeClassAdmission : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName Classes = new("node.k8s.io", "runtimeclasses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Pods) return;
        var spec = request.Object.Ensure("spec");
        var runtimeClass = spec.GetString("runtimeClassName") is { } name
            ? ObjectEncoder.Decode(request.Snapshot.Get(new ObjectKey(Classes, "", name)) ?? throw Refuse(request, $"pod rejected: RuntimeClass \"{name}\" not found"))
            : null;
        SetOverhead(request, spec, runtimeClass.At("overhead", "podFixed"));
        if (runtimeClass?.GetObject("scheduling") is { } scheduling) SetScheduling(request, spec, scheduling);
    }

    private static void SetOverhead(AdmissionRequest request, JsonObject spec, JsonNode? overhead)
    {
        if (overhead is null)
        {
            if (spec.Has("overhead")) throw Refuse(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
            return;
        }
        if (spec.GetObject("overhead") is { Count: > 0 } given && !ResourceAmounts.Read(given).SameAmounts(ResourceAmounts.Read(overhead)))
        {
            throw Refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        }
        spec["overhead"] = overhead.DeepClone();
    }

    private static void SetScheduling(AdmissionRequest request, JsonObject spec, JsonObject scheduling)
    {
        foreach (var (key, value) in scheduling.GetStringMap("nodeSelector") ?? [])
        {
            var selector = spec.Ensure("nodeSelector");
            if (selector.GetString(key) is { } given && given != value)
            {
                throw Refuse(request, $"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {given}");
            }
            selector[key] = value;
        }
        foreach (var toleration in scheduling.GetObjects("tolerations"))
        {
            if (spec.GetArray("tolerations") is not { } tolerations) spec["tolerations"] = tolerations = [];
            if (!tolerations.Any(other => other.SameAs(toleration))) tolerations.Add(toleration.DeepClone());
        }
    }

    private static StatusException Refuse(AdmissionRequest request, string why) => StatusException.Forbidden(Pods, request.Name, why);
}
