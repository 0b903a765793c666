using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.ReplicaSets;

/// <summary>The status that a ReplicaSet's pods amount to (pkg/controller/replicaset/replica_set_utils.go). Pure.</summary>
internal static class ReplicaSetStatus
{
    private const string ReplicaFailure = "ReplicaFailure";

    public static V1ReplicaSetStatus Calculate(
        V1ReplicaSet set, IReadOnlyList<V1Pod> active, int terminating, Exception? failure, DateTimeOffset now)
    {
        var templateLabels = set.Spec.Template?.Metadata?.Labels ?? new Dictionary<string, string>();
        var minReadySeconds = set.Spec.MinReadySeconds ?? 0;
        return new V1ReplicaSetStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(pod => LabelSelectors.ContainsAll(pod.Metadata.Labels, templateLabels)),
            ReadyReplicas = active.Count(PodFacts.IsReady),
            AvailableReplicas = active.Count(pod => PodFacts.IsAvailable(pod, minReadySeconds, now)),
            TerminatingReplicas = terminating,
            ObservedGeneration = set.Metadata.Generation,
            Conditions = ConditionsOf(set, active.Count, failure, now),
        };
    }

    /// <summary>Whether writing would change nothing.</summary>
    public static bool Same(V1ReplicaSetStatus? left, V1ReplicaSetStatus right) =>
        left is not null
        && left.Replicas == right.Replicas
        && (left.FullyLabeledReplicas ?? 0) == right.FullyLabeledReplicas
        && (left.ReadyReplicas ?? 0) == right.ReadyReplicas
        && (left.AvailableReplicas ?? 0) == right.AvailableReplicas
        && (left.TerminatingReplicas ?? 0) == right.TerminatingReplicas
        && (left.ObservedGeneration ?? 0) == (right.ObservedGeneration ?? 0)
        && (left.Conditions ?? []).SequenceEqual(right.Conditions ?? []);

    private static List<V1ReplicaSetCondition>? ConditionsOf(V1ReplicaSet set, int active, Exception? failure, DateTimeOffset now)
    {
        var conditions = set.Status?.Conditions?.ToList() ?? [];
        var existing = conditions.Find(c => c.Type == ReplicaFailure);
        if (failure is null && existing is not null) conditions.Remove(existing);
        if (failure is not null && existing is null)
        {
            conditions.Add(new V1ReplicaSetCondition
            {
                Type = ReplicaFailure,
                Status = "True",
                Reason = active < (set.Spec.Replicas ?? 1) ? "FailedCreate" : "FailedDelete",
                Message = failure.Message,
                LastTransitionTime = now.ToApiTime(),
            });
        }

        return conditions.Count == 0 ? null : conditions;
    }
}
