using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Admission;

/// <summary>The number behind a pod's priority class, and that there is one default class at most (plugin/pkg/admission/priority).</summary>
internal sealed class PriorityAdmission : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName Classes = new("scheduling.k8s.io", "priorityclasses");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete) return;
        if (request.Definition.Name == Classes) CheckDefault(request);
        else if (request.Definition.Name == Pods) AdmitPod(request);
    }

    private static void AdmitPod(AdmissionRequest request)
    {
        var spec = request.Object.Ensure("spec");
        if (request.Operation == AdmissionOperation.Update)
        {
            foreach (var field in (ReadOnlySpan<string>)["priority", "preemptionPolicy"])
            {
                if (!spec.Has(field)) spec.Put(field, request.Old.At("spec", field)?.DeepClone());
            }
            return;
        }

        var (name, priority, policy) = Resolve(request, spec.GetString("priorityClassName"));
        if (name is not null) spec["priorityClassName"] = name;
        if (spec.GetInteger("priority") is { } given && given != priority)
        {
            throw StatusException.Forbidden(Pods, request.Name,
                $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }
        spec["priority"] = priority;
        if (policy is null) return;
        if (spec.GetString("preemptionPolicy") is { } wanted && wanted != policy)
        {
            throw StatusException.Forbidden(Pods, request.Name,
                $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }
        spec["preemptionPolicy"] = policy;
    }

    private static (string? Name, long Priority, string? Policy) Resolve(AdmissionRequest request, string? name)
    {
        if (string.IsNullOrEmpty(name)) return Default(request.Snapshot) is { } given ? Read(given) : (null, 0, PriorityClassResource.Preempt);
        return request.Snapshot.Get(new ObjectKey(Classes, "", name)) is { } stored
            ? Read(ObjectEncoder.Decode(stored))
            : throw StatusException.Forbidden(Pods, request.Name, $"no PriorityClass with name {name} was found");
    }

    private static (string Name, long Priority, string? Policy) Read(JsonObject found) =>
        (ObjectMetadata.Of(found).Name, found.GetInteger("value") ?? 0, found.GetString("preemptionPolicy"));

    private static void CheckDefault(AdmissionRequest request)
    {
        if (request.Object.GetBoolean("globalDefault") != true || Default(request.Snapshot) is not { } other) return;
        var name = ObjectMetadata.Of(other).Name;
        if (request.Operation == AdmissionOperation.Update && name == request.Name) return;
        throw StatusException.Forbidden(Classes, request.Name, $"PriorityClass {name} is already marked as default. Only one default can exist");
    }

    /// <summary>The default class; the lowest, if two came at the same time.</summary>
    private static JsonObject? Default(IStoreSnapshot snapshot) =>
        snapshot.List(Classes).Select(ObjectEncoder.Decode).Where(c => c.GetBoolean("globalDefault") == true).MinBy(c => c.GetInteger("value") ?? 0);
}
