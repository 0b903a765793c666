using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.ReplicaSets;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.ReplicaSets;

public class ReplicaSetDecisionTests
{
    private static readonly V1OwnerReference Ours = Make.Owner("web");

    private static ReplicaSetDecision Decide(V1ReplicaSet set, bool manage, params V1Pod[] pods) =>
        ReplicaSetDecision.Of(set, pods, () => pods, manage, Make.Noon);

    [Fact]
    public void Missing_pods_are_created_up_to_the_burst()
    {
        Decide(Make.ReplicaSet("web", 3), true, Make.Pod("a", "app=web", owner: Ours)).Create.ShouldBe(2);
        Decide(Make.ReplicaSet("web", 2000), true).Create.ShouldBe(500);
    }

    [Fact]
    public void Nothing_is_created_while_earlier_requests_are_not_visible_yet() =>
        Decide(Make.ReplicaSet("web", 3), manage: false).Create.ShouldBe(0);

    [Fact]
    public void Finished_and_deleted_pods_do_not_count()
    {
        var decision = Decide(Make.ReplicaSet("web", 2), true,
            Make.Pod("done", "app=web", owner: Ours, phase: "Failed"), Make.Pod("going", "app=web", owner: Ours, deleting: true));
        decision.Create.ShouldBe(2);
        decision.Terminating.Select(p => p.Metadata.Name).ShouldBe(["going"]);
    }

    [Fact]
    public void Orphans_that_match_are_adopted_and_count()
    {
        var decision = Decide(Make.ReplicaSet("web", 1), true, Make.Pod("orphan", "app=web"), Make.Pod("stranger", "app=other"));
        decision.Claim.Adopt.Select(p => p.Metadata.Name).ShouldBe(["orphan"]);
        decision.Create.ShouldBe(0);
    }

    [Fact]
    public void Pods_that_no_longer_match_are_released_and_replaced()
    {
        var decision = Decide(Make.ReplicaSet("web", 1), true, Make.Pod("a", "app=debug", owner: Ours));
        decision.Claim.Release.Select(p => p.Metadata.Name).ShouldBe(["a"]);
        decision.Create.ShouldBe(1);
    }

    [Fact]
    public void Pods_of_another_controller_are_left_alone()
    {
        var decision = Decide(Make.ReplicaSet("web", 1), true, Make.Pod("a", "app=web", owner: Make.Owner("other")));
        decision.Claim.Owned.ShouldBeEmpty();
        decision.Create.ShouldBe(1);
    }

    [Fact]
    public void A_replica_set_that_is_being_deleted_neither_creates_nor_adopts()
    {
        var set = Make.ReplicaSet("web", 3);
        set.Metadata.DeletionTimestamp = Make.Noon.UtcDateTime;
        var decision = Decide(set, true, Make.Pod("orphan", "app=web"));
        decision.Create.ShouldBe(0);
        decision.Claim.Adopt.ShouldBeEmpty();
    }

    [Fact]
    public void Of_too_many_pods_the_least_useful_go_first()
    {
        var unassigned = Make.Pod("unassigned", "app=web", owner: Ours);
        var pending = Make.Pod("pending", "app=web", "n1", Ours);
        var notReady = Make.Pod("not-ready", "app=web", "n1", Ours, ready: false);
        var cheap = Make.Pod("cheap", "app=web", "n2", Ours, ready: true);
        cheap.Metadata.Annotations = new Dictionary<string, string> { [PodDeletionRanking.DeletionCostAnnotation] = "-1" };
        var crowded = Make.Pod("crowded", "app=web", "n1", Ours, ready: true);
        var young = Make.Pod("young", "app=web", "n2", Ours, ready: true, ageSeconds: 2);
        var old = Make.Pod("old", "app=web", "n3", Ours, ready: true, ageSeconds: 100000);
        V1Pod[] all = [old, young, crowded, cheap, notReady, pending, unassigned];
        PodDeletionRanking.Choose(all, all, 6, Make.Noon).Select(p => p.Metadata.Name)
            .ShouldBe(["unassigned", "pending", "not-ready", "cheap", "crowded", "young"]);
    }

    [Fact]
    public void The_status_counts_pods_by_how_far_they_are()
    {
        var set = Make.ReplicaSet("web", 4);
        set.Spec.MinReadySeconds = 40;
        V1Pod[] pods =
        [
            Make.Pod("available", "app=web", "n1", Ours, ready: true, ageSeconds: 200),
            Make.Pod("fresh", "app=web", "n1", Ours, ready: true, ageSeconds: 20),
            Make.Pod("starting", "app=web", "n1", Ours),
        ];
        var status = ReplicaSetStatus.Calculate(set, pods, 1, null, Make.Noon);
        (status.Replicas, status.ReadyReplicas, status.AvailableReplicas, status.TerminatingReplicas).ShouldBe((3, 2, 1, 1));
        PodFacts.NextAvailability(pods, 40, Make.Noon).ShouldBe(TimeSpan.FromSeconds(30));
        ReplicaSetStatus.Same(status, ReplicaSetStatus.Calculate(set, pods, 1, null, Make.Noon)).ShouldBeTrue();
    }

    [Fact]
    public void A_failure_to_create_is_a_condition_until_it_works()
    {
        var set = Make.ReplicaSet("web", 2);
        set.Status = ReplicaSetStatus.Calculate(set, [], 0, new InvalidOperationException("exceeded quota"), Make.Noon);
        var condition = set.Status.Conditions.ShouldHaveSingleItem();
        (condition.Type, condition.Reason, condition.Message).ShouldBe(("ReplicaFailure", "FailedCreate", "exceeded quota"));
        ReplicaSetStatus.Calculate(set, [], 0, null, Make.Noon).Conditions.ShouldBeNull();
    }
}
