using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>Keeps the number of a ReplicaSet's pods.</summary>
internal sealed class ReplicaSetReconciler(ControllerServices services) : ReplicaReconciler<V1ReplicaSet>(services, "replicaset-controller", OwnerKind.ReplicaSet)
{
    protected override V1ReplicaSet AsReplicaSet(V1ReplicaSet set) => set;

    protected override V1ReplicaSet WithStatus(V1ReplicaSet set, V1ReplicaSetStatus status) => set with { Status = status };
}
