using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>Whether a container that ended is started again: the pod's restartPolicy, the container's own, and its rules by exit code (KEP-5307).</summary>
internal static class RestartRules
{
    public const string Always = "Always";
    public const string OnFailure = "OnFailure";
    public const string Never = "Never";

    public static bool ShouldRestart(V1PodSpec pod, V1Container? container, ContainerRole role, int exitCode) => role switch
    {
        ContainerRole.Sidecar => true,
        ContainerRole.Ephemeral => false,
        // An init container that succeeded is done, whatever the policy.
        ContainerRole.Init when exitCode == 0 => false,
        ContainerRole.Init => PolicyOf(pod, container, exitCode) != Never,
        _ => PolicyOf(pod, container, exitCode) switch
        {
            Never => false,
            OnFailure => exitCode != 0,
            _ => true,
        },
    };

    private static string PolicyOf(V1PodSpec pod, V1Container? container, int exitCode)
    {
        if (container?.RestartPolicyRules is { } rules)
        {
            foreach (var rule in rules)
            {
                if (rule.Action == "Restart" && Matches(rule.ExitCodes, exitCode)) return Always;
            }
        }
        return container?.RestartPolicy ?? pod.RestartPolicy ?? Always;
    }

    private static bool Matches(V1ContainerRestartRuleOnExitCodes? codes, int exitCode) => codes?.OperatorProperty switch
    {
        "In" => codes.Values?.Contains(exitCode) == true,
        "NotIn" => codes.Values?.Contains(exitCode) != true,
        _ => false,
    };
}
