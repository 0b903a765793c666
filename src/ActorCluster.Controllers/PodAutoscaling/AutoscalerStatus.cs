using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>An autoscaler's status while it is worked out.</summary>
internal sealed class AutoscalerStatus(V2HorizontalPodAutoscaler autoscaler, DateTimeOffset now)
{
    private readonly List<V2HorizontalPodAutoscalerCondition> _conditions = [.. autoscaler.Status?.Conditions ?? []];

    public void Set(string type, bool status, string reason, string message)
    {
        var at = _conditions.FindIndex(condition => condition.Type == type);
        var text = status ? "True" : "False";
        var condition = new V2HorizontalPodAutoscalerCondition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message,
            LastTransitionTime = at >= 0 && _conditions[at].Status == text ? _conditions[at].LastTransitionTime : now.ToApiTime(),
        };
        if (at < 0) _conditions.Add(condition);
        else _conditions[at] = condition;
    }

    public void Set(ScalingCondition condition) => Set(condition.Type, condition.Status, condition.Reason, condition.Message);

    /// <param name="desired">Null: as it was.</param>
    public V2HorizontalPodAutoscalerStatus Build(int? current, int? desired, IList<V2MetricStatus>? metrics, bool scaled) => new()
    {
        CurrentReplicas = current ?? autoscaler.Status?.CurrentReplicas,
        DesiredReplicas = desired ?? autoscaler.Status?.DesiredReplicas ?? 0,
        CurrentMetrics = metrics ?? autoscaler.Status?.CurrentMetrics,
        LastScaleTime = scaled ? now.ToApiTime() : autoscaler.Status?.LastScaleTime,
        ObservedGeneration = autoscaler.Status?.ObservedGeneration,
        Conditions = _conditions,
    };
}
