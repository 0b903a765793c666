using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using static ActorCluster.Nodes.Tests.Support.TestPods;

namespace ActorCluster.Nodes.Tests.Lifecycle;

public class PodResizeTests
{
    [Fact]
    public void The_status_tells_what_is_allocated_and_what_the_container_has()
    {
        var life = Running(Resources("100m"));
        Status(life).AllocatedResources["cpu"].ToString().ShouldBe("100m");
        Status(life).Resources.Requests["cpu"].ToString().ShouldBe("100m");
        Running(null).Status.ContainerStatuses[0].Resources.ShouldNotBeNull().Requests.ShouldBeNull();
    }

    [Fact]
    public void A_container_that_never_was_has_no_resources_yet() =>
        Status(new Lifetime(Pod(containers: [With(Resources("100m"))])).Sandbox()).ShouldSatisfyAllConditions(status => status.Resources.ShouldBeNull(), status => status.AllocatedResources.ShouldBeNull());

    [Fact]
    public void A_running_container_gets_what_the_node_allocates_without_a_restart()
    {
        var life = Running(Resources("100m")).Seen(Resized(Resources("200m")));
        life.Pending.ShouldBe([new PodAction.AllocateResources()]);
        Status(life).AllocatedResources["cpu"].ToString().ShouldBe("100m");
        Grant(life);
        life.Pending.ShouldBe([new PodAction.UpdateResources("main")]);
        Status(life).AllocatedResources["cpu"].ToString().ShouldBe("200m");
        Status(life).Resources.Requests["cpu"].ToString().ShouldBe("200m");
        Conditions(life).ShouldBeEmpty();
        life.Status.ObservedGeneration.ShouldBe(2);
        life.Events.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            done => done.Reason.ShouldBe("ResizeCompleted"),
            done => done.Message.ShouldBe("""Pod resize completed: {"containers":[{"name":"main","resources":{"requests":{"cpu":"200m"}}}],"generation":2}"""));
    }

    [Fact]
    public void The_node_is_asked_once_for_each_generation()
    {
        var life = Running(Resources("100m")).Seen(Resized(Resources("200m"))).Pass(TimeSpan.FromSeconds(1));
        life.Pending.ShouldHaveSingleItem();
        life.Seen(Resized(Resources("300m"), 3)).Pending.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("OnFailure")]
    [InlineData("Always")]
    public void A_container_whose_policy_wants_it_is_restarted_with_its_new_resources_whatever_it_ends_with(string restartPolicy)
    {
        var life = Running(Resources("100m"), "RestartContainer", restartPolicy).Seen(Resized(Resources("200m"), policy: "RestartContainer", restartPolicy: restartPolicy));
        Grant(life);
        life.Pending.OfType<PodAction.StopContainer>().ShouldHaveSingleItem().Message.ShouldBe("Container main resize requires restart");
        Conditions(life).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            condition => condition.Type.ShouldBe("PodResizeInProgress"), condition => condition.Status.ShouldBe("True"), condition => condition.ObservedGeneration.ShouldBe(2));
        Status(life).Resources.Requests["cpu"].ToString().ShouldBe("100m");
        life.Exited("main").Started("main");
        life.Starts.ShouldBe(["main", "main"]);
        Status(life).RestartCount.ShouldBe(1);
        Status(life).Resources.Requests["cpu"].ToString().ShouldBe("200m");
        Conditions(life).ShouldBeEmpty();
    }

    [Fact]
    public void A_policy_for_another_resource_restarts_nothing()
    {
        var life = Running(Resources("100m"), "RestartContainer", resource: "memory").Seen(Resized(Resources("200m"), policy: "RestartContainer", resource: "memory"));
        Grant(life);
        life.Pending.ShouldBe([new PodAction.UpdateResources("main")]);
    }

    [Fact]
    public void A_resize_that_does_not_fit_is_deferred_and_changes_nothing_until_it_does()
    {
        var life = Running(Resources("100m")).Seen(Resized(Resources("200m")));
        life.Pending.Clear();
        life.Then(life.State.ResizeDeferred(2, "no room", life.Now));
        Conditions(life).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            condition => condition.Type.ShouldBe("PodResizePending"), condition => condition.Reason.ShouldBe("Deferred"), condition => condition.Message.ShouldBe("no room"), condition => condition.ObservedGeneration.ShouldBe(2));
        Status(life).AllocatedResources["cpu"].ToString().ShouldBe("100m");
        life.State.AllocatedPod.Spec.Containers[0].Resources.Requests["cpu"].ToString().ShouldBe("100m");
        life.Then(life.State.ResizeAllocated(life.State.Pod, life.Now)).Pending.ShouldBe([new PodAction.UpdateResources("main")]);
        Conditions(life).ShouldBeEmpty();
    }

    [Fact]
    public void A_deferred_resize_that_is_taken_back_is_forgotten()
    {
        var life = Running(Resources("100m")).Seen(Resized(Resources("200m")));
        life.Then(life.State.ResizeDeferred(2, "no room", life.Now)).Seen(Resized(Resources("0.1"), 3));
        Conditions(life).ShouldBeEmpty();
    }

    [Fact]
    public void What_was_allocated_before_the_node_began_again_still_is()
    {
        var life = Running(Resources("100m"));
        var pod = Resized(Resources("200m"));
        pod.Status = life.Status;
        var again = new Lifetime(pod);
        again.State.AllocatedPod.Spec.Containers[0].Resources.Requests["cpu"].ToString().ShouldBe("100m");
        again.Pending.ShouldContain(new PodAction.AllocateResources());
    }

    private static Lifetime Running(V1ResourceRequirements? resources, string? policy = null, string restartPolicy = "Always", string resource = "cpu") =>
        new Lifetime(Pod(restartPolicy: restartPolicy, containers: [With(resources, policy, resource)])).Sandbox().Started("main");

    private static void Grant(Lifetime life)
    {
        life.Pending.Clear();
        life.Then(life.State.ResizeAllocated(life.State.Pod, life.Now));
    }

    private static V1Pod Resized(V1ResourceRequirements resources, long generation = 2, string? policy = null, string restartPolicy = "Always", string resource = "cpu")
    {
        var pod = Pod(restartPolicy: restartPolicy, containers: [With(resources, policy, resource)]);
        pod.Metadata.Generation = generation;
        return pod;
    }

    private static V1Container With(V1ResourceRequirements? resources, string? policy = null, string resource = "cpu")
    {
        var container = Container("main");
        container.Resources = resources;
        container.ResizePolicy = policy is null ? null : [new V1ContainerResizePolicy { ResourceName = resource, RestartPolicy = policy }];
        return container;
    }

    private static V1ResourceRequirements Resources(string cpu) => new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } };

    private static V1ContainerStatus Status(Lifetime life) => life.Status.ContainerStatuses.ShouldHaveSingleItem();

    private static List<V1PodCondition> Conditions(Lifetime life) => [.. life.Status.Conditions.Where(condition => condition.Type.StartsWith("PodResize", StringComparison.Ordinal))];
}
