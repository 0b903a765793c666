using ActorCluster.Controllers.Deployments;
using ActorCluster.Controllers.NodeLifecycle;
using ActorCluster.Controllers.ReplicaSets;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Scheduling;
using ActorCluster.Controllers.TaintEviction;

namespace ActorCluster.Controllers;

/// <summary>All controllers there are: a new one is a folder and a line here.</summary>
internal static class ControllerCatalog
{
    public static IReadOnlyList<IReconciler> CreateAll(ControllerServices services, ProcessReachability reachability) =>
    [
        new SchedulerReconciler(services),
        new NodeLifecycleReconciler(services, reachability),
        new TaintEvictionReconciler(services),
        new DeploymentReconciler(services),
        new ReplicaSetReconciler(services),
    ];
}
