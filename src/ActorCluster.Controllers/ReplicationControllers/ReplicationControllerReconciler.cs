using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.ReplicaSets;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicationControllers;

/// <summary>Keeps the number of a ReplicationController's pods: to the controller it is a ReplicaSet (pkg/controller/replication).</summary>
internal sealed class ReplicationControllerReconciler(ControllerServices services)
    : ReplicaReconciler<V1ReplicationController>(services, "replication-controller", OwnerKind.ReplicationController)
{
    protected override V1ReplicaSet AsReplicaSet(V1ReplicationController workload) => ReplicationControllerConversion.ToReplicaSet(workload);

    protected override V1ReplicationController WithStatus(V1ReplicationController workload, V1ReplicaSetStatus status) =>
        workload with { Status = ReplicationControllerConversion.FromReplicaSet(status) };
}
