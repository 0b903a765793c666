using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Conditions of pods and nodes by type.</summary>
internal static class Conditions
{
    public static V1PodCondition? Find(V1Pod pod, string type)
    {
        if (pod.Status?.Conditions is not { } conditions) return null;
        foreach (var condition in conditions)
        {
            if (condition.Type == type) return condition;
        }

        return null;
    }

    public static V1NodeCondition? Find(V1Node node, string type)
    {
        if (node.Status?.Conditions is not { } conditions) return null;
        foreach (var condition in conditions)
        {
            if (condition.Type == type) return condition;
        }

        return null;
    }
}
