using ActorCluster.Controllers.Disruption;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Disruption;

public class BudgetStatusTests
{
    private static readonly DateTime Now = Make.Noon.UtcDateTime;

    private static V1PodDisruptionBudget Budget(string? least = null, string? most = null, params (string Pod, int SecondsAgo)[] disrupted) => new()
    {
        Metadata = new V1ObjectMeta { Name = "b", NamespaceProperty = "default", Generation = 3 },
        Spec = new V1PodDisruptionBudgetSpec { MinAvailable = AmountOf(least), MaxUnavailable = AmountOf(most) },
        Status = new V1PodDisruptionBudgetStatus { DisruptedPods = disrupted.ToDictionary(pair => pair.Pod, pair => (DateTime?)Now.AddSeconds(-pair.SecondsAgo)) },
    };

    private static IntOrString? AmountOf(string? text) => text is null ? null : (IntOrString)text;

    private static V1PodDisruptionBudgetStatus StatusOf(V1PodDisruptionBudget budget, int scale, params V1Pod[] pods)
    {
        var (expected, desired) = BudgetStatus.Counts(budget.Spec, pods.Length, scale);
        return BudgetStatus.Of(budget, pods, expected, desired, BudgetStatus.Disrupted(budget, pods, Now).Pending, Now);
    }

    [Theory]
    [InlineData("2", null, 4, 2)]
    [InlineData("50%", null, 5, 3)]
    [InlineData(null, "1", 5, 4)]
    [InlineData(null, "30%", 5, 3)]
    [InlineData(null, "9", 5, 0)]
    public void How_many_must_stay_healthy_is_a_count_or_a_share_of_what_the_owners_want(string? least, string? most, int expected, int desired)
    {
        BudgetStatus.Counts(Budget(least, most).Spec, pods: 4, scale: 5).ShouldBe((expected, desired));
    }

    [Fact]
    public void Ready_pods_above_the_minimum_may_go()
    {
        var status = StatusOf(Budget("1"), 0, Make.Pod("a", ready: true), Make.Pod("b", ready: true), Make.Pod("c", ready: false), Make.Pod("d", ready: true, deleting: true));
        (status.CurrentHealthy, status.DesiredHealthy, status.ExpectedPods, status.DisruptionsAllowed, status.ObservedGeneration).ShouldBe((2, 1, 4, 1, 3));
        status.Conditions.ShouldHaveSingleItem().Reason.ShouldBe("SufficientPods");
    }

    [Fact]
    public void Without_pods_nothing_is_allowed()
    {
        var status = StatusOf(Budget("0"), 0);
        status.DisruptionsAllowed.ShouldBe(0);
        status.Conditions.ShouldHaveSingleItem().Reason.ShouldBe("InsufficientPods");
    }

    [Fact]
    public void A_pod_whose_eviction_was_granted_is_not_counted_until_it_should_have_gone()
    {
        V1Pod[] pods = [Make.Pod("a", ready: true), Make.Pod("b", ready: true)];
        var status = StatusOf(Budget("1", null, ("a", 30), ("gone", 30)), 0, pods);
        status.CurrentHealthy.ShouldBe(1);
        status.DisruptedPods.Keys.ShouldBe(["a"]);

        var (pending, notDeleted) = BudgetStatus.Disrupted(Budget("1", null, ("a", 130)), pods, Now);
        pending.ShouldBeEmpty();
        notDeleted.ShouldBe([pods[0]]);
    }

    [Fact]
    public void The_time_of_a_conditions_transition_stays_while_its_status_does()
    {
        var budget = Budget("1");
        budget.Status.Conditions = [new V1Condition { Type = "DisruptionAllowed", Status = "False", LastTransitionTime = Now.AddHours(-1) }];
        StatusOf(budget, 0, Make.Pod("a", ready: true)).Conditions.Single().LastTransitionTime.ShouldBe(Now.AddHours(-1));
        StatusOf(budget, 0, Make.Pod("a", ready: true), Make.Pod("b", ready: true)).Conditions.Single().LastTransitionTime.ShouldBe(Now);
        BudgetStatus.Failed(budget, "no idea", Now).Conditions.Single().Message.ShouldBe("no idea");
    }
}
