using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.DaemonSets;

/// <summary>A DaemonSet's templates of now and of before (constructHistory and cleanupHistory in pkg/controller/daemon/update.go).</summary>
/// <param name="Hash">What marks pods of the present template.</param>
/// <param name="Old">Revisions of other templates, from the oldest.</param>
internal sealed record DaemonHistory(string Hash, IReadOnlyList<V1ControllerRevision> Old)
{
    /// <summary>Finds or makes the revision of the present template, and gives it the highest number.</summary>
    /// <param name="revisions">Those that the set controls.</param>
    /// <param name="wrote">Told of each revision that was written.</param>
    /// <returns>Null if another template has taken the name that the hash gives: the set's collision count is up by one, try again.</returns>
    public static async Task<DaemonHistory?> BringUpAsync(
        KubeClient client, V1DaemonSet set, IReadOnlyList<V1ControllerRevision> revisions, IReadOnlyList<V1Pod> pods, Action<V1ControllerRevision> wrote,
        CancellationToken cancellationToken)
    {
        var byPresence = RevisionHistory.InOrder(revisions).ToLookup(revision => TemplateRevision.Holds(revision, set.Spec.Template));
        IReadOnlyList<V1ControllerRevision> old = [.. byPresence[false]];
        var number = RevisionHistory.NextNumber(old);
        if (byPresence[true].LastOrDefault() is not { } current)
        {
            return await SnapshotAsync(client, set, number, wrote, cancellationToken) is { } created ? new(HashOf(created), old) : null;
        }

        foreach (var twin in byPresence[true].SkipLast(1)) await MergeAsync(client, twin, current, pods, cancellationToken);
        if (current.Revision < number)
        {
            current = await client.UpdateAsync(current with { Revision = number }, ct: cancellationToken);
            wrote(current);
        }

        return new(HashOf(current), old);
    }

    /// <summary>Deletes the oldest revisions beyond the limit, but none that pods are still of.</summary>
    public async Task CleanUpAsync(KubeClient client, V1DaemonSet set, IEnumerable<V1Pod> pods, CancellationToken cancellationToken)
    {
        foreach (var revision in Expired(Old, set.Spec.RevisionHistoryLimit ?? 10, pods))
            await client.DeleteAsync<V1ControllerRevision>(revision.Metadata.NamespaceProperty, revision.Metadata.Name, ct: cancellationToken);
    }

    public static IReadOnlyList<V1ControllerRevision> Expired(IReadOnlyList<V1ControllerRevision> old, int limit, IEnumerable<V1Pod> pods)
    {
        var live = pods.Select(TemplateRevision.HashOf).ToHashSet(StringComparer.Ordinal);
        return [.. old.Where(revision => !live.Contains(HashOf(revision))).Take(Math.Max(0, old.Count - limit))];
    }

    /// <summary>A revision without the label is as good as its name.</summary>
    private static string HashOf(V1ControllerRevision revision) => TemplateRevision.HashOf(revision) is { Length: > 0 } hash ? hash : revision.Metadata.Name;

    private static async Task<V1ControllerRevision?> SnapshotAsync(
        KubeClient client, V1DaemonSet set, long number, Action<V1ControllerRevision> wrote, CancellationToken cancellationToken)
    {
        var hash = TemplateHash.Of(set.Spec.Template, set.Status?.CollisionCount);
        var name = TemplateHash.NameOf(set.Metadata.Name, hash);
        try
        {
            var labels = TemplateRevision.WithHash(set.Spec.Template.Metadata?.Labels, hash);
            var created = await client.CreateAsync(RevisionHistory.New(set, OwnerKind.DaemonSet, set.Spec.Template, name, labels, number), cancellationToken);
            wrote(created);
            return created;
        }
        catch (ApiStatusException e) when (e.IsAlreadyExists)
        {
            var present = await client.GetAsync<V1ControllerRevision>(set.Metadata.NamespaceProperty, name, cancellationToken);
            // Also one that a predecessor of the set's name left behind and that is not seen as an orphan yet: it is adopted then.
            if (present is not null && TemplateRevision.Holds(present, set.Spec.Template)) return present;
            var status = (set.Status ?? new V1DaemonSetStatus()) with { CollisionCount = (set.Status?.CollisionCount ?? 0) + 1 };
            await client.UpdateAsync(set with { Status = status }, "status", cancellationToken);
            return null;
        }
    }

    /// <summary>Of two revisions of one template the older goes, and its pods become the newer's.</summary>
    private static async Task MergeAsync(
        KubeClient client, V1ControllerRevision twin, V1ControllerRevision kept, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.Where(pod => TemplateRevision.HashOf(pod) == HashOf(twin)))
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [TemplateRevision.HashLabel] = HashOf(kept) } } };
            await client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, ct: cancellationToken);
        }

        await client.DeleteAsync<V1ControllerRevision>(twin.Metadata.NamespaceProperty, twin.Metadata.Name, ct: cancellationToken);
    }
}
