using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>What controllers ask of a Job.</summary>
internal static class JobFacts
{
    /// <summary>The value of managedBy that means this controller (batchv1.JobControllerName).</summary>
    private const string ControllerName = "kubernetes.io/job-controller";

    public const string Complete = "Complete";
    public const string Failed = "Failed";
    public const string FailureTarget = "FailureTarget";
    public const string SuccessCriteriaMet = "SuccessCriteriaMet";
    public const string Suspended = "Suspended";

    public static bool IsManagedElsewhere(V1Job job) => job.Spec.ManagedBy is { } manager && manager != ControllerName;

    public static bool IsIndexed(V1Job job) => job.Spec.CompletionMode == "Indexed";

    public static bool IsSuspended(V1Job job) => job.Spec.Suspend == true;

    public static bool LimitsPerIndex(V1Job job) => job.Spec.BackoffLimitPerIndex is not null;

    /// <summary>Whether a pod is replaced only when it has failed, and not as soon as it is being deleted.</summary>
    public static bool ReplacesOnlyFailed(V1Job job) => job.Spec.PodReplacementPolicy == "Failed" || job.Spec.PodFailurePolicy is not null;

    /// <summary>The condition of that type, if it is true.</summary>
    public static V1JobCondition? True(V1JobStatus? status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type && condition.Status == "True");

    /// <summary>Complete or Failed; null while the job isn't finished.</summary>
    public static V1JobCondition? Finish(V1Job job) => True(job.Status, Complete) ?? True(job.Status, Failed);

    public static V1JobCondition NewCondition(string type, string status, string reason, string message, DateTimeOffset now) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastProbeTime = now.ToApiTime(),
        LastTransitionTime = now.ToApiTime(),
    };

    /// <summary>Sets a condition. One that was never there doesn't begin with being false.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool SetCondition(V1JobStatus status, V1JobCondition condition)
    {
        List<V1JobCondition> conditions = [.. status.Conditions ?? []];
        var at = conditions.FindIndex(existing => existing.Type == condition.Type);
        if (at < 0 && condition.Status == "False") return false;
        if (at >= 0 && conditions[at] is { } old && old.Status == condition.Status && old.Reason == condition.Reason && old.Message == condition.Message) return false;
        if (at < 0) conditions.Add(condition);
        else conditions[at] = condition;
        status.Conditions = conditions;
        return true;
    }
}
