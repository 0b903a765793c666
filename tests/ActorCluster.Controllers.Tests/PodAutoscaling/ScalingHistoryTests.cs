using ActorCluster.Controllers.PodAutoscaling;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.PodAutoscaling;

public class ScalingHistoryTests
{
    private readonly ScalingHistory _history = new(TimeSpan.FromMinutes(5));

    private static V2HorizontalPodAutoscalerSpec Spec(int most = 100, V2HorizontalPodAutoscalerBehavior? behavior = null) => new() { MinReplicas = 2, MaxReplicas = most, Behavior = behavior };

    private (int Replicas, string Able, string Limited) Limit(V2HorizontalPodAutoscalerSpec spec, int current, int desired, int second = 0)
    {
        var (replicas, able, limited) = _history.Limit(spec, current, desired, Make.Noon.AddSeconds(second));
        return (replicas, able.Reason, limited.Reason);
    }

    [Fact]
    public void The_number_of_pods_stays_between_the_least_and_the_most_and_at_most_doubles()
    {
        Limit(Spec(), 5, 8).ShouldBe((8, "ReadyForNewScale", "DesiredWithinRange"));
        Limit(Spec(), 5, 30, 1000).ShouldBe((10, "ReadyForNewScale", "ScaleUpLimit"));
        Limit(Spec(), 1, 30, 2000).ShouldBe((4, "ReadyForNewScale", "ScaleUpLimit"));
        Limit(Spec(7), 5, 30, 3000).ShouldBe((7, "ReadyForNewScale", "TooManyReplicas"));
        Limit(Spec(), 5, 1, 4000).ShouldBe((2, "ReadyForNewScale", "TooFewReplicas"));
    }

    [Fact]
    public void Pods_are_taken_away_only_when_fewer_were_recommended_for_a_while()
    {
        _history.Begin(6, Make.Noon);
        Limit(Spec(), 6, 3, 60).ShouldBe((6, "ScaleDownStabilized", "DesiredWithinRange"));
        Limit(Spec(), 6, 4, 299).ShouldBe((6, "ScaleDownStabilized", "DesiredWithinRange"));
        Limit(Spec(), 6, 3, 301).ShouldBe((4, "ScaleDownStabilized", "DesiredWithinRange"));
        Limit(Spec(), 4, 3, 700).ShouldBe((3, "ReadyForNewScale", "DesiredWithinRange"));
    }

    [Fact]
    public void A_policy_limits_what_changes_within_its_period()
    {
        var behavior = new V2HorizontalPodAutoscalerBehavior
        {
            ScaleUp = Rules("Max", ("Pods", 2, 60), ("Percent", 10, 60)),
            ScaleDown = Rules("Min", ("Pods", 4, 60), ("Percent", 10, 60)),
        };
        Limit(Spec(behavior: behavior), 10, 20).ShouldBe((12, "ReadyForNewScale", "ScaleUpLimit"));
        _history.Scaled(10, 12, behavior, Make.Noon);
        Limit(Spec(behavior: behavior), 12, 20, 30).ShouldBe((12, "ReadyForNewScale", "ScaleUpLimit"));
        Limit(Spec(behavior: behavior), 12, 20, 61).ShouldBe((14, "ReadyForNewScale", "ScaleUpLimit"));
        Limit(Spec(behavior: behavior), 20, 5, 2000).ShouldBe((18, "ReadyForNewScale", "ScaleDownLimit"));
    }

    [Fact]
    public void A_direction_can_be_disabled_and_have_a_window_of_its_own()
    {
        var behavior = new V2HorizontalPodAutoscalerBehavior { ScaleUp = Rules("Max", ("Pods", 9, 60)), ScaleDown = Rules("Disabled", ("Pods", 9, 60)) };
        behavior.ScaleUp.StabilizationWindowSeconds = 60;
        Limit(Spec(behavior: behavior), 10, 5).ShouldBe((10, "ReadyForNewScale", "ScaleDownLimit"));
        Limit(Spec(behavior: behavior), 10, 12, 30).ShouldBe((10, "ScaleUpStabilized", "DesiredWithinRange"));
        Limit(Spec(behavior: behavior), 10, 12, 61).ShouldBe((12, "ReadyForNewScale", "DesiredWithinRange"));
    }

    private static V2HPAScalingRules Rules(string select, params (string Type, int Value, int Period)[] policies) => new()
    {
        SelectPolicy = select,
        StabilizationWindowSeconds = 0,
        Policies = [.. policies.Select(policy => new V2HPAScalingPolicy { Type = policy.Type, Value = policy.Value, PeriodSeconds = policy.Period })],
    };
}
