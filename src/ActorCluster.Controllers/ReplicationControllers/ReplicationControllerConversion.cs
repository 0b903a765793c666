using k8s.Models;

namespace ActorCluster.Controllers.ReplicationControllers;

/// <summary>ReplicationControllers as ReplicaSets and back (pkg/apis/core/v1/conversion.go): the selector is a plain map of labels, and
/// the status doesn't count terminating pods. Pure.</summary>
internal static class ReplicationControllerConversion
{
    public static V1ReplicaSet ToReplicaSet(V1ReplicationController controller) => new()
    {
        Metadata = controller.Metadata,
        Spec = new V1ReplicaSetSpec
        {
            Replicas = controller.Spec.Replicas,
            MinReadySeconds = controller.Spec.MinReadySeconds,
            Selector = controller.Spec.Selector is null ? null : new V1LabelSelector { MatchLabels = controller.Spec.Selector },
            Template = controller.Spec.Template,
        },
        Status = controller.Status is not { } status ? null : new V1ReplicaSetStatus
        {
            Replicas = status.Replicas,
            FullyLabeledReplicas = status.FullyLabeledReplicas,
            ReadyReplicas = status.ReadyReplicas,
            AvailableReplicas = status.AvailableReplicas,
            ObservedGeneration = status.ObservedGeneration,
            Conditions = status.Conditions?.Select(condition => new V1ReplicaSetCondition
            {
                Type = condition.Type,
                Status = condition.Status,
                LastTransitionTime = condition.LastTransitionTime,
                Reason = condition.Reason,
                Message = condition.Message,
            }).ToList(),
        },
    };

    public static V1ReplicationControllerStatus FromReplicaSet(V1ReplicaSetStatus status) => new()
    {
        Replicas = status.Replicas,
        FullyLabeledReplicas = status.FullyLabeledReplicas,
        ReadyReplicas = status.ReadyReplicas,
        AvailableReplicas = status.AvailableReplicas,
        ObservedGeneration = status.ObservedGeneration,
        Conditions = status.Conditions?.Select(condition => new V1ReplicationControllerCondition
        {
            Type = condition.Type,
            Status = condition.Status,
            LastTransitionTime = condition.LastTransitionTime,
            Reason = condition.Reason,
            Message = condition.Message,
        }).ToList(),
    };
}
