using ActorCluster.Controllers.NodeLifecycle;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.NodeLifecycle;

public class NodeVerdictTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Startup = TimeSpan.FromSeconds(60);

    private static V1Lease Lease(DateTimeOffset renewed) => new() { Spec = new V1LeaseSpec { RenewTime = renewed.UtcDateTime } };

    [Fact]
    public void A_node_is_silent_when_neither_lease_nor_status_came_for_longer_than_the_grace_period()
    {
        var node = Make.Node("n1");
        var health = NodeHealth.Observe(null, node, Lease(Make.Noon), Make.Noon);
        health = NodeHealth.Observe(health, node, Lease(Make.Noon), Make.Noon.AddSeconds(40));
        health.IsSilent(Make.Noon.AddSeconds(50), Grace, Startup, null).ShouldBeFalse();
        health.IsSilent(Make.Noon.AddSeconds(51), Grace, Startup, null).ShouldBeTrue();
        NodeHealth.Observe(health, node, Lease(Make.Noon.AddSeconds(45)), Make.Noon.AddSeconds(45)).IsSilent(Make.Noon.AddSeconds(90), Grace, Startup, null).ShouldBeFalse();
    }

    [Fact]
    public void A_node_that_never_said_anything_has_the_startup_grace_period()
    {
        var node = Make.Node("n1", ready: null);
        node.Metadata.CreationTimestamp = Make.Noon.UtcDateTime;
        var health = NodeHealth.Observe(null, node, null, Make.Noon.AddSeconds(10));
        health.IsSilent(Make.Noon.AddSeconds(60), Grace, Startup, null).ShouldBeFalse();
        health.IsSilent(Make.Noon.AddSeconds(61), Grace, Startup, null).ShouldBeTrue();
        NodeVerdicts.ConditionsOfSilence(node, Make.Noon)!.ShouldAllBe(c => c.Reason == "NodeStatusNeverUpdated" && c.Status == "Unknown");
    }

    [Fact]
    public void An_unreachable_process_makes_its_node_silent_at_once_until_the_next_sign_of_life()
    {
        var node = Make.Node("n1");
        var health = NodeHealth.Observe(null, node, Lease(Make.Noon), Make.Noon);
        var lost = Make.Noon.AddSeconds(1);
        health.IsSilent(lost, Grace, Startup, lost).ShouldBeTrue();
        var renewed = NodeHealth.Observe(health, node, Lease(Make.Noon.AddSeconds(2)), Make.Noon.AddSeconds(2));
        renewed.IsSilent(Make.Noon.AddSeconds(2), Grace, Startup, lost).ShouldBeFalse();
    }

    [Fact]
    public void Silence_is_said_in_upstreams_words_and_only_once()
    {
        var node = Make.Node("n1");
        node.Status.Conditions = NodeVerdicts.ConditionsOfSilence(node, Make.Noon);
        var ready = node.Status.Conditions!.Single(c => c.Type == "Ready");
        (ready.Status, ready.Reason, ready.Message).ShouldBe(("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."));
        NodeVerdicts.ConditionsOfSilence(node, Make.Noon.AddSeconds(9)).ShouldBeNull();
    }

    [Theory]
    [InlineData("Unknown", NodeVerdicts.UnreachableTaint)]
    [InlineData("False", NodeVerdicts.NotReadyTaint)]
    public void A_node_that_is_not_ready_is_tainted_and_untainted_when_it_is_back(string status, string taint)
    {
        var node = Make.Node("n1", ready: status, taints: [Make.Taint("mine", "NoSchedule")]);
        node.Spec.Taints = NodeVerdicts.Taints(node, taint, Make.Noon);
        node.Spec.Taints!.Select(t => (t.Key, t.Effect)).ShouldBe([("mine", "NoSchedule"), (taint, "NoExecute"), (taint, "NoSchedule")], ignoreOrder: true);
        NodeVerdicts.Taints(node, taint, Make.Noon.AddSeconds(5)).ShouldBeNull();
        node.Status.Conditions[0].Status = "True";
        NodeVerdicts.Taints(node, "", Make.Noon)!.Select(t => t.Key).ShouldBe(["mine"]);
    }

    [Fact]
    public void Cordoning_taints_the_node_and_the_no_execute_taint_waits_for_its_turn()
    {
        var node = Make.Node("n1", ready: "Unknown", cordoned: true);
        NodeVerdicts.Taints(node, null, Make.Noon)!.Select(t => (t.Key, t.Effect))
            .ShouldBe([(NodeVerdicts.UnreachableTaint, "NoSchedule"), (NodeVerdicts.UnschedulableTaint, "NoSchedule")], ignoreOrder: true);
    }

    [Theory]
    [InlineData(0, 1, nameof(ZoneState.FullDisruption))]
    [InlineData(1, 2, nameof(ZoneState.Normal))]
    [InlineData(2, 3, nameof(ZoneState.PartialDisruption))]
    [InlineData(3, 3, nameof(ZoneState.Normal))]
    [InlineData(0, 0, nameof(ZoneState.Normal))]
    public void A_zone_is_disrupted_when_too_many_of_its_nodes_are_silent(int ready, int notReady, string state) =>
        ZoneEvictions.StateOf(ready, notReady).ToString().ShouldBe(state);

    [Fact]
    public void Evictions_keep_the_rate()
    {
        var evictions = new ZoneEvictions(0.1, 0.01);
        evictions.Update(Zone("a", 8, 2), Make.Noon);
        evictions.Add("a", "n1", Make.Noon);
        evictions.Add("a", "n2", Make.Noon);
        evictions.Add("a", "n2", Make.Noon);
        evictions.Take(Make.Noon).ShouldBe(["n1"]);
        evictions.Take(Make.Noon.AddSeconds(9)).ShouldBeEmpty();
        evictions.Take(Make.Noon.AddSeconds(10)).ShouldBe(["n2"]);
        evictions.AnyWaiting.ShouldBeFalse();
    }

    [Fact]
    public void A_small_zone_that_lost_most_of_its_nodes_stops_and_a_large_one_slows_down()
    {
        var evictions = new ZoneEvictions(1, 0.01);
        evictions.Update(new Dictionary<string, (int, int)> { ["large"] = (40, 60), ["small"] = (1, 4) }, Make.Noon);
        foreach (var zone in new[] { "large", "small" })
        {
            evictions.Add(zone, zone + "1", Make.Noon);
            evictions.Add(zone, zone + "2", Make.Noon);
        }

        evictions.Take(Make.Noon).ShouldBe(["large1"]);
        evictions.Take(Make.Noon.AddSeconds(99)).ShouldBeEmpty();
        evictions.Take(Make.Noon.AddSeconds(100)).ShouldBe(["large2"]);
    }

    [Fact]
    public void When_every_zone_is_lost_nothing_is_evicted_until_one_is_back()
    {
        var evictions = new ZoneEvictions(1, 1);
        evictions.Update(Zone("a", 2, 1), Make.Noon).ShouldBe(DisruptionChange.None);
        evictions.Update(Zone("a", 0, 3), Make.Noon).ShouldBe(DisruptionChange.Entered);
        evictions.Add("a", "n1", Make.Noon);
        evictions.Take(Make.Noon.AddHours(1)).ShouldBeEmpty();
        evictions.Update(Zone("a", 1, 2), Make.Noon.AddHours(1)).ShouldBe(DisruptionChange.Left);
        evictions.Take(Make.Noon.AddHours(1).AddSeconds(1)).ShouldBe(["n1"]);
    }

    private static Dictionary<string, (int, int)> Zone(string name, int ready, int notReady) => new() { [name] = (ready, notReady) };
}
