using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Quotas;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Admission;

/// <summary>Refuses what would exceed a quota of its namespace (apiserver/pkg/admission/plugin/resourcequota).</summary>
/// <remarks>The object and the quotas' new use are committed together, so that no two writers can take the same rest of a quota.</remarks>
internal sealed class ResourceQuotaAdmission(ResourceRegistry registry, SimulationContext simulation) : IAdmission
{
    private static readonly ResourceName Quotas = new("", "resourcequotas");

    /// <summary>Events don't count (pkg/quota/v1/install).</summary>
    private const string Events = "events";

    public bool Handles(string part) => part is "" or PodParts.Resize;

    public void Admit(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete || !request.Definition.Namespaced || request.Definition.Name.Plural == Events) return;
        if (registry.Find(Quotas) is not { } definition) return;
        QuotaEvaluator? evaluator = null;
        foreach (var stored in request.Snapshot.List(Quotas, request.Namespace))
        {
            evaluator ??= QuotaEvaluator.For(request.Definition.Name);
            if (request.Old is { } old && request.Part != PodParts.Resize && !evaluator.CountsUpdates(request.Object, old)) return;
            var quota = ObjectEncoder.Decode(stored);
            if (QuotaLimits.Check(quota, evaluator, request.Object, request.Old, simulation.Clock.GetUtcNow(), out var use) is { } refusal)
                throw StatusException.Forbidden(request.Definition.Name, request.Name, refusal);
            if (use is null) continue;
            quota.Ensure("status")["used"] = use.ToDocument();
            request.Outcome.Also(new Mutation.Put(
                stored.Key, stored.Revision, stored.Header, ObjectEncoder.Encode(quota, definition.StorageApiVersion, definition.Kind)));
        }
    }
}
