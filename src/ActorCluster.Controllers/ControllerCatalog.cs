using ActorCluster.Controllers.Deployments;
using ActorCluster.Controllers.ReplicaSets;
using ActorCluster.Controllers.Reconciling;
using Akka.Event;

namespace ActorCluster.Controllers;

/// <summary>All controllers there are: a new one is a folder and a line here.</summary>
internal static class ControllerCatalog
{
    public static IReadOnlyList<IReconciler> CreateAll(ControllerServices services, EventStream events) =>
    [
        new DeploymentReconciler(services),
        new ReplicaSetReconciler(services),
    ];
}
