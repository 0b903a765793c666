using ActorCluster.Controllers.Deployments;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Deployments;

public class DeploymentProgressTests
{
    private static V1DeploymentStatus Judge(V1Deployment deployment, ReplicaSetFamily family, DateTimeOffset now) =>
        DeploymentProgress.WithProgress(deployment, family, DeploymentProgress.Calculate(deployment, family, now), now);

    private static ReplicaSetFamily Only(int size, int available) => new(Make.ReplicaSet("web-1", size, available: available), []);

    private static V1DeploymentCondition Condition(V1DeploymentStatus status, string type) => DeploymentConditions.Find(status.Conditions, type).ShouldNotBeNull();

    [Fact]
    public void A_complete_rollout_is_available_and_says_that_it_has_progressed()
    {
        var status = Judge(Make.Deployment("web", 3), Only(3, 3), Make.Noon);
        (status.Replicas, status.UpdatedReplicas, status.AvailableReplicas, status.UnavailableReplicas).ShouldBe((3, 3, 3, 0));
        var progressing = Condition(status, "Progressing");
        (progressing.Status, progressing.Reason, progressing.Message).ShouldBe(("True", "NewReplicaSetAvailable", "ReplicaSet \"web-1\" has successfully progressed."));
        (Condition(status, "Available").Status, Condition(status, "Available").Reason).ShouldBe(("True", "MinimumReplicasAvailable"));
    }

    [Fact]
    public void A_rollout_that_stands_still_times_out_at_its_deadline()
    {
        var deployment = Make.Deployment("web", 3);
        deployment.Status = Judge(deployment, Only(3, 1), Make.Noon);
        Condition(deployment.Status, "Progressing").Reason.ShouldBe("ReplicaSetUpdated");
        Condition(deployment.Status, "Available").Status.ShouldBe("False");
        DeploymentProgress.NextCheck(deployment, deployment.Status, Make.Noon.AddSeconds(100)).ShouldBe(TimeSpan.FromSeconds(501));

        deployment.Status = Judge(deployment, Only(3, 1), Make.Noon.AddSeconds(599));
        Condition(deployment.Status, "Progressing").Reason.ShouldBe("ReplicaSetUpdated");
        deployment.Status = Judge(deployment, Only(3, 1), Make.Noon.AddSeconds(601));
        var timedOut = Condition(deployment.Status, "Progressing");
        (timedOut.Status, timedOut.Reason, timedOut.Message).ShouldBe(("False", "ProgressDeadlineExceeded", "ReplicaSet \"web-1\" has timed out progressing."));
        DeploymentProgress.NextCheck(deployment, deployment.Status, Make.Noon.AddSeconds(700)).ShouldBeNull();
    }

    [Fact]
    public void Progress_moves_the_deadline()
    {
        var deployment = Make.Deployment("web", 3);
        deployment.Status = Judge(deployment, Only(3, 1), Make.Noon);
        deployment.Status = Judge(deployment, Only(3, 2), Make.Noon.AddSeconds(500));
        var progressing = Condition(deployment.Status, "Progressing");
        progressing.LastUpdateTime.ShouldBe(Make.Noon.AddSeconds(500).UtcDateTime);
        progressing.LastTransitionTime.ShouldBe(Make.Noon.UtcDateTime);
        Condition(Judge(deployment, Only(3, 2), Make.Noon.AddSeconds(700)), "Progressing").Status.ShouldBe("True");
    }

    [Fact]
    public void A_pause_is_noted_and_does_not_count_as_lack_of_progress()
    {
        var deployment = Make.Deployment("web", 3);
        deployment.Status = Judge(deployment, Only(3, 1), Make.Noon);
        deployment.Spec.Paused = true;
        deployment.Status.Conditions = DeploymentProgress.PauseConditions(deployment, Make.Noon.AddSeconds(10));
        Condition(deployment.Status, "Progressing").Reason.ShouldBe("DeploymentPaused");
        deployment.Spec.Paused = false;
        deployment.Status.Conditions = DeploymentProgress.PauseConditions(deployment, Make.Noon.AddSeconds(5000));
        var resumed = Condition(deployment.Status, "Progressing");
        (resumed.Status, resumed.Reason).ShouldBe(("Unknown", "DeploymentResumed"));
        Condition(Judge(deployment, Only(3, 1), Make.Noon.AddSeconds(5100)), "Progressing").Status.ShouldBe("Unknown");
    }

    [Fact]
    public void Failures_of_replica_sets_are_conditions_of_the_deployment()
    {
        var set = Make.ReplicaSet("web-1", 3);
        set.Status.Conditions = [new V1ReplicaSetCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "exceeded quota" }];
        Condition(Judge(Make.Deployment("web", 3), new(set, []), Make.Noon), "ReplicaFailure").Message.ShouldBe("exceeded quota");
    }

    [Fact]
    public void The_same_state_gives_the_same_status_so_that_it_is_not_written_again()
    {
        var deployment = Make.Deployment("web", 3);
        deployment.Status = Judge(deployment, Only(3, 3), Make.Noon.AddMilliseconds(345));
        DeploymentProgress.Same(deployment.Status, Judge(deployment, Only(3, 3), Make.Noon.AddSeconds(9))).ShouldBeTrue();
    }
}
