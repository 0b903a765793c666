using ActorCluster.Controllers.Objects;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>What a workload's selector makes of objects (ClaimObject in pkg/controller/controller_ref_manager.go). Pure.</summary>
/// <param name="Owned">What counts as the workload's (that to adopt among it).</param>
/// <param name="Adopt">Orphans that match the selector.</param>
/// <param name="Release">What is controlled but no longer matches.</param>
internal sealed record Claim<T>(IReadOnlyList<T> Owned, IReadOnlyList<T> Adopt, IReadOnlyList<T> Release)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <param name="candidates">What it controls and the orphans of its namespace; others' are left alone.</param>
    public static Claim<T> Of(IKubernetesObject<V1ObjectMeta> owner, V1LabelSelector? selector, IEnumerable<T> candidates)
    {
        List<T> owned = [], adopt = [], release = [];
        var deleting = owner.Metadata.DeletionTimestamp is not null;
        foreach (var item in candidates)
        {
            var controller = Owners.ControllerOf(item);
            if (controller is not null && controller.Uid != owner.Metadata.Uid) continue;
            var matches = LabelSelectors.Matches(selector, item.Metadata.Labels);
            if (controller is not null)
            {
                if (matches) owned.Add(item);
                else if (!deleting) release.Add(item);
            }
            else if (matches && !deleting && item.Metadata.DeletionTimestamp is null)
            {
                owned.Add(item);
                adopt.Add(item);
            }
        }

        return new(owned, adopt, release);
    }
}
