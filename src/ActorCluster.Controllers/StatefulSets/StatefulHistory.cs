using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>A StatefulSet's templates of now and of before (getStatefulSetRevisions and truncateHistory in
/// pkg/controller/statefulset/stateful_set_control.go).</summary>
/// <param name="Current">The revision that is being left; without a rollout, the one of the present template.</param>
/// <param name="Update">The revision of the present template.</param>
/// <param name="All">All that the set controls, from the oldest.</param>
/// <param name="CollisionCount">How often another template had taken the name that a hash gave.</param>
internal sealed record StatefulHistory(V1ControllerRevision Current, V1ControllerRevision Update, IReadOnlyList<V1ControllerRevision> All, int CollisionCount)
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    /// <summary>The template of the revision that is being left.</summary>
    public V1PodTemplateSpec CurrentTemplate(V1StatefulSet set) =>
        Current.Metadata.Name == Update.Metadata.Name ? set.Spec.Template : TemplateRevision.TemplateIn(Current);

    /// <summary>Finds or makes the revision of the present template, and gives it the highest number.</summary>
    /// <param name="wrote">Told of each revision that was written.</param>
    public static async Task<StatefulHistory> BringUpAsync(
        KubeClient client, V1StatefulSet set, IReadOnlyList<V1ControllerRevision> revisions, Action<V1ControllerRevision> wrote, CancellationToken cancellationToken)
    {
        var all = RevisionHistory.InOrder(revisions);
        var collisions = set.Status?.CollisionCount ?? 0;
        var update = all.LastOrDefault(revision => TemplateRevision.Holds(revision, set.Spec.Template));
        if (update is null) (update, collisions) = await SnapshotAsync(client, set, RevisionHistory.NextNumber(all), collisions, wrote, cancellationToken);
        else if (!ReferenceEquals(update, all[^1]))
        {
            update = await client.UpdateAsync(update with { Revision = RevisionHistory.NextNumber(all) }, ct: cancellationToken);
            wrote(update);
        }

        return new(all.FirstOrDefault(revision => revision.Metadata.Name == set.Status?.CurrentRevision) ?? update, update, all, collisions);
    }

    /// <summary>Revisions beyond the limit, the oldest first; none that pods are of, or that matter to the rollout.</summary>
    public IReadOnlyList<V1ControllerRevision> Expired(V1StatefulSet set, IEnumerable<V1Pod> pods)
    {
        if ((set.Spec.RevisionHistoryLimit ?? 10) is var limit && limit < 0) return [];
        HashSet<string> live = [Current.Metadata.Name, Update.Metadata.Name, .. pods.Select(TemplateRevision.HashOf)];
        var old = All.Where(revision => !live.Contains(revision.Metadata.Name)).ToList();
        return old[..Math.Max(0, old.Count - limit)];
    }

    private static async Task<(V1ControllerRevision Revision, int Collisions)> SnapshotAsync(
        KubeClient client, V1StatefulSet set, long number, int collisions, Action<V1ControllerRevision> wrote, CancellationToken cancellationToken)
    {
        while (true)
        {
            var hash = TemplateHash.Of(set.Spec.Template, collisions == 0 ? null : collisions);
            var name = TemplateHash.NameOf(set.Metadata.Name, hash);
            var labels = new Dictionary<string, string>(set.Spec.Template.Metadata?.Labels ?? new Dictionary<string, string>()) { [HashLabel] = hash };
            try
            {
                var created = await client.CreateAsync(RevisionHistory.New(set, OwnerKind.StatefulSet, set.Spec.Template, name, labels, number), cancellationToken);
                wrote(created);
                return (created, collisions);
            }
            catch (ApiStatusException e) when (e.IsAlreadyExists)
            {
                var present = await client.GetAsync<V1ControllerRevision>(set.Metadata.NamespaceProperty, name, cancellationToken);
                // Also one that a predecessor of the set's name left behind and that isn't seen as an orphan yet: it is adopted then. Another name would roll its pods out anew.
                if (present is not null && TemplateRevision.Holds(present, set.Spec.Template)) return (present, collisions);
                if (present is not null) collisions++;
            }
        }
    }
}
