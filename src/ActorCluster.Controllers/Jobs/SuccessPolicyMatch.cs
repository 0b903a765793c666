using ActorCluster.Api.Batch;
using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>Which indexes are enough for a Job to have succeeded (pkg/controller/job/success_policy.go). Pure.</summary>
internal static class SuccessPolicyMatch
{
    /// <returns>Why the job has succeeded; null if it hasn't.</returns>
    public static string? Of(V1Job job, IndexIntervals succeeded)
    {
        var rules = job.Spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count && succeeded.Total > 0; i++)
        {
            if (Matches(rules[i], job.Spec.Completions ?? 0, succeeded)) return $"Matched rules at index {i}";
        }

        return null;
    }

    private static bool Matches(V1SuccessPolicyRule rule, int completions, IndexIntervals succeeded)
    {
        if (rule.SucceededIndexes is null) return succeeded.Total >= rule.SucceededCount;
        var required = IndexIntervals.Parse(rule.SucceededIndexes, completions);
        if (required.Total == 0) return false;
        var reached = required.Common(succeeded).Sum(interval => interval.Count);
        return reached == required.Total || reached >= rule.SucceededCount;
    }
}
