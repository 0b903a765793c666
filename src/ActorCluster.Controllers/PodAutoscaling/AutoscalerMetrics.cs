using System.Globalization;
using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>What one metric of an autoscaler asks for (computeStatusFor... in pkg/controller/podautoscaler/horizontal.go). Resources are known;
/// for metrics of other kinds there is no API on this server.</summary>
internal static class AutoscalerMetrics
{
    /// <summary>How a failure of the metric is called: a condition's reason, and the metric in a sentence.</summary>
    public static (string Reason, string What) FaultOf(V2MetricSpec metric) => metric.Type switch
    {
        "Resource" => ("FailedGetResourceMetric", $"{metric.Resource.Name} resource metric"),
        "ContainerResource" => ("FailedGetContainerResourceMetric", $"{metric.ContainerResource.Container} container metric"),
        "Pods" => ("FailedGetPodsMetric", "pods metric"),
        "Object" => ("FailedGetObjectMetric", "object metric"),
        _ => ("FailedGetExternalMetric", $"{metric.External?.Metric?.Name} external metric"),
    };

    /// <exception cref="MetricException">It isn't known, or nothing follows from it.</exception>
    public static async Task<(int Replicas, string Name, V2MetricStatus Status)> EvaluateAsync(
        V2MetricSpec metric, V2HorizontalPodAutoscalerBehavior? behavior, ScaleTarget target, IReadOnlyList<V1Pod> pods, UsageReader usage, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (resource, container, aim) = metric.Type switch
        {
            "Resource" => (metric.Resource.Name, null, metric.Resource.Target),
            "ContainerResource" => (metric.ContainerResource.Name, metric.ContainerResource.Container, metric.ContainerResource.Target),
            _ => throw Unknown(metric),
        };
        var calculator = new ReplicaCalculator(ToleranceOf(behavior?.ScaleUp), ToleranceOf(behavior?.ScaleDown), now);
        var (proposal, name) = await ProposeAsync();
        var current = new V2MetricValueStatus { AverageUtilization = proposal.Utilization, AverageValue = Print(resource, proposal.Average) };
        var status = container is null
            ? new V2MetricStatus { Type = metric.Type, Resource = new V2ResourceMetricStatus { Name = resource, Current = current } }
            : new V2MetricStatus { Type = metric.Type, ContainerResource = new V2ContainerResourceMetricStatus { Name = resource, Container = container, Current = current } };
        return (proposal.Replicas, name, status);

        async Task<(ReplicaProposal, string)> ProposeAsync()
        {
            var kind = aim.AverageValue is null ? "utilization" : "usage";
            try
            {
                var samples = await ReadAsync();
                return aim.AverageValue is { } average
                    ? (calculator.ForAverage(target.Replicas, ReplicaCalculator.Milli(average), resource, pods, samples), $"{resource} resource")
                    : (calculator.ForUtilization(target.Replicas, aim.AverageUtilization ?? 0, resource, container, pods, samples),
                        $"{resource} {(container is null ? "" : "container ")}resource utilization (percentage of request)");
            }
            catch (MetricException fault)
            {
                throw new MetricException($"failed to get {resource} {kind}: {fault.Message}");
            }
        }

        async Task<IReadOnlyDictionary<string, PodUsage>> ReadAsync()
        {
            try
            {
                return await usage.ReadAsync(target.Namespace, target.Selector, resource, container, cancellationToken);
            }
            catch (MetricException fault)
            {
                throw new MetricException($"unable to get metrics for resource {resource}: {fault.Message}");
            }
        }
    }

    private static MetricException Unknown(V2MetricSpec metric) => metric.Type switch
    {
        "External" => new($"unable to get external metric {metric.External.Metric.Name}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {metric.External.Metric.Name}.external.metrics.k8s.io)"),
        "Object" => new($"unable to get metric {metric.ObjectProperty.Metric.Name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"),
        _ => new($"unable to get metric {metric.Pods?.Metric?.Name}: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"),
    };

    private static double ToleranceOf(V2HPAScalingRules? rules) => rules?.Tolerance is { } tolerance ? (double)tolerance.ToDecimal() : ReplicaCalculator.Tolerance;

    private static ResourceQuantity Print(string resource, long milli) =>
        resource == "memory" ? new ResourceQuantity(milli / 1000m, 0, ResourceQuantity.SuffixFormat.BinarySI) : new ResourceQuantity(milli.ToString(CultureInfo.InvariantCulture) + "m");
}
