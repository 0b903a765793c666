using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Selectors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using k8s.Models;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>eviction of pods: a deletion that disruption budgets must allow (pkg/registry/core/pod/storage/eviction.go).</summary>
internal sealed class EvictionSubresource(IObjectStore store, ResourceRegistry registry, ObjectWriter writer, ObjectDeleter deleter) : ISubresource
{
    private static readonly ResourceName Budgets = new("policy", "poddisruptionbudgets");

    public string Name => "eviction";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        if (scope.Request.Verb != ApiVerb.Create) throw SubresourceAnswers.NotSupported(scope);
        var eviction = BodyDecoder.Decode(scope.Request.Body.Span, ModelSchema.Of<V1Eviction>(), "Eviction", "policy/v1", scope.Options.FieldValidation, scope.Warnings);
        if (eviction.TextAt("metadata", "name") is { Length: > 0 } name && name != scope.Request.Name)
        {
            throw StatusException.BadRequest("name in URL does not match name in Eviction object");
        }

        var deletion = Deletion(scope, eviction.GetObject("deleteOptions") ?? []);
        var options = DeletionOptions.Read(deletion.Request);
        // When the pod changes between the decision and the deletion, the decision may be another one.
        while (!await TryEvictAsync(deletion, options, cancellationToken)) cancellationToken.ThrowIfCancellationRequested();
        return scope.Respond(201, SubresourceAnswers.Success);
    }

    /// <returns>The state of the pod that the decision holds for; null: any.</returns>
    /// <exception cref="StatusException">429: its budget doesn't allow it now.</exception>
    private async Task<StoredObject?> TakeFromBudgetAsync(RequestScope scope, DeletionOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = store.Snapshot;
            var current = snapshot.Get(scope.Key) ?? throw scope.NotFound();
            options.Check(scope, current);
            var pod = ObjectEncoder.Decode(current);
            if (EvictionBudget.IsIgnoredBy(pod)) return EvictionBudget.MayBecomeHealthy(pod) ? current : null;
            var budgets = snapshot.List(Budgets, scope.Request.Namespace).Select(stored => (Stored: stored, Budget: ObjectEncoder.Decode(stored)))
                .Where(found => LabelSelector.FromDocument(found.Budget.At("spec", "selector") as JsonObject).Matches(ObjectMetadata.Of(pod).Labels)).ToList();
            if (budgets.Count == 0) return null;
            if (budgets.Count > 1)
            {
                throw StatusException.Other(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
            }

            var (stored, budget) = budgets[0];
            if (EvictionBudget.AllowsUnhealthy(pod, budget)) return current;
            EvictionBudget.Take(budget, scope.Request.Name, writer.Now);
            if (options.DryRun) return null;
            var definition = registry.Find(Budgets) ?? throw StatusException.UnknownPath();
            // Another eviction, or the controller, may have been faster: then the new numbers count.
            if (await writer.TryReplaceAsync(definition, stored, budget, cancellationToken) is not null) return null;
        }
    }

    private async Task<bool> TryEvictAsync(RequestScope deletion, DeletionOptions options, CancellationToken cancellationToken)
    {
        var decidedOn = await TakeFromBudgetAsync(deletion, options, cancellationToken);
        if (options.DryRun)
        {
            await deleter.DeleteAsync(deletion, cancellationToken);
            return true;
        }

        var stale = false;
        var written = await writer.UpdateAsync(deletion, UpdateMode.Trusted, (current, copy) =>
        {
            var pod = copy();
            options.Check(deletion, current);
            stale = decidedOn is not null && decidedOn.Revision != current.Revision;
            if (!stale) PodConditions.SetTrue(pod, "DisruptionTarget", writer.Now, "EvictionByEvictionAPI", "Eviction API: evicting");
            return pod;
        }, cancellationToken);
        if (stale) return false;
        if (written.Removed) return true;
        var wasAsked = !string.IsNullOrEmpty(options.ResourceVersion);
        try
        {
            // The mark is a change of our own: what was to be deleted at one revision is at the next.
            var marked = wasAsked || decidedOn is not null
                ? deletion with { Request = deletion.Request with { Body = WithRevision(deletion.Request.Body, written.Stored!.Revision) } }
                : deletion;
            await deleter.DeleteAsync(marked, cancellationToken);
            return true;
        }
        catch (StatusException changed) when (changed.Code == 409 && decidedOn is not null && !wasAsked)
        {
            return false;
        }
    }

    private static RequestScope Deletion(RequestScope scope, JsonObject options) => scope with
    {
        Request = scope.Request with
        {
            Verb = ApiVerb.Delete,
            Subresource = "",
            Body = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(options, JsonDocuments.CompactJson),
        },
    };

    private static byte[] WithRevision(ReadOnlyMemory<byte> body, long revision)
    {
        var options = (JsonObject)JsonNode.Parse(body.Span)!;
        options.Ensure("preconditions")["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture);
        return JsonSerializer.SerializeToUtf8Bytes<JsonNode>(options, JsonDocuments.CompactJson);
    }
}
