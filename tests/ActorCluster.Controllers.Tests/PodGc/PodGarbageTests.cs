using ActorCluster.Controllers.PodGc;
using ActorCluster.Controllers.Tests.Fakes;

namespace ActorCluster.Controllers.Tests.PodGc;

public class PodGarbageTests
{
    [Fact]
    public void Of_too_many_finished_pods_the_oldest_go()
    {
        var pods = new[] { Make.Pod("new", phase: "Failed", ageSeconds: 1), Make.Pod("old", phase: "Succeeded", ageSeconds: 99), Make.Pod("running", ready: true) };
        PodGarbage.Terminated(pods, 1).Select(g => g.Pod.Metadata.Name).ShouldBe(["old"]);
        PodGarbage.Terminated(pods, 2).ShouldBeEmpty();
    }

    [Fact]
    public void Terminating_pods_go_only_from_nodes_that_are_out_of_service_and_not_ready()
    {
        var pods = new[] { Make.Pod("stuck", node: "n1", deleting: true), Make.Pod("fine", node: "n1") };
        var taint = Make.Taint(PodGarbage.OutOfServiceTaint, "NoExecute");
        PodGarbage.OnOutOfServiceNodes(pods, _ => Make.Node("n1", ready: "Unknown", taints: [taint])).Select(g => g.Pod.Metadata.Name).ShouldBe(["stuck"]);
        PodGarbage.OnOutOfServiceNodes(pods, _ => Make.Node("n1", taints: [taint])).ShouldBeEmpty();
        PodGarbage.OnOutOfServiceNodes(pods, _ => Make.Node("n1", ready: "Unknown")).ShouldBeEmpty();
        PodGarbage.OnOutOfServiceNodes(pods, _ => null).ShouldBeEmpty();
    }

    [Fact]
    public void Pods_without_a_node_and_pods_of_nodes_that_are_gone_are_garbage()
    {
        var pods = new[] { Make.Pod("never-placed", deleting: true), Make.Pod("orphan", node: "gone"), Make.Pod("fine", node: "n1") };
        PodGarbage.UnscheduledTerminating(pods).Select(g => g.Pod.Metadata.Name).ShouldBe(["never-placed"]);
        PodGarbage.Orphaned(pods, new HashSet<string> { "gone" }).Select(g => (g.Pod.Metadata.Name, g.Message)).ShouldBe([("orphan", "PodGC: node no longer exists")]);
    }
}
