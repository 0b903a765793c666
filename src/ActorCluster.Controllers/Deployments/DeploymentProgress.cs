using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>The status that a Deployment's replica sets amount to, and whether it gets on (pkg/controller/deployment/{sync,progress}.go). Pure.</summary>
internal static class DeploymentProgress
{
    public static V1DeploymentStatus Calculate(V1Deployment deployment, ReplicaSetFamily family, DateTimeOffset now)
    {
        var available = ReplicaSetFamily.Available(family.All);
        var enough = available >= RollingBounds.Replicas(deployment) - RollingBounds.MaxUnavailable(deployment);
        return new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = family.All.Sum(set => set.Status?.Replicas ?? 0),
            UpdatedReplicas = family.New?.Status?.Replicas ?? 0,
            ReadyReplicas = family.All.Sum(set => set.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, ReplicaSetFamily.Wanted(family.All) - available),
            TerminatingReplicas = family.All.Sum(set => set.Status?.TerminatingReplicas ?? 0),
            CollisionCount = deployment.Status?.CollisionCount,
            Conditions = DeploymentConditions.Set(deployment.Status?.Conditions, enough
                ? DeploymentConditions.New(DeploymentConditions.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
                : DeploymentConditions.New(DeploymentConditions.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now)),
        };
    }

    /// <summary>The status with what is said of the rollout's progress, and the failures of its replica sets.</summary>
    public static V1DeploymentStatus WithProgress(V1Deployment deployment, ReplicaSetFamily family, V1DeploymentStatus status, DateTimeOffset now)
    {
        var conditions = status.Conditions;
        if (!HasDeadline(deployment)) conditions = DeploymentConditions.Remove(conditions, DeploymentConditions.Progressing);
        var current = DeploymentConditions.Find(deployment.Status?.Conditions, DeploymentConditions.Progressing);
        var alreadyComplete = status.Replicas == status.UpdatedReplicas && current?.Reason == DeploymentConditions.NewReplicaSetAvailable;
        if (HasDeadline(deployment) && !alreadyComplete)
        {
            var subject = family.New is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{family.New.Metadata.Name}\"";
            if (IsComplete(deployment, status))
            {
                conditions = DeploymentConditions.Set(conditions, DeploymentConditions.New(
                    DeploymentConditions.Progressing, "True", DeploymentConditions.NewReplicaSetAvailable, $"{subject} has successfully progressed.", now));
            }
            else if (HasProgressed(deployment.Status, status))
            {
                var progressing = DeploymentConditions.New(
                    DeploymentConditions.Progressing, "True", DeploymentConditions.ReplicaSetUpdated, $"{subject} is progressing.", now);
                if (current?.Status == "True") progressing = progressing with { LastTransitionTime = current.LastTransitionTime };
                // Removed first: of the same reason, too, lastUpdateTime must move on, as the deadline counts from there.
                conditions = DeploymentConditions.Set(DeploymentConditions.Remove(conditions, DeploymentConditions.Progressing), progressing);
            }
            else if (IsTimedOut(deployment, conditions, now))
            {
                conditions = DeploymentConditions.Set(conditions, DeploymentConditions.New(
                    DeploymentConditions.Progressing, "False", DeploymentConditions.ProgressDeadlineExceeded, $"{subject} has timed out progressing.", now));
            }
        }

        conditions = FailureOf(family) is { } failure
            ? DeploymentConditions.Set(conditions, failure)
            : DeploymentConditions.Remove(conditions, DeploymentConditions.ReplicaFailure);
        return status with { Conditions = conditions };
    }

    public static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status)
    {
        var wanted = RollingBounds.Replicas(deployment);
        return status.UpdatedReplicas == wanted && status.Replicas == wanted && status.AvailableReplicas == wanted
            && (status.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);
    }

    /// <summary>When the deadline must be looked at; null if the rollout is complete, has timed out, or has no deadline.</summary>
    public static TimeSpan? NextCheck(V1Deployment deployment, V1DeploymentStatus status, DateTimeOffset now)
    {
        var current = DeploymentConditions.Find(status.Conditions, DeploymentConditions.Progressing);
        if (!HasDeadline(deployment) || current is null || IsComplete(deployment, status)) return null;
        if (current.Reason is DeploymentConditions.ProgressDeadlineExceeded or DeploymentConditions.NewReplicaSetAvailable) return null;
        var left = Deadline(deployment, current) - now.UtcDateTime;
        // One second more, as the condition's times have whole seconds.
        return (left < TimeSpan.Zero ? TimeSpan.Zero : left) + TimeSpan.FromSeconds(1);
    }

    /// <summary>The conditions with pausing and resuming noted, so that a pause never counts as lack of progress.</summary>
    public static IList<V1DeploymentCondition>? PauseConditions(V1Deployment deployment, DateTimeOffset now)
    {
        var conditions = deployment.Status?.Conditions;
        if (!HasDeadline(deployment)) return conditions;
        var current = DeploymentConditions.Find(conditions, DeploymentConditions.Progressing);
        if (current?.Reason == DeploymentConditions.ProgressDeadlineExceeded) return conditions;
        var noted = current?.Reason == DeploymentConditions.DeploymentPaused;
        if (deployment.Spec.Paused == true && !noted)
        {
            return DeploymentConditions.Set(conditions, DeploymentConditions.New(
                DeploymentConditions.Progressing, "Unknown", DeploymentConditions.DeploymentPaused, "Deployment is paused", now));
        }

        if (deployment.Spec.Paused != true && noted)
        {
            return DeploymentConditions.Set(conditions, DeploymentConditions.New(
                DeploymentConditions.Progressing, "Unknown", DeploymentConditions.DeploymentResumed, "Deployment is resumed", now));
        }

        return conditions;
    }

    public static bool HasDeadline(V1Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is { } seconds && seconds != int.MaxValue;

    /// <summary>Whether writing would change nothing.</summary>
    public static bool Same(V1DeploymentStatus? left, V1DeploymentStatus right) =>
        left is not null
        && (left.ObservedGeneration ?? 0) == (right.ObservedGeneration ?? 0)
        && (left.Replicas ?? 0) == (right.Replicas ?? 0)
        && (left.UpdatedReplicas ?? 0) == (right.UpdatedReplicas ?? 0)
        && (left.ReadyReplicas ?? 0) == (right.ReadyReplicas ?? 0)
        && (left.AvailableReplicas ?? 0) == (right.AvailableReplicas ?? 0)
        && (left.UnavailableReplicas ?? 0) == (right.UnavailableReplicas ?? 0)
        && (left.TerminatingReplicas ?? 0) == (right.TerminatingReplicas ?? 0)
        && left.CollisionCount == right.CollisionCount
        && (left.Conditions ?? []).SequenceEqual(right.Conditions ?? []);

    private static bool HasProgressed(V1DeploymentStatus? before, V1DeploymentStatus after) =>
        after.UpdatedReplicas > (before?.UpdatedReplicas ?? 0)
        || after.Replicas - after.UpdatedReplicas < (before?.Replicas ?? 0) - (before?.UpdatedReplicas ?? 0)
        || after.ReadyReplicas > (before?.ReadyReplicas ?? 0)
        || after.AvailableReplicas > (before?.AvailableReplicas ?? 0);

    private static bool IsTimedOut(V1Deployment deployment, IEnumerable<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        if (DeploymentConditions.Find(conditions, DeploymentConditions.Progressing) is not { } current) return false;
        return current.Reason switch
        {
            DeploymentConditions.NewReplicaSetAvailable => false,
            DeploymentConditions.ProgressDeadlineExceeded => true,
            _ => Deadline(deployment, current) < now.UtcDateTime,
        };
    }

    private static DateTime Deadline(V1Deployment deployment, V1DeploymentCondition progressing) =>
        (progressing.LastUpdateTime ?? DateTime.MinValue).AddSeconds(deployment.Spec.ProgressDeadlineSeconds ?? 0);

    private static V1DeploymentCondition? FailureOf(ReplicaSetFamily family)
    {
        V1ReplicaSet[] newestFirst = family.New is null ? [.. family.Old] : [family.New, .. family.Old];
        return newestFirst.SelectMany(set => set.Status?.Conditions ?? []).FirstOrDefault(condition => condition.Type == DeploymentConditions.ReplicaFailure) is { } failure
            ? new V1DeploymentCondition
            {
                Type = failure.Type,
                Status = failure.Status,
                Reason = failure.Reason,
                Message = failure.Message,
                LastTransitionTime = failure.LastTransitionTime,
                LastUpdateTime = failure.LastTransitionTime,
            }
            : null;
    }
}
