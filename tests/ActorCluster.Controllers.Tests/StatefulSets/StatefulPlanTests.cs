using ActorCluster.Controllers.StatefulSets;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.StatefulSets;

public class StatefulPlanTests
{
    private const string New = "db-new";
    private const string Old = "db-old";

    private static V1Pod Pod(int ordinal, string revision = New, bool? ready = true, string phase = "", bool deleting = false, int ageSeconds = 60) =>
        Make.Pod($"db-{ordinal}", $"app=db,controller-revision-hash={revision},statefulset.kubernetes.io/pod-name=db-{ordinal}", "n1",
            Make.Owner("db", "StatefulSet"), ready: ready, phase: phase, deleting: deleting, ageSeconds: ageSeconds);

    private static StatefulView View(V1StatefulSet set, params V1Pod[] pods) => StatefulView.Of(set, pods, Old, New, Make.Noon);

    private static StatefulPlan Plan(V1StatefulSet set, params V1Pod[] pods) => StatefulPlan.Of(View(set, pods));

    private static IEnumerable<string> Names(IEnumerable<V1Pod> pods) => pods.Select(pod => pod.Metadata.Name);

    [Fact]
    public void A_pod_has_the_name_host_name_and_labels_of_its_ordinal()
    {
        var set = Make.StatefulSet("db", 3);
        var pod = StatefulPods.For(set, 2, set.Spec.Template, New);
        pod.Metadata.Name.ShouldBe("db-2");
        (pod.Spec.Hostname, pod.Spec.Subdomain).ShouldBe(("db-2", "db"));
        pod.Metadata.Labels.ShouldBe(Make.Labels($"app=db,controller-revision-hash={New},statefulset.kubernetes.io/pod-name=db-2,apps.kubernetes.io/pod-index=2"), ignoreOrder: true);
    }

    [Theory]
    [InlineData("db-0", 0)]
    [InlineData("db-12", 12)]
    [InlineData("db-x", null)]
    [InlineData("db-", null)]
    [InlineData("db-1-2", null)]
    [InlineData("other-1", null)]
    [InlineData("db-99999999999", null)]
    public void The_ordinal_is_in_the_name(string name, int? ordinal) => StatefulPods.OrdinalOf(Make.StatefulSet("db", 1), Make.Pod(name)).ShouldBe(ordinal);

    [Fact]
    public void In_order_a_pod_is_made_only_when_all_before_it_are_available()
    {
        var set = Make.StatefulSet("db", 3);
        Plan(set).Create.ShouldBe([0]);
        Plan(set, Pod(0)).Create.ShouldBe([1]);
        Plan(set, Pod(0, ready: false)).Create.ShouldBeEmpty();
        Plan(set, Pod(0, deleting: true)).Create.ShouldBeEmpty();
        Plan(set, Pod(1), Pod(2)).Create.ShouldBe([0]);
        set.Spec.MinReadySeconds = 40;
        Plan(set, Pod(0)).Create.ShouldBeEmpty();
        Plan(set, Pod(0, ageSeconds: 90)).Create.ShouldBe([1]);
    }

    [Fact]
    public void In_parallel_all_are_made_at_once_and_all_beyond_go_at_once()
    {
        var set = Make.StatefulSet("db", 3, policy: "Parallel");
        Plan(set, Pod(1, ready: false)).Create.ShouldBe([0, 2]);
        Names(Plan(set, Pod(0), Pod(1), Pod(2), Pod(3, ready: false), Pod(4), Pod(5, deleting: true)).Delete).ShouldBe(["db-4", "db-3"]);
    }

    [Fact]
    public void A_pod_that_ended_is_deleted_and_waited_for()
    {
        foreach (var policy in (string[])["OrderedReady", "Parallel"])
        {
            var set = Make.StatefulSet("db", 1, policy: policy);
            Names(Plan(set, Pod(0, phase: "Failed")).Delete).ShouldBe(["db-0"]);
            Names(Plan(set, Pod(0, phase: "Succeeded")).Delete).ShouldBe(["db-0"]);
            var waiting = Plan(set, Pod(0, phase: "Failed", deleting: true));
            (waiting.Create.Count, waiting.Delete.Count).ShouldBe((0, 0));
        }
    }

    [Fact]
    public void In_order_the_last_goes_first_and_only_when_all_others_are_available()
    {
        var set = Make.StatefulSet("db", 1);
        Names(Plan(set, Pod(0), Pod(1), Pod(2)).Delete).ShouldBe(["db-2"]);
        Plan(set, Pod(0), Pod(1), Pod(2, deleting: true)).Delete.ShouldBeEmpty();
        Plan(set, Pod(0, ready: false), Pod(1)).Delete.ShouldBeEmpty();
        Plan(set, Pod(0), Pod(1, ready: false), Pod(2, ready: false)).Delete.ShouldBeEmpty();
        Names(Plan(set, Pod(0), Pod(1), Pod(2, ready: false)).Delete).ShouldBe(["db-2"]);
    }

    [Fact]
    public void Ordinals_may_start_anywhere_and_pods_before_the_start_are_beyond()
    {
        var set = Make.StatefulSet("db", 2);
        set.Spec.Ordinals = new V1StatefulSetOrdinals { Start = 5 };
        var view = View(set, Pod(5), Pod(0));
        Names(view.Replicas.OfType<V1Pod>()).ShouldBe(["db-5"]);
        Names(view.Condemned).ShouldBe(["db-0"]);
        StatefulPlan.Of(view).Create.Select(view.OrdinalAt).ShouldBe([6]);
        Names(Plan(set, Pod(5), Pod(6), Pod(0)).Delete).ShouldBe(["db-0"]);
    }

    [Fact]
    public void A_rollout_goes_from_the_end_one_available_pod_after_the_other()
    {
        var set = Make.StatefulSet("db", 3);
        Names(Plan(set, Pod(0, Old), Pod(1, Old), Pod(2, Old)).Delete).ShouldBe(["db-2"]);
        Plan(set, Pod(0, Old), Pod(1, Old), Pod(2, New, ready: false)).Delete.ShouldBeEmpty();
        Names(Plan(set, Pod(0, Old), Pod(1, Old), Pod(2, New)).Delete).ShouldBe(["db-1"]);
        Plan(set, Pod(0, New), Pod(1, New), Pod(2, New)).Delete.ShouldBeEmpty();
    }

    [Fact]
    public void A_rollout_stops_at_the_partition_and_pods_below_it_come_back_as_they_were()
    {
        var set = Make.StatefulSet("db", 3, partition: 2);
        Names(Plan(set, Pod(0, Old), Pod(1, Old), Pod(2, Old)).Delete).ShouldBe(["db-2"]);
        Plan(set, Pod(0, Old), Pod(1, Old), Pod(2, New)).Delete.ShouldBeEmpty();
        var view = View(set);
        Enumerable.Range(0, 3).Select(view.IsOfCurrent).ShouldBe([true, true, false]);
    }

    [Theory]
    [InlineData("2", new[] { "db-3", "db-2" })]
    [InlineData("60%", new[] { "db-3", "db-2" })]
    [InlineData("10%", new[] { "db-3" })]
    public void With_maxUnavailable_several_go_at_a_time(string unavailable, string[] names) =>
        Names(Plan(Make.StatefulSet("db", 4, unavailable: unavailable, policy: "Parallel"), Pod(0, Old), Pod(1, Old), Pod(2, Old), Pod(3, Old)).Delete).ShouldBe(names);

    [Fact]
    public void With_maxUnavailable_what_serves_nobody_counts() =>
        Names(Plan(Make.StatefulSet("db", 4, unavailable: "2", policy: "Parallel"), Pod(0, Old), Pod(1, Old), Pod(2, Old), Pod(3, New, ready: false)).Delete).ShouldBe(["db-2"]);

    [Fact]
    public void OnDelete_rolls_nothing_and_a_set_that_is_being_deleted_does_nothing()
    {
        Plan(Make.StatefulSet("db", 1, strategy: "OnDelete"), Pod(0, Old)).Delete.ShouldBeEmpty();
        var deleted = Make.StatefulSet("db", 2);
        deleted.Metadata.DeletionTimestamp = Make.Noon.UtcDateTime;
        Plan(deleted, Pod(0)).Create.ShouldBeEmpty();
    }

    [Fact]
    public void Pods_without_their_label_get_it()
    {
        var stranger = Pod(0);
        stranger.Metadata.Labels = Make.Labels("app=db");
        Names(Plan(Make.StatefulSet("db", 1), stranger).Identify).ShouldBe(["db-0"]);
        Plan(Make.StatefulSet("db", 1), Pod(0)).Identify.ShouldBeEmpty();
    }

    [Fact]
    public void The_status_counts_pods_by_readiness_and_revision_until_the_rollout_is_over()
    {
        var set = Make.StatefulSet("db", 3);
        var status = StatefulStatus.Calculate(View(set, Pod(0, Old), Pod(1, Old, ready: false), Pod(2, New)), 1);
        (status.Replicas, status.ReadyReplicas, status.AvailableReplicas, status.CurrentReplicas, status.UpdatedReplicas).ShouldBe((3, 2, 2, 2, 1));
        (status.CurrentRevision, status.UpdateRevision, status.CollisionCount, status.ObservedGeneration).ShouldBe((Old, New, 1, 1));
        var over = StatefulStatus.Calculate(View(set, Pod(0), Pod(1), Pod(2)), 0);
        (over.CurrentRevision, over.CurrentReplicas, over.UpdatedReplicas).ShouldBe((New, 3, 3));
        StatefulStatus.Same(status, over).ShouldBeFalse();
        StatefulStatus.Same(over, StatefulStatus.Calculate(View(set, Pod(0), Pod(1), Pod(2)), 0)).ShouldBeTrue();
    }

    [Fact]
    public void Revisions_that_matter_to_pods_or_the_rollout_do_not_count_towards_the_limit()
    {
        static V1ControllerRevision Revision(int number) => new() { Metadata = new V1ObjectMeta { Name = $"db-{number}r" }, Revision = number };
        V1ControllerRevision[] all = [.. Enumerable.Range(1, 6).Select(Revision)];
        var set = Make.StatefulSet("db", 1);
        set.Spec.RevisionHistoryLimit = 1;
        var history = new StatefulHistory(all[4], all[5], all, 0);
        history.Expired(set, [Pod(0, "db-1r")]).Select(revision => revision.Revision).ShouldBe([2L, 3L]);
        set.Spec.RevisionHistoryLimit = 3;
        history.Expired(set, [Pod(0, "db-1r")]).ShouldBeEmpty();
    }

    [Fact]
    public void Events_speak_of_pods_and_sets() =>
        new StatefulEventWording().Failed(PodChange.Create, Make.StatefulSet("db", 1), Pod(0), "no room").ShouldBe("Create Pod db-0 in StatefulSet db failed error: no room");
}
