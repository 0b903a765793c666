using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>Conditions of a Deployment, with upstream's types and reasons (pkg/controller/deployment/util/deployment_util.go). Pure:
/// lists are replaced, never changed.</summary>
internal static class DeploymentConditions
{
    public const string Progressing = "Progressing";
    public const string Available = "Available";
    public const string ReplicaFailure = "ReplicaFailure";

    public const string ReplicaSetUpdated = "ReplicaSetUpdated";
    public const string ReplicaSetCreateError = "ReplicaSetCreateError";
    public const string NewReplicaSetCreated = "NewReplicaSetCreated";
    public const string FoundNewReplicaSet = "FoundNewReplicaSet";
    public const string NewReplicaSetAvailable = "NewReplicaSetAvailable";
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";
    public const string DeploymentPaused = "DeploymentPaused";
    public const string DeploymentResumed = "DeploymentResumed";

    public static V1DeploymentCondition New(string type, string status, string reason, string message, DateTimeOffset now) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastUpdateTime = now.ToApiTime(),
        LastTransitionTime = now.ToApiTime(),
    };

    public static V1DeploymentCondition? Find(IEnumerable<V1DeploymentCondition>? conditions, string type) =>
        conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Adds or replaces; one of the same status and reason stays as it is.</summary>
    public static IList<V1DeploymentCondition> Set(IEnumerable<V1DeploymentCondition>? conditions, V1DeploymentCondition condition)
    {
        var present = Find(conditions, condition.Type);
        if (present is not null && present.Status == condition.Status && present.Reason == condition.Reason) return [.. conditions!];
        if (present is not null && present.Status == condition.Status) condition = condition with { LastTransitionTime = present.LastTransitionTime };
        return [.. Remove(conditions, condition.Type), condition];
    }

    public static IList<V1DeploymentCondition> Remove(IEnumerable<V1DeploymentCondition>? conditions, string type) =>
        [.. (conditions ?? []).Where(condition => condition.Type != type)];
}
