using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using static ActorCluster.Nodes.Tests.Support.TestPods;

namespace ActorCluster.Nodes.Tests.Lifecycle;

public class PodDeciderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_pod_gets_its_sandbox_before_any_container()
    {
        var life = new Lifetime(Pod());
        life.Pending.ShouldBe([new PodAction.CreateSandbox()]);
        life.Sandbox().Pending.ShouldBe([new PodAction.StartContainer("main", 0)]);
    }

    [Fact]
    public void Main_containers_start_one_after_the_other()
    {
        var life = new Lifetime(Pod(containers: [Container("a"), Container("b")])).Sandbox();
        life.Starts.ShouldBe(["a"]);
        life.Started("a").Starts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_main_container_that_can_not_start_does_not_hold_up_the_next_one()
    {
        var life = new Lifetime(Pod(containers: [Container("a"), Container("b")])).Sandbox();
        life.StartFailed("a", WaitingReasons.ErrImagePull, "no such image").Starts.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Init_containers_run_one_after_the_other_and_before_the_main_ones()
    {
        var life = new Lifetime(Pod(init: [Container("one"), Container("two")])).Sandbox();
        life.Starts.ShouldBe(["one"]);
        life.Started("one").Starts.ShouldBe(["one"]);
        life.ContainerState("main").Waiting.Reason.ShouldBe("PodInitializing");
        life.Exited("one").Starts.ShouldBe(["one", "two"]);
        life.Started("two").Exited("two").Starts.ShouldBe(["one", "two", "main"]);
        life.Started("main").Status.Phase.ShouldBe("Running");
    }

    [Fact]
    public void A_failed_init_container_is_tried_again_unless_the_policy_is_Never()
    {
        new Lifetime(Pod(init: [Container("one")])).Sandbox().Started("one").Exited("one", 1).Starts.ShouldBe(["one", "one"]);

        var life = new Lifetime(Pod(restartPolicy: "Never", init: [Container("one")])).Sandbox().Started("one").Exited("one", 1);
        life.Starts.ShouldBe(["one"]);
        life.Destroyed().Status.Phase.ShouldBe("Failed");
    }

    [Fact]
    public void A_sidecar_lets_the_next_container_start_once_its_startup_probe_passed()
    {
        var sidecar = Sidecar("proxy");
        sidecar.StartupProbe = new V1Probe();
        var life = new Lifetime(Pod(init: [sidecar])).Sandbox().Started("proxy");
        life.Starts.ShouldBe(["proxy"]);
        life.Probe("proxy", ProbeKind.Startup, true).Starts.ShouldBe(["proxy", "main"]);
    }

    [Fact]
    public void A_sidecar_is_restarted_even_with_policy_Never_and_does_not_hold_back_completion()
    {
        var life = new Lifetime(Pod(restartPolicy: "Never", init: [Sidecar("proxy")])).Sandbox().Started("proxy").Started("main");
        life.Exited("proxy", 1).Starts.ShouldBe(["proxy", "main", "proxy"]);
        life.Started("proxy").Exited("main");
        life.Pending.OfType<PodAction.StopContainer>().ShouldHaveSingleItem().Name.ShouldBe("proxy");
        life.Exited("proxy", 143).Destroyed().Status.Phase.ShouldBe("Succeeded");
    }

    [Fact]
    public void Sidecars_end_after_the_main_containers_in_reverse_order()
    {
        var pod = Pod(init: [Sidecar("first"), Sidecar("second")]);
        var life = new Lifetime(pod).Sandbox().Started("first").Started("second").Started("main");
        life.Seen(Deleted(pod, life.Now));
        Stops().ShouldBe(["main"]);
        life.Exited("main");
        Stops().ShouldBe(["second"]);
        life.Exited("second");
        Stops().ShouldBe(["first"]);
        life.Exited("first").Destroyed();
        life.Removed.ShouldBeTrue();

        IEnumerable<string> Stops() => life.Pending.OfType<PodAction.StopContainer>().Select(stop => stop.Name);
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 0, false)]
    [InlineData("Never", 1, false)]
    public void The_restart_policy_decides_about_another_start(string policy, int exitCode, bool again)
    {
        var life = new Lifetime(Pod(restartPolicy: policy)).Sandbox().Started("main").Exited("main", exitCode);
        life.Starts.Count.ShouldBe(again ? 2 : 1);
        if (!again) life.Destroyed().Status.Phase.ShouldBe(exitCode == 0 ? "Succeeded" : "Failed");
    }

    [Fact]
    public void A_containers_own_rule_overrides_the_pods_policy_for_its_exit_codes()
    {
        var container = Container("main");
        container.RestartPolicy = "Never";
        container.RestartPolicyRules = [new V1ContainerRestartRule { Action = "Restart", ExitCodes = new V1ContainerRestartRuleOnExitCodes { OperatorProperty = "In", Values = [42] } }];
        var life = new Lifetime(Pod(restartPolicy: "Never", containers: [container])).Sandbox().Started("main").Exited("main", 42);
        life.Starts.Count.ShouldBe(2);
        life.Started("main").Exited("main", 1);
        life.Starts.Count.ShouldBe(2);
    }

    [Fact]
    public void A_crash_loop_waits_10_s_then_twice_as_long_each_time_up_to_5_minutes()
    {
        var life = new Lifetime(Pod()).Sandbox().Started("main").Exited("main", 1);
        life.Starts.Count.ShouldBe(2);
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            life.Started("main").Exited("main", 1);
            life.ContainerState("main").Waiting.Reason.ShouldBe("CrashLoopBackOff");
            var until = life.WakeAt!.Value;
            waits.Add((until - life.Now).TotalSeconds);
            life.Pass(until - life.Now);
        }
        waits.ShouldBe([10, 20, 40, 80, 160, 300, 300]);
        life.Status.ContainerStatuses[0].RestartCount.ShouldBe(7);
    }

    [Fact]
    public void The_crash_loops_message_says_how_long()
    {
        var life = new Lifetime(Pod()).Sandbox().Started("main").Exited("main", 1).Started("main").Exited("main", 1);
        life.ContainerState("main").Waiting.Message.ShouldBe("back-off 10s restarting failed container=main pod=web_default(uid-of-web)");
        life.Events.ShouldHaveSingleItem().Message.ShouldBe("Back-off restarting failed container main in pod web_default(uid-of-web)");
        life.Status.ContainerStatuses[0].LastState.Terminated.ExitCode.ShouldBe(1);
        life.Status.Phase.ShouldBe("Running");
    }

    [Fact]
    public void A_container_that_ran_for_twice_the_longest_delay_starts_over_with_the_first_one()
    {
        var life = new Lifetime(Pod()).Sandbox().Started("main").Exited("main", 1).Started("main").Exited("main", 1);
        life.Pass(10 * Second).Started("main").Pass(TimeSpan.FromSeconds(601)).Exited("main", 1);
        life.Starts.Count.ShouldBe(4);
        life.Started("main").Exited("main", 1);
        (life.WakeAt - life.Now).ShouldBe(10 * Second);
    }

    [Fact]
    public void An_image_that_cannot_be_pulled_is_ErrImagePull_then_ImagePullBackOff_then_tried_again()
    {
        var life = new Lifetime(Pod()).Sandbox().StartFailed("main", WaitingReasons.ErrImagePull, "no emulated image");
        life.ContainerState("main").Waiting.Reason.ShouldBe("ErrImagePull");
        life.Pass(Second).ContainerState("main").Waiting.ShouldSatisfyAllConditions(
            waiting => waiting.Reason.ShouldBe("ImagePullBackOff"),
            waiting => waiting.Message.ShouldBe("Back-off pulling image \"test/sleeper\": ErrImagePull: no emulated image"));
        life.Starts.Count.ShouldBe(1);
        life.Pass(9 * Second).Starts.Count.ShouldBe(2);
        life.StartFailed("main", WaitingReasons.ErrImagePull).Pass(19 * Second).Starts.Count.ShouldBe(2);
        life.Pass(Second).Starts.Count.ShouldBe(3);
        life.Status.ContainerStatuses[0].RestartCount.ShouldBe(0);
        life.Status.Phase.ShouldBe("Pending");
    }

    [Fact]
    public void An_incomplete_configuration_is_tried_again_every_10_s_and_when_it_may_be_complete()
    {
        var life = new Lifetime(Pod()).Sandbox().StartFailed("main", WaitingReasons.CreateContainerConfigError);
        life.Pass(9 * Second).Starts.Count.ShouldBe(1);
        life.Pass(Second).Starts.Count.ShouldBe(2);
        life.StartFailed("main", WaitingReasons.CreateContainerConfigError).Then(life.State.RetryNow()).Starts.Count.ShouldBe(3);
    }

    [Fact]
    public void A_program_that_cannot_be_started_counts_as_ended_with_128_StartError()
    {
        var life = new Lifetime(Pod()).Sandbox().StartFailed("main", WaitingReasons.RunContainerError, "not found");
        life.ContainerState("main").Waiting.Reason.ShouldBe("RunContainerError");
        life.Status.ContainerStatuses[0].LastState.Terminated.ShouldSatisfyAllConditions(last => last.ExitCode.ShouldBe(128), last => last.Reason.ShouldBe("StartError"));
        life.Pass(Second).StartFailed("main", WaitingReasons.RunContainerError, "not found").ContainerState("main").Waiting.Reason.ShouldBe("CrashLoopBackOff");

        new Lifetime(Pod(restartPolicy: "Never")).Sandbox().StartFailed("main", WaitingReasons.RunContainerError, "not found").Destroyed().Status.Phase.ShouldBe("Failed");
    }

    [Fact]
    public void A_failed_liveness_probe_ends_the_instance_and_starts_another()
    {
        var container = Container("main");
        container.LivenessProbe = new V1Probe { TerminationGracePeriodSeconds = 3 };
        var life = new Lifetime(Pod(containers: [container])).Sandbox().Started("main").Probe("main", ProbeKind.Liveness, false);
        life.Pending.ShouldBe([new PodAction.StopContainer("main", 3 * Second, "Container main failed liveness probe, will be restarted")]);
        life.Exited("main", 137).Starts.Count.ShouldBe(2);
    }

    [Fact]
    public void Readiness_makes_and_unmakes_the_pods_readiness_and_restarts_nothing()
    {
        var container = Container("main");
        container.ReadinessProbe = new V1Probe();
        var life = new Lifetime(Pod(containers: [container])).Sandbox().Started("main");
        Ready().ShouldBe("False");
        life.Status.Conditions.Single(condition => condition.Type == "Ready").Message.ShouldBe("containers with unready status: [main]");
        life.Probe("main", ProbeKind.Readiness, true);
        Ready().ShouldBe("True");
        life.Probe("main", ProbeKind.Readiness, false);
        Ready().ShouldBe("False");
        life.Starts.Count.ShouldBe(1);

        string Ready() => life.Status.Conditions.Single(condition => condition.Type == "Ready").Status;
    }

    [Fact]
    public void Deletion_stops_the_containers_with_the_grace_and_then_removes_the_object()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        life.Seen(Deleted(pod, life.Now, grace: 7));
        life.Pending.ShouldBe([new PodAction.StopContainer("main", 7 * Second, "Stopping container main")]);
        life.Removed.ShouldBeFalse();
        life.Exited("main", 143);
        life.Removed.ShouldBeFalse();
        life.Destroyed().Removed.ShouldBeTrue();
        life.Status.Phase.ShouldBe("Failed");
    }

    [Fact]
    public void A_deleted_pod_whose_containers_all_ended_well_is_Succeeded_whatever_its_policy()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        life.Seen(Deleted(pod, life.Now)).Exited("main", 0).Destroyed().Status.Phase.ShouldBe("Succeeded");
        life.Starts.Count.ShouldBe(1);
    }

    [Fact]
    public void A_second_deletion_with_less_grace_hurries_what_is_stopping()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        life.Seen(Deleted(pod, life.Now, 30)).Seen(Deleted(pod, life.Now, 2));
        life.Pending.OfType<PodAction.StopContainer>().Select(stop => stop.Grace).ShouldBe([30 * Second, 2 * Second]);
        life.Seen(Deleted(pod, life.Now, 30)).Pending.Count.ShouldBe(2);
    }

    [Fact]
    public void A_pod_deleted_before_it_started_anything_is_removed_at_once()
    {
        var pod = Deleted(Pod(), DateTimeOffset.UnixEpoch);
        new Lifetime(pod).Removed.ShouldBeTrue();
    }

    [Fact]
    public void A_pod_whose_object_is_gone_is_ended_and_nothing_more_is_asked_of_the_API()
    {
        var life = new Lifetime(Pod(grace: 5)).Sandbox().Started("main").Gone();
        life.Pending.ShouldBe([new PodAction.StopContainer("main", 5 * Second, "Stopping container main")]);
        life.Exited("main", 137).Destroyed();
        life.Removed.ShouldBeFalse();
        life.State.IsOver.ShouldBeTrue();
    }

    [Fact]
    public void The_active_deadline_fails_the_pod()
    {
        var pod = Pod();
        pod.Spec.ActiveDeadlineSeconds = 60;
        var life = new Lifetime(pod).Sandbox().Started("main");
        life.WakeAt.ShouldBe(life.Now + TimeSpan.FromSeconds(60));
        life.Pass(TimeSpan.FromSeconds(60));
        life.Status.Phase.ShouldBe("Running");
        life.Exited("main", 0).Destroyed().Status.ShouldSatisfyAllConditions(
            status => status.Phase.ShouldBe("Failed"),
            status => status.Reason.ShouldBe("DeadlineExceeded"),
            status => status.Message.ShouldBe("Pod was active on the node longer than the specified deadline"));
    }

    [Fact]
    public void A_changed_image_replaces_the_instance()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        var changed = Copy(pod);
        changed.Spec.Containers[0].Image = "test/other";
        life.Seen(changed).Pending.OfType<PodAction.StopContainer>().ShouldHaveSingleItem().Message.ShouldBe("Container main definition changed, will be restarted");
        life.Exited("main", 0).Starts.Count.ShouldBe(2);
        life.Started("main").Pending.ShouldBeEmpty();
    }

    [Fact]
    public void An_ephemeral_container_is_started_once_and_does_not_count()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        var debugged = Copy(pod);
        debugged.Spec.EphemeralContainers = [new V1EphemeralContainer { Name = "debugger", Image = "test/sleeper" }];
        life.Seen(debugged).Started("debugger").Exited("debugger", 1).Starts.ShouldBe(["main", "debugger"]);
        life.Status.Phase.ShouldBe("Running");
        life.Status.Conditions.Single(condition => condition.Type == "Ready").Status.ShouldBe("True");
    }

    [Fact]
    public void A_node_that_comes_back_starts_what_ran_there_as_new_instances()
    {
        var pod = Pod();
        var life = new Lifetime(pod).Sandbox().Started("main");
        var seen = Copy(pod);
        seen.Status = life.Status;
        var again = new Lifetime(seen).Sandbox();
        again.Pending.ShouldBe([new PodAction.StartContainer("main", 1)]);
        again.Started("main").Status.ContainerStatuses[0].ShouldSatisfyAllConditions(
            status => status.RestartCount.ShouldBe(1),
            status => status.LastState.Terminated.ExitCode.ShouldBe(255),
            status => status.State.Running.ShouldNotBeNull());
    }

    [Fact]
    public void A_node_that_comes_back_fails_what_may_not_run_twice()
    {
        var pod = Pod(restartPolicy: "Never");
        var seen = Copy(pod);
        seen.Status = new Lifetime(pod).Sandbox().Started("main").Status;
        var again = new Lifetime(seen);
        again.Pending.ShouldBeEmpty();
        again.Status.Phase.ShouldBe("Failed");
    }

    [Fact]
    public void A_finished_pod_stays_finished_and_is_removed_when_asked()
    {
        var pod = Pod(restartPolicy: "Never");
        var seen = Copy(pod);
        seen.Status = new Lifetime(pod).Sandbox().Started("main").Exited("main").Destroyed().Status;
        seen.Status.Phase.ShouldBe("Succeeded");
        var again = new Lifetime(seen);
        again.Pending.ShouldBeEmpty();
        again.Status.Phase.ShouldBe("Succeeded");
        again.Seen(Deleted(seen, again.Now)).Removed.ShouldBeTrue();
    }
}
