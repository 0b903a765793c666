using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Quantities;
using ActorCluster.Api.Quotas;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ResourceQuotas;

/// <summary>Says in each quota's status how much of it is used (pkg/controller/resourcequota). Keys are "ns/name".</summary>
/// <remarks>What is made is added to the use by admission; here it is counted anew when something went, and now and then.</remarks>
internal sealed class ResourceQuotaReconciler(ControllerServices services, MetadataInformers metadata) : IReconciler
{
    private static readonly ResourceName Quotas = new("", "resourcequotas");

    /// <summary>--resource-quota-sync-period.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private static readonly ApiRequestOptions Options = new() { User = "system:serviceaccount:kube-system:resourcequota-controller" };
    private readonly InformerIndex<V1ResourceQuota> _byNamespace = services.Informers.ByNamespace<V1ResourceQuota>();

    /// <summary>Events don't count.</summary>
    private IEnumerable<QuotaEvaluator> Evaluators =>
        services.Options.Registry.Stored.Where(definition => definition.Namespaced && definition.Name.Plural != "events").Select(definition => definition.Name).Order().Select(QuotaEvaluator.For);

    public string Name => "resourcequota-controller";

    public void Attach(IReconcileQueue queue)
    {
        services.Informers.Of<V1ResourceQuota>().Changed += (before, after) =>
        {
            if (after is not null && (before is null || !ObjectCopy.SemanticallyEqual(before.Spec?.Hard, after.Spec?.Hard))) queue.Add(KeyOf(after));
        };
        metadata.Changed += (before, after) =>
        {
            if (after is null && before!.Key.Namespace.Length > 0) Recount(before.Key.Namespace);
        };
        services.Informers.Of<V1Pod>().Changed += (before, after) =>
        {
            if (before is not null && after is not null && ((!PodFacts.IsTerminal(before) && PodFacts.IsTerminal(after)) || !SameResources(before, after))) Recount(after.Metadata.NamespaceProperty);
        };
        services.Informers.Of<V1Service>().Changed += (before, after) =>
        {
            if (before is not null && after is not null && (before.Spec.Type != after.Spec.Type || before.Spec.Ports?.Count != after.Spec.Ports?.Count)) Recount(after.Metadata.NamespaceProperty);
        };
        services.Informers.Of<V1PersistentVolumeClaim>().Changed += (before, after) =>
        {
            if (before is not null && after is not null && !ObjectCopy.SemanticallyEqual(before.Spec.Resources, after.Spec.Resources)) Recount(after.Metadata.NamespaceProperty);
        };

        void Recount(string ns)
        {
            foreach (var quota in _byNamespace.Get(ns)) queue.Add(KeyOf(quota));
        }
    }

    /// <summary>Whether its containers have what they had.</summary>
    private static bool SameResources(V1Pod before, V1Pod after) =>
        SameResources(before.Status?.ContainerStatuses, after.Status?.ContainerStatuses) && SameResources(before.Status?.InitContainerStatuses, after.Status?.InitContainerStatuses);

    private static bool SameResources(IList<V1ContainerStatus>? before, IList<V1ContainerStatus>? after) => before is null || after is null || before.All(
        old => after.FirstOrDefault(status => status.Name == old.Name) is not { } now || ObjectCopy.SemanticallyEqual(old.Resources, now.Resources));

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        while (await ReadAsync(ApiVerb.Get, Quotas, ns, name, cancellationToken) is { } quota)
        {
            var hard = ResourceAmounts.Read(quota.At("spec", "hard"));
            var (limitsBefore, usedBefore) = (ResourceAmounts.Read(quota.At("status", "hard")), ResourceAmounts.Read(quota.At("status", "used")));
            var used = await CountAsync(ns, quota, hard, usedBefore, cancellationToken);
            var sameLimits = hard.SameAmounts(limitsBefore) && quota.At("status", "hard") is not null;
            if (sameLimits && used.SameAmounts(usedBefore)) break;
            quota["status"] = new JsonObject { ["hard"] = hard.ToDocument(), ["used"] = used.ToDocument() };
            await WriteStatusAsync(quota, ns, name, cancellationToken);
            // Admission counts by the limits that the status says: what was made before it said these is seen by another look.
            if (sameLimits) break;
        }
        return ReconcileResult.After(Period);
    }

    private async Task<ImmutableSortedDictionary<string, Quantity>> CountAsync(
        string ns, JsonObject quota, ImmutableSortedDictionary<string, Quantity> hard, ImmutableSortedDictionary<string, Quantity> before, CancellationToken cancellationToken)
    {
        var used = before;
        foreach (var evaluator in Evaluators.Where(evaluator => hard.Keys.Any(evaluator.Counts)))
        {
            var sum = hard.Keys.Where(evaluator.Counts).Aggregate(ResourceAmounts.None, (zero, name) => zero.SetItem(name, Quantity.Zero));
            var list = await ReadAsync(ApiVerb.List, evaluator.Resource, ns, "", cancellationToken);
            foreach (var obj in list.GetObjects("items").Where(obj => evaluator.IsCounted(quota, hard.Keys, obj))) sum = sum.Plus(evaluator.Usage(obj, services.Now));
            used = used.SetItems(sum);
        }
        return used.Only(hard.Keys);
    }

    /// <returns>Null if there is no such object.</returns>
    private async Task<JsonObject?> ReadAsync(ApiVerb verb, ResourceName resource, string ns, string name, CancellationToken cancellationToken)
    {
        var response = await services.Api.SendAsync(new ApiRequest(verb, resource, ns, name, Options: Options), cancellationToken);
        if (response.StatusCode == 404) return null;
        return response.IsSuccess ? JsonNode.Parse(response.Body.Span) as JsonObject : throw ApiStatusException.From(response.StatusCode, response.Body);
    }

    private async Task WriteStatusAsync(JsonObject quota, string ns, string name, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(quota, JsonDocuments.CompactJson);
        var response = await services.Api.SendAsync(new ApiRequest(ApiVerb.Update, Quotas, ns, name, "status", Body: body, Options: Options), cancellationToken);
        if (response is { IsSuccess: false, StatusCode: not 404 }) throw ApiStatusException.From(response.StatusCode, response.Body);
    }

    private static string KeyOf(V1ResourceQuota quota) => ObjectNames.Join(quota.Metadata.NamespaceProperty, quota.Metadata.Name);
}
