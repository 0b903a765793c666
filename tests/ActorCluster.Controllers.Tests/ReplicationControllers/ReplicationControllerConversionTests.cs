using ActorCluster.Controllers.ReplicaSets;
using ActorCluster.Controllers.ReplicationControllers;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.ReplicationControllers;

public class ReplicationControllerConversionTests
{
    private static readonly V1ReplicationController Web = new()
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "uid-of-web", Generation = 1 },
        Spec = new V1ReplicationControllerSpec { Replicas = 2, MinReadySeconds = 3, Selector = Make.Labels("app=web"), Template = Make.Template("app=web", "nginx") },
    };

    [Fact]
    public void To_the_controller_it_is_a_replica_set()
    {
        var set = ReplicationControllerConversion.ToReplicaSet(Web);
        (set.Metadata.Uid, set.Spec.Replicas, set.Spec.MinReadySeconds).ShouldBe(("uid-of-web", 2, 3));
        var orphan = Make.Pod("orphan", "app=web");
        var decision = ReplicaSetDecision.Of(set, [orphan], () => [orphan], manage: true, Make.Noon);
        (decision.Create, decision.Claim.Adopt.Count).ShouldBe((1, 1));
    }

    [Fact]
    public void A_status_that_went_back_and_forth_says_the_same_but_for_terminating_pods()
    {
        var set = ReplicationControllerConversion.ToReplicaSet(Web);
        var status = ReplicaSetStatus.Calculate(set, [Make.Pod("a", "app=web", ready: true)], terminating: 0, new InvalidOperationException("exceeded quota"), Make.Noon);
        var back = ReplicationControllerConversion.ToReplicaSet(Web with { Status = ReplicationControllerConversion.FromReplicaSet(status) }).Status;
        ReplicaSetStatus.Same(back, status).ShouldBeTrue();
        back.Conditions.ShouldHaveSingleItem().Reason.ShouldBe("FailedCreate");
        var terminating = ReplicationControllerConversion.FromReplicaSet(status with { TerminatingReplicas = 4 });
        ReplicaSetStatus.Same(ReplicationControllerConversion.ToReplicaSet(Web with { Status = terminating }).Status, status).ShouldBeTrue();
    }
}
