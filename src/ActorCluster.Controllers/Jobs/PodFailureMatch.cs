using k8s.Models;

namespace ActorCluster.Controllers.Jobs;

/// <summary>What a Job's podFailurePolicy makes of a failed pod: the first rule that matches decides (pkg/controller/job/pod_failure_policy.go). Pure.</summary>
/// <param name="Counts">Whether the failure counts against the limits.</param>
/// <param name="Action">Ignore, FailIndex, Count or FailJob; null if no rule matches.</param>
/// <param name="FailJobMessage">Why the job fails; null unless it does.</param>
internal readonly record struct PodFailureMatch(bool Counts, string? Action = null, string? FailJobMessage = null)
{
    public static PodFailureMatch Of(V1Job job, V1Pod pod)
    {
        var rules = job.Spec.PodFailurePolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (Reason(rules[i], pod) is not { } reason) continue;
            return new(rules[i].Action != "Ignore", rules[i].Action, rules[i].Action == "FailJob" ? $"{reason} matching FailJob rule at index {i}" : null);
        }

        return new(true);
    }

    /// <returns>Null if the rule doesn't match.</returns>
    private static string? Reason(V1PodFailurePolicyRule rule, V1Pod pod)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        if (rule.OnExitCodes is { } codes)
        {
            var container = (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []).FirstOrDefault(status => Matches(codes, status));
            return container is null ? null : $"Container {container.Name} for pod {ns}/{name} failed with exit code {container.State.Terminated.ExitCode}";
        }

        var patterns = rule.OnPodConditions ?? [];
        var condition = (pod.Status?.Conditions ?? []).FirstOrDefault(c => patterns.Any(pattern => pattern.Type == c.Type && (pattern.Status ?? "True") == c.Status));
        return condition is null ? null : $"Pod {ns}/{name} has condition {condition.Type}";
    }

    private static bool Matches(V1PodFailurePolicyOnExitCodesRequirement codes, V1ContainerStatus status) =>
        status.State?.Terminated?.ExitCode is { } code && code != 0
        && (codes.ContainerName is null || codes.ContainerName == status.Name)
        && codes.OperatorProperty switch { "In" => codes.Values.Contains(code), "NotIn" => !codes.Values.Contains(code), _ => false };
}
