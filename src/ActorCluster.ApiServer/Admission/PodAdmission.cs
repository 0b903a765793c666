using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.ApiServer.Admission;

/// <summary>The service account that a pod runs as (plugin/pkg/admission/serviceaccount).</summary>
/// <remarks>The account named "default" need not exist yet: its controller makes it soon after the namespace.</remarks>
internal sealed class ServiceAccountAdmission : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");
    private static readonly ResourceName ServiceAccounts = new("", "serviceaccounts");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Pods) return;
        var spec = request.Object.Ensure("spec");
        spec.Default("serviceAccountName", "default");
        var account = spec.GetString("serviceAccountName")!;
        spec["serviceAccount"] = account;
        if (account != "default" && request.Snapshot.Get(new ObjectKey(ServiceAccounts, request.Namespace, account)) is null)
        {
            throw StatusException.Forbidden(Pods, request.Name,
                $"error looking up service account {request.Namespace}/{account}: serviceaccount \"{account}\" not found");
        }
    }
}

/// <summary>How long a pod stays on a node that is not ready or not reachable, where it doesn't say (plugin/pkg/admission/defaulttolerationseconds).</summary>
internal sealed class DefaultTolerations(ClusterTimings timings) : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Pods) return;
        var spec = request.Object.Ensure("spec");
        Tolerate(spec, "node.kubernetes.io/not-ready", timings.DefaultNotReadyToleration);
        Tolerate(spec, "node.kubernetes.io/unreachable", timings.DefaultUnreachableToleration);
    }

    private static void Tolerate(JsonObject spec, string taint, TimeSpan time)
    {
        var covered = spec.GetObjects("tolerations").Any(t =>
            (t.GetString("key") is null or "" || t.GetString("key") == taint) && t.GetString("effect") is null or "" or "NoExecute");
        if (covered) return;
        if (spec.GetArray("tolerations") is not { } tolerations) spec["tolerations"] = tolerations = [];
        tolerations.Add((JsonNode)new JsonObject
        {
            ["key"] = taint,
            ["operator"] = "Exists",
            ["effect"] = "NoExecute",
            ["tolerationSeconds"] = (long)Math.Ceiling(time.TotalSeconds),
        });
    }
}

/// <summary>The number behind a pod's priority class (plugin/pkg/admission/priority); only the system's own classes exist so far.</summary>
internal sealed class PriorityAdmission : IAdmission
{
    private static readonly ResourceName Pods = new("", "pods");

    private static readonly Dictionary<string, long> Classes = new()
    {
        ["system-cluster-critical"] = 2_000_000_000,
        ["system-node-critical"] = 2_000_001_000,
    };

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation != AdmissionOperation.Create || request.Definition.Name != Pods) return;
        var spec = request.Object.Ensure("spec");
        var priority = 0L;
        if (spec.GetString("priorityClassName") is { Length: > 0 } name && !Classes.TryGetValue(name, out priority))
        {
            throw StatusException.Forbidden(Pods, request.Name, $"no PriorityClass with name {name} was found");
        }
        if (spec.GetInteger("priority") is { } given && given != priority)
        {
            throw StatusException.Forbidden(Pods, request.Name,
                $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }
        spec["priority"] = priority;
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
    }
}
