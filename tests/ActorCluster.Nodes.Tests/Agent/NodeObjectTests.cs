using ActorCluster.Contracts.Client;
using ActorCluster.Nodes.Agent;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Agent;

public sealed class NodeObjectTests
{
    private static readonly DateTimeOffset Then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_node_says_the_same_five_minutes_later_but_for_its_heartbeats()
    {
        var known = Known();
        NodeObject.IsSameBesidesHeartbeats(Said(known), known).ShouldBeTrue();
    }

    [Fact]
    public void What_others_say_of_a_node_is_no_news_of_its_own()
    {
        var known = Known();
        known.Conditions.Add(new V1NodeCondition { Type = "NetworkUnavailable", Status = "False" });
        known.Capacity["example.com/dongle"] = new ResourceQuantity("4");
        known.Allocatable["example.com/dongle"] = new ResourceQuantity("4");
        NodeObject.IsSameBesidesHeartbeats(Said(known), known).ShouldBeTrue();
    }

    public static TheoryData<string, Action<V1NodeStatus>> Differences => new()
    {
        { "a condition's status", known => known.Conditions[3] = known.Conditions[3] with { Status = "Unknown" } },
        { "a condition's reason", known => known.Conditions[0] = known.Conditions[0] with { Reason = "Other" } },
        { "a condition that is gone", known => known.Conditions.RemoveAt(0) },
        { "a condition that is there twice", known => known.Conditions.Add(known.Conditions[0]) },
        { "a condition that was never heard of", known => known.Conditions[0] = known.Conditions[0] with { LastHeartbeatTime = null } },
        { "an address", known => known.Addresses[0] = known.Addresses[0] with { Address = "172.18.0.9" } },
        { "what it runs on", known => known.NodeInfo = known.NodeInfo with { KernelVersion = "1.0" } },
        { "what it has", known => known.Capacity["cpu"] = new ResourceQuantity("1") },
        { "what is gone of what it has", known => known.Capacity.Remove("pods") },
        { "what it has no more", known => known.Allocatable["example.com/dongle"] = new ResourceQuantity("4") },
        { "what pods can have of it", known => known.Capacity["example.com/dongle"] = new ResourceQuantity("4") },
        { "where its agent listens", known => known.DaemonEndpoints = new V1NodeDaemonEndpoints { KubeletEndpoint = new V1DaemonEndpoint { Port = 1 } } },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public void Whatever_else_the_API_knows_otherwise_is_said_anew(string what, Action<V1NodeStatus> change)
    {
        var known = Known();
        change(known);
        NodeObject.IsSameBesidesHeartbeats(Said(known), known).ShouldBeFalse(what);
    }

    [Fact]
    public void A_node_of_which_nothing_is_known_says_all() => NodeObject.IsSameBesidesHeartbeats(Said(null), null).ShouldBeFalse();

    private static V1NodeStatus Said(V1NodeStatus? known) => NodeObject.Status(new NodeOptions("worker-1"), ["172.18.0.2"], null, "boot", known, Then.AddMinutes(5));

    /// <summary>As the API gives it back.</summary>
    private static V1NodeStatus Known() => KubernetesDocument.Read<V1NodeStatus>(KubernetesDocument.Write(NodeObject.Status(new NodeOptions("worker-1"), ["172.18.0.2"], null, "boot", null, Then)));
}
