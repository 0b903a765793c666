using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Whether a namespace still takes new objects.</summary>
internal static class NamespacePhase
{
    public static bool IsActive(V1Namespace ns) => ns.Metadata.DeletionTimestamp is null && ns.Status?.Phase != "Terminating";
}
