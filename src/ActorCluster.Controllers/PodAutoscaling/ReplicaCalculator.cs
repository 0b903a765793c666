using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>How many pods it takes for a resource's use to be as wanted, and what the use is.</summary>
/// <param name="Utilization">Per cent of what is requested; null where that isn't the aim.</param>
/// <param name="Average">What a pod uses, in thousandths.</param>
internal sealed record ReplicaProposal(int Replicas, int? Utilization, long Average);

/// <summary>The numbers of pkg/controller/podautoscaler/replica_calculator.go. Pure.</summary>
/// <param name="UpTolerance">By how much the use may be above its aim (as a share of it) before pods are added.</param>
/// <param name="DownTolerance">By how much it may be below before pods are removed.</param>
internal sealed record ReplicaCalculator(double UpTolerance, double DownTolerance, DateTimeOffset Now)
{
    /// <summary>--horizontal-pod-autoscaler-tolerance.</summary>
    public const double Tolerance = 0.1;

    /// <summary>--horizontal-pod-autoscaler-cpu-initialization-period.</summary>
    private static readonly TimeSpan CpuInitialization = TimeSpan.FromMinutes(5);

    /// <summary>--horizontal-pod-autoscaler-initial-readiness-delay.</summary>
    private static readonly TimeSpan InitialReadiness = TimeSpan.FromSeconds(30);

    /// <summary>For a use that is so many per cent of what pods request.</summary>
    /// <param name="container">Only this container counts; null: the whole pod.</param>
    /// <exception cref="MetricException">There is nothing to calculate with.</exception>
    public ReplicaProposal ForUtilization(int current, int target, string resource, string? container, IReadOnlyList<V1Pod> pods, IReadOnlyDictionary<string, PodUsage> usage)
    {
        var groups = Group(pods, usage, resource);
        var requests = pods.ToDictionary(pod => pod.Metadata.Name, pod => RequestOf(pod, container, resource), StringComparer.Ordinal);
        var (ratio, utilization, average) = Utilization(groups.Usage, requests, target);
        var replicas = Replicas(current, ratio, groups,
            name => requests[name] * Math.Max(100, target) / 100,
            values => Utilization(values, requests, target).Ratio);
        return new(replicas, utilization, average);
    }

    /// <summary>For a use of so much by each pod.</summary>
    /// <param name="target">In thousandths.</param>
    /// <exception cref="MetricException">There is nothing to calculate with.</exception>
    public ReplicaProposal ForAverage(int current, long target, string resource, IReadOnlyList<V1Pod> pods, IReadOnlyDictionary<string, PodUsage> usage)
    {
        var groups = Group(pods, usage, resource);
        var average = groups.Usage.Values.Sum() / groups.Usage.Count;
        var replicas = Replicas(current, (double)average / target, groups, _ => target, values => (double)(values.Values.Sum() / values.Count) / target);
        return new(replicas, null, average);
    }

    private int Replicas(int current, double ratio, Groups groups, Func<string, long> whenMissing, Func<Dictionary<string, long>, double> ratioOf)
    {
        var upWithUnready = groups.Unready.Count > 0 && ratio > 1;
        if (!upWithUnready && groups.Missing.Count == 0) return IsNear(ratio) ? current : (int)Math.Ceiling(ratio * groups.Ready);

        // What isn't known is taken to be what argues against a change.
        var values = new Dictionary<string, long>(groups.Usage, StringComparer.Ordinal);
        foreach (var name in groups.Missing.Where(_ => ratio != 1)) values[name] = ratio < 1 ? whenMissing(name) : 0;
        if (upWithUnready)
        {
            foreach (var name in groups.Unready) values[name] = 0;
        }
        var again = ratioOf(values);
        if (IsNear(again) || (ratio < 1 && again > 1) || (ratio > 1 && again < 1)) return current;
        var replicas = (int)Math.Ceiling(again * values.Count);
        return (again < 1 && replicas > current) || (again > 1 && replicas < current) ? current : replicas;
    }

    private bool IsNear(double ratio) => ratio >= 1 - DownTolerance && ratio <= 1 + UpTolerance;

    private static (double Ratio, int Utilization, long Average) Utilization(Dictionary<string, long> usage, Dictionary<string, long> requests, int target)
    {
        var known = usage.Where(pod => requests.ContainsKey(pod.Key)).ToList();
        var requested = known.Sum(pod => requests[pod.Key]);
        if (requested == 0) throw new MetricException("no metrics returned matched known pods");
        var used = known.Sum(pod => pod.Value);
        var utilization = (int)(used * 100 / requested);
        return ((double)utilization / target, utilization, used / known.Count);
    }

    private Groups Group(IReadOnlyList<V1Pod> pods, IReadOnlyDictionary<string, PodUsage> usage, string resource)
    {
        if (pods.Count == 0) throw new MetricException("no pods returned by selector while calculating replica count");
        List<string> unready = [], missing = [];
        var known = usage.ToDictionary(pod => pod.Key, pod => pod.Value.Value, StringComparer.Ordinal);
        var ready = 0;
        foreach (var pod in pods)
        {
            var name = pod.Metadata.Name;
            if (PodFacts.IsDeleting(pod) || pod.Status?.Phase == "Failed") known.Remove(name);
            else if (pod.Status?.Phase == "Pending" || (usage.TryGetValue(name, out var sample) && resource == "cpu" && IsUnready(pod, sample)))
            {
                known.Remove(name);
                unready.Add(name);
            }
            else if (!usage.ContainsKey(name)) missing.Add(name);
            else ready++;
        }
        return known.Count > 0 ? new(ready, unready, missing, known) : throw new MetricException("did not receive metrics for targeted pods (pods might be unready)");
    }

    /// <summary>A pod that starts takes CPU for that, which says nothing of its load.</summary>
    private bool IsUnready(V1Pod pod, PodUsage sample)
    {
        if (Conditions.Find(pod, "Ready") is not { } condition || pod.Status.StartTime is not { } start) return true;
        var changed = condition.LastTransitionTime ?? start;
        return start + CpuInitialization > Now.UtcDateTime
            ? condition.Status == "False" || sample.Time.UtcDateTime < changed + sample.Window
            : condition.Status == "False" && start + InitialReadiness > changed;
    }

    private static long RequestOf(V1Pod pod, string? container, string resource)
    {
        if (container is null && pod.Spec.Resources?.Requests is { Count: > 0 } whole)
            return whole.TryGetValue(resource, out var amount) ? Milli(amount) : throw new MetricException($"missing pod-level request for {resource} in Pod {pod.Metadata.Name}");
        var counted = pod.Spec.Containers.Concat((pod.Spec.InitContainers ?? []).Where(init => init.RestartPolicy == "Always")).Where(one => container is null || one.Name == container).ToList();
        if (counted.Count == 0) throw new MetricException($"container {container} not found in Pod {pod.Metadata.Name}");
        return counted.Sum(one => one.Resources?.Requests is { } requests && requests.TryGetValue(resource, out var request)
            ? Milli(request)
            : throw new MetricException($"missing request for {resource} in container {one.Name} of Pod {pod.Metadata.Name}"));
    }

    public static long Milli(ResourceQuantity amount) => (long)decimal.Ceiling(Math.Min(amount.ToDecimal() * 1000, long.MaxValue));

    /// <param name="Ready">How many pods' use counts.</param>
    /// <param name="Usage">Of those, in thousandths.</param>
    private sealed record Groups(int Ready, List<string> Unready, List<string> Missing, Dictionary<string, long> Usage);
}

/// <summary>A metric can't be had, or nothing can be made of it; the text is for conditions and events.</summary>
internal sealed class MetricException(string message) : Exception(message);
