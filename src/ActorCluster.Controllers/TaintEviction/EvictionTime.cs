using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.TaintEviction;

/// <summary>How long a pod may stay on a node with NoExecute taints (processPodOnNode in pkg/controller/tainteviction). Pure.</summary>
internal static class EvictionTime
{
    /// <returns>Null: for ever. Zero: it must go now.</returns>
    public static TimeSpan? Of(IEnumerable<V1Toleration>? tolerations, IEnumerable<V1Taint> noExecuteTaints)
    {
        List<V1Toleration> used = [];
        foreach (var taint in noExecuteTaints)
        {
            if (tolerations?.FirstOrDefault(toleration => Tolerations.Tolerates(toleration, taint)) is not { } tolerating) return TimeSpan.Zero;
            used.Add(tolerating);
        }

        var seconds = used.Where(toleration => toleration.TolerationSeconds is not null).Select(toleration => toleration.TolerationSeconds!.Value).ToList();
        return seconds.Count == 0 ? null : TimeSpan.FromSeconds(Math.Max(0, seconds.Min()));
    }
}
