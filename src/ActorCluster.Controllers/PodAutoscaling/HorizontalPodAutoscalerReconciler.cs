using System.Collections.Concurrent;
using ActorCluster.Api.Selectors;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>Scales workloads by what their pods use (pkg/controller/podautoscaler). Keys are "ns/name".</summary>
/// <remarks>What was recommended and done of late isn't kept over a restart, as upstream's isn't.</remarks>
internal sealed class HorizontalPodAutoscalerReconciler : IReconciler
{
    private const string User = "system:serviceaccount:kube-system:horizontal-pod-autoscaler";

    private readonly ControllerServices _services;
    private readonly MetadataInformers _metadata;
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V2HorizontalPodAutoscaler> _autoscalers;
    private readonly InformerIndex<V1Pod> _podsByNamespace;
    private readonly UsageReader _usage;
    private readonly ConcurrentDictionary<string, ScalingHistory> _history = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LabelSelector> _selectors = new(StringComparer.Ordinal);

    public HorizontalPodAutoscalerReconciler(ControllerServices services, MetadataInformers metadata)
    {
        (_services, _metadata) = (services, metadata);
        _client = services.ClientFor("horizontal-pod-autoscaler");
        _events = services.EventsFor(_client, "horizontal-pod-autoscaler");
        _podsByNamespace = services.Informers.ByNamespace<V1Pod>();
        _autoscalers = services.Informers.Of<V2HorizontalPodAutoscaler>();
        _usage = new UsageReader(services.Api, User);
    }

    public string Name => "horizontal-pod-autoscaler-controller";

    private TimeSpan Period => _services.Options.Timings.HorizontalPodAutoscalerSyncPeriod;

    public void Attach(IReconcileQueue queue) => _autoscalers.Changed += (before, after) =>
    {
        var key = ObjectNames.Join((after ?? before)!.Metadata.NamespaceProperty, (after ?? before)!.Metadata.Name);
        // Its own notes are no news; it is looked at again at its time.
        if (after is null || before is null || before.Metadata.Uid != after.Metadata.Uid || !ObjectCopy.SemanticallyEqual(before.Spec, after.Spec)) queue.Add(key);
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_autoscalers.Get(ns, name) is not { } autoscaler)
        {
            _history.TryRemove(key, out _);
            _selectors.TryRemove(key, out _);
            return ReconcileResult.Done;
        }
        var status = new AutoscalerStatus(autoscaler, _services.Now);
        await WriteAsync(autoscaler, await DecideAsync(key, autoscaler, status, cancellationToken), cancellationToken);
        return ReconcileResult.After(Period);
    }

    private async Task<V2HorizontalPodAutoscalerStatus> DecideAsync(string key, V2HorizontalPodAutoscaler autoscaler, AutoscalerStatus status, CancellationToken cancellationToken)
    {
        ScaleTarget target;
        try
        {
            target = await ScaleTarget.ReadAsync(_services.Api, _metadata, User, autoscaler.Metadata.NamespaceProperty, autoscaler.Spec.ScaleTargetRef, cancellationToken);
        }
        catch (MetricException fault)
        {
            _events.Record(autoscaler, "Warning", "FailedGetScale", fault.Message);
            status.Set("AbleToScale", false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {fault.Message}");
            return status.Build(null, null, null, scaled: false);
        }
        status.Set("AbleToScale", true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        var history = _history.GetOrAdd(key, _ => new ScalingHistory(_services.Options.Timings.HorizontalPodAutoscalerDownscaleStabilization));
        history.Begin(target.Replicas, _services.Now);

        var (spec, current) = (autoscaler.Spec, target.Replicas);
        if (current == 0)
        {
            status.Set("ScalingActive", false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
            return status.Build(0, 0, [], scaled: false);
        }
        if (current > spec.MaxReplicas) return await ScaleAsync(autoscaler, status, target, history, spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas", [], cancellationToken);
        if (current < (spec.MinReplicas ?? 1)) return await ScaleAsync(autoscaler, status, target, history, spec.MinReplicas ?? 1, "Current number of replicas below Spec.MinReplicas", [], cancellationToken);

        var (proposal, metric, metrics) = await ProposeAsync(key, autoscaler, status, target, cancellationToken);
        if (proposal is not { } desired) return status.Build(current, null, metrics, scaled: false);
        var reason = desired > current ? $"{metric} above target" : desired < current ? "All metrics below target" : "";
        var (limited, able, limit) = history.Limit(spec, current, desired, _services.Now);
        status.Set(able);
        status.Set(limit);
        return limited == current
            ? status.Build(current, current, metrics, scaled: false)
            : await ScaleAsync(autoscaler, status, target, history, limited, reason, metrics, cancellationToken);
    }

    /// <returns>The most that any metric asks for; null if that can't be said.</returns>
    private async Task<(int? Replicas, string Metric, List<V2MetricStatus> Statuses)> ProposeAsync(
        string key, V2HorizontalPodAutoscaler autoscaler, AutoscalerStatus status, ScaleTarget target, CancellationToken cancellationToken)
    {
        if (SelectorOf(key, autoscaler, target, status) is not { } selector) return (null, "", []);
        var pods = _podsByNamespace.Get(target.Namespace).Where(pod => Matches(selector, pod)).ToList();
        List<V2MetricStatus> statuses = [];
        (int Replicas, string Metric)? most = null;
        List<(string Reason, string What, string Message)> faults = [];
        foreach (var metric in autoscaler.Spec.Metrics)
        {
            var (reason, what) = AutoscalerMetrics.FaultOf(metric);
            try
            {
                var result = await AutoscalerMetrics.EvaluateAsync(metric, autoscaler.Spec.Behavior, target, pods, _usage, _services.Now, cancellationToken);
                statuses.Add(result.Status);
                if (most is null || result.Replicas > most.Value.Replicas) most = (result.Replicas, result.Name);
            }
            catch (MetricException fault)
            {
                _events.Record(autoscaler, "Warning", reason, fault.Message);
                statuses.Add(new V2MetricStatus { Type = "" });
                faults.Add((reason, what, fault.Message));
            }
        }
        // With something unknown pods may be added, but none taken away.
        if (faults is [var first, ..] && (most is null || most.Value.Replicas < target.Replicas))
        {
            status.Set("ScalingActive", false, first.Reason, $"the HPA was unable to compute the replica count: {first.Message}");
            _events.Record(autoscaler, "Warning", "FailedComputeMetricsReplicas",
                $"invalid metrics ({faults.Count} invalid out of {autoscaler.Spec.Metrics.Count}), first error is: failed to get {first.What} value: {first.Message}");
            return (null, "", statuses);
        }
        status.Set("ScalingActive", true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {most!.Value.Metric}");
        return (most.Value.Replicas, most.Value.Metric, statuses);
    }

    private LabelSelector? SelectorOf(string key, V2HorizontalPodAutoscaler autoscaler, ScaleTarget target, AutoscalerStatus status)
    {
        if (target.Selector.Length == 0)
        {
            _events.Record(autoscaler, "Warning", "SelectorRequired", "selector is required");
            status.Set("ScalingActive", false, "InvalidSelector", "the HPA target's scale is missing a selector");
            return null;
        }
        var selector = LabelSelector.Parse(target.Selector);
        _selectors[key] = selector;
        var prefix = autoscaler.Metadata.NamespaceProperty + "/";
        var others = _selectors.Where(other => other.Key.StartsWith(prefix, StringComparison.Ordinal)
            && _podsByNamespace.Get(target.Namespace).Any(pod => Matches(selector, pod) && Matches(other.Value, pod))).Select(other => other.Key).Append(key).Distinct().Order(StringComparer.Ordinal).ToList();
        if (others.Count == 1) return selector;
        var message = $"pods by selector {target.Selector} are controlled by multiple HPAs: [{string.Join(' ', others)}]";
        _events.Record(autoscaler, "Warning", "AmbiguousSelector", message);
        status.Set("ScalingActive", false, "AmbiguousSelector", message);
        return null;
    }

    private async Task<V2HorizontalPodAutoscalerStatus> ScaleAsync(
        V2HorizontalPodAutoscaler autoscaler, AutoscalerStatus status, ScaleTarget target, ScalingHistory history, int desired, string reason, List<V2MetricStatus> metrics, CancellationToken cancellationToken)
    {
        try
        {
            await target.WriteAsync(_services.Api, User, desired, cancellationToken);
        }
        catch (ApiStatusException fault)
        {
            _events.Record(autoscaler, "Warning", "FailedRescale", $"New size: {desired}; reason: {reason}; error: {fault.Message}");
            status.Set("AbleToScale", false, "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {fault.Message}");
            return status.Build(target.Replicas, null, metrics, scaled: false);
        }
        status.Set("AbleToScale", true, "SucceededRescale", $"the HPA controller was able to update the target scale to {desired}");
        _events.Record(autoscaler, "Normal", "SuccessfulRescale", $"New size: {desired}; reason: {reason}");
        history.Scaled(target.Replicas, desired, autoscaler.Spec.Behavior, _services.Now);
        return status.Build(target.Replicas, desired, metrics, scaled: true);
    }

    private async Task WriteAsync(V2HorizontalPodAutoscaler autoscaler, V2HorizontalPodAutoscalerStatus status, CancellationToken cancellationToken)
    {
        if (ObjectCopy.SemanticallyEqual(autoscaler.Status, status)) return;
        await _client.UpdateAsync(autoscaler with { Status = status }, "status", cancellationToken);
    }

    private static bool Matches(LabelSelector selector, V1Pod pod) => selector.Matches(PodFacts.LabelsOf(pod));
}
