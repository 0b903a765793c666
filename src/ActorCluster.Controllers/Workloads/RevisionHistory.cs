using ActorCluster.Controllers.Objects;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>ControllerRevisions in their order (pkg/controller/history/controller_history.go). Pure.</summary>
internal static class RevisionHistory
{
    /// <summary>From the oldest to the newest.</summary>
    public static IReadOnlyList<V1ControllerRevision> InOrder(IEnumerable<V1ControllerRevision> revisions) => [.. revisions
        .OrderBy(revision => revision.Revision)
        .ThenBy(revision => revision.Metadata.CreationTimestamp ?? DateTime.MinValue)
        .ThenBy(revision => revision.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The number that makes a revision the newest.</summary>
    public static long NextNumber(IEnumerable<V1ControllerRevision> revisions) => revisions.Select(revision => revision.Revision ?? 0).DefaultIfEmpty().Max() + 1;

    /// <summary>A revision with the workload's template, not yet stored.</summary>
    public static V1ControllerRevision New(
        IKubernetesObject<V1ObjectMeta> owner, OwnerKind kind, V1PodTemplateSpec template, string name, Dictionary<string, string> labels, long number) => new()
        {
            ApiVersion = ApiVersions.Apps,
            Kind = "ControllerRevision",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = owner.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = owner.Metadata.Annotations,
                OwnerReferences = [kind.Reference(owner)],
            },
            Data = TemplateRevision.PatchOf(template),
            Revision = number,
        };
}
