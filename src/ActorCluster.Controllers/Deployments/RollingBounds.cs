using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>How many pods more and how many fewer than wanted a Deployment's rollout allows.</summary>
internal static class RollingBounds
{
    public static bool IsRollingUpdate(V1Deployment deployment) => deployment.Spec.Strategy?.Type is null or "" or "RollingUpdate";

    public static int Replicas(V1Deployment deployment) => deployment.Spec.Replicas ?? 1;

    public static int MaxSurge(V1Deployment deployment) => IsRollingUpdate(deployment) ? Resolve(deployment).Surge : 0;

    public static int MaxUnavailable(V1Deployment deployment) =>
        !IsRollingUpdate(deployment) || Replicas(deployment) == 0 ? 0 : Math.Min(Resolve(deployment).Unavailable, Replicas(deployment));

    public static int MinAvailable(V1Deployment deployment) => IsRollingUpdate(deployment) ? Replicas(deployment) - MaxUnavailable(deployment) : 0;

    /// <summary>ResolveFenceposts: both zero would be a rollout that can't move, so one may be unavailable.</summary>
    private static (int Surge, int Unavailable) Resolve(V1Deployment deployment)
    {
        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = CountOrPercent.Of(rolling?.MaxSurge ?? "25%", Replicas(deployment), roundUp: true);
        var unavailable = CountOrPercent.Of(rolling?.MaxUnavailable ?? "25%", Replicas(deployment), roundUp: false);
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }
}
