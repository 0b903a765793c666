using k8s.Models;

namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>A condition that follows from a decision.</summary>
internal readonly record struct ScalingCondition(string Type, bool Status, string Reason, string Message);

/// <summary>What one autoscaler recommended and did of late, and what of a new recommendation may be done now: the second half of
/// pkg/controller/podautoscaler/horizontal.go.</summary>
/// <remarks>Not safe for concurrent use: one autoscaler is looked at by one at a time.</remarks>
internal sealed class ScalingHistory(TimeSpan downscaleStabilization)
{
    private const double UpLimitFactor = 2;
    private const int UpLimitMinimum = 4;

    private readonly List<(int Replicas, DateTimeOffset At)> _recommendations = [];
    private readonly List<(int Change, DateTimeOffset At)> _ups = [];
    private readonly List<(int Change, DateTimeOffset At)> _downs = [];

    /// <summary>What is there when the autoscaler is first seen.</summary>
    public void Begin(int replicas, DateTimeOffset now)
    {
        if (_recommendations.Count == 0) _recommendations.Add((replicas, now));
    }

    /// <summary>Notes that the number of pods was changed.</summary>
    public void Scaled(int before, int after, V2HorizontalPodAutoscalerBehavior? behavior, DateTimeOffset now)
    {
        if (behavior is null) return;
        var (events, rules) = after > before ? (_ups, behavior.ScaleUp) : (_downs, behavior.ScaleDown);
        var longest = TimeSpan.FromSeconds((rules?.Policies ?? []).Select(policy => policy.PeriodSeconds).DefaultIfEmpty().Max());
        events.RemoveAll(change => change.At < now - longest);
        events.Add((Math.Abs(after - before), now));
    }

    /// <summary>How many pods there may be, and the conditions that say why.</summary>
    public (int Replicas, ScalingCondition Able, ScalingCondition Limited) Limit(V2HorizontalPodAutoscalerSpec spec, int current, int desired, DateTimeOffset now)
    {
        var (stabilized, reason, message) = spec.Behavior is { } behavior ? Stabilize(behavior, current, desired, now) : Stabilize(desired, now);
        var able = stabilized == desired
            ? new ScalingCondition("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size")
            : new ScalingCondition("AbleToScale", true, reason, message);
        var (replicas, why, text) = spec.Behavior is null ? WithinRange(spec, current, stabilized) : WithinRates(spec, current, stabilized, now);
        return (replicas, able, new("ScalingLimited", replicas != stabilized, why, text));
    }

    private (int, string, string) Stabilize(int desired, DateTimeOffset now)
    {
        var cutoff = now - downscaleStabilization;
        var highest = _recommendations.Where(past => past.At >= cutoff).Select(past => past.Replicas).Append(desired).Max();
        Remember(desired, cutoff, now);
        return (highest, "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");
    }

    private (int, string, string) Stabilize(V2HorizontalPodAutoscalerBehavior behavior, int current, int desired, DateTimeOffset now)
    {
        var upCutoff = now - TimeSpan.FromSeconds(behavior.ScaleUp?.StabilizationWindowSeconds ?? 0);
        var downCutoff = now - (behavior.ScaleDown?.StabilizationWindowSeconds is { } window ? TimeSpan.FromSeconds(window) : downscaleStabilization);
        var lowest = _recommendations.Where(past => past.At > upCutoff).Select(past => past.Replicas).Append(desired).Min();
        var highest = _recommendations.Where(past => past.At > downCutoff).Select(past => past.Replicas).Append(desired).Max();
        Remember(desired, upCutoff < downCutoff ? upCutoff : downCutoff, now);
        var stabilized = Math.Min(Math.Max(current, lowest), highest);
        return desired >= current
            ? (stabilized, "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation")
            : (stabilized, "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");
    }

    private void Remember(int desired, DateTimeOffset cutoff, DateTimeOffset now)
    {
        _recommendations.RemoveAll(past => past.At < cutoff);
        _recommendations.Add((desired, now));
    }

    private static (int, string, string) WithinRange(V2HorizontalPodAutoscalerSpec spec, int current, int desired)
    {
        var fastest = (int)Math.Max(UpLimitFactor * current, UpLimitMinimum);
        var least = spec.MinReplicas ?? 1;
        if (desired < least) return (least, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
        if (desired <= Math.Min(spec.MaxReplicas, fastest)) return (desired, "DesiredWithinRange", "the desired count is within the acceptable range");
        return spec.MaxReplicas > fastest
            ? (fastest, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
            : (spec.MaxReplicas, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
    }

    private (int, string, string) WithinRates(V2HorizontalPodAutoscalerSpec spec, int current, int desired, DateTimeOffset now)
    {
        if (desired > current)
        {
            var fastest = Math.Max(current, Rate(spec.Behavior.ScaleUp, current, up: true, now));
            if (desired > Math.Min(spec.MaxReplicas, fastest))
            {
                return spec.MaxReplicas > fastest
                    ? (fastest, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
                    : (spec.MaxReplicas, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
            }
        }
        else if (desired < current)
        {
            var fastest = Math.Min(current, Rate(spec.Behavior.ScaleDown, current, up: false, now));
            var least = spec.MinReplicas ?? 1;
            if (desired < Math.Max(least, fastest))
            {
                return least < fastest
                    ? (fastest, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
                    : (least, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
            }
        }
        return (desired, "DesiredWithinRange", "the desired count is within the acceptable range");
    }

    /// <summary>How far the policies of a direction let the number of pods go.</summary>
    private int Rate(V2HPAScalingRules? rules, int current, bool up, DateTimeOffset now)
    {
        if (rules?.SelectPolicy == "Disabled" || rules?.Policies is not { Count: > 0 } policies) return current;
        var proposals = policies.Select(policy =>
        {
            var since = now - TimeSpan.FromSeconds(policy.PeriodSeconds);
            var begin = current - Changed(_ups, since) + Changed(_downs, since);
            var share = begin * (1 + ((up ? 1 : -1) * policy.Value / 100.0));
            return policy.Type == "Pods" ? begin + (up ? policy.Value : -policy.Value) : (int)(up ? Math.Ceiling(share) : share);
        }).ToList();
        return up == (rules.SelectPolicy == "Min") ? proposals.Min() : proposals.Max();
    }

    private static int Changed(List<(int Change, DateTimeOffset At)> changes, DateTimeOffset since) => changes.Where(change => change.At > since).Sum(change => change.Change);
}
