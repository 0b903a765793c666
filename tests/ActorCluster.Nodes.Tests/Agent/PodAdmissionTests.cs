using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Agent;

public class PodAdmissionTests
{
    private static readonly Dictionary<string, decimal> Allocatable = new() { ["cpu"] = 2, ["memory"] = 1000, ["ephemeral-storage"] = 1000, ["pods"] = 2 };

    [Fact]
    public void A_pod_that_fits_is_taken() => PodAdmission.Check(Pod("a", "1500m"), [Pod("b", "500m")], Allocatable).ShouldBeNull();

    [Fact]
    public void A_pod_that_asks_for_more_than_is_left_is_refused_in_upstreams_words() =>
        PodAdmission.Check(Pod("a", "1501m"), [Pod("b", "500m")], Allocatable).ShouldBe(
            new AdmissionRefusal("OutOfcpu", "Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000"));

    [Fact]
    public void Finished_pods_use_nothing()
    {
        var finished = Pod("b", "2");
        finished.Status = new V1PodStatus { Phase = "Succeeded" };
        PodAdmission.Check(Pod("a", "2"), [finished, finished], Allocatable).ShouldBeNull();
    }

    [Fact]
    public void The_number_of_pods_is_a_resource_too() =>
        PodAdmission.Check(Pod("a"), [Pod("b"), Pod("c")], Allocatable)!.Reason.ShouldBe("OutOfpods");

    [Fact]
    public void Init_containers_count_by_the_greediest_and_sidecars_always()
    {
        var pod = TestPods.Pod(containers: [Asking("main", "1")], init: [Asking("one", "3"), Sidecar("proxy", "500m"), Asking("two", "2")]);
        PodAdmission.RequestOf(pod.Spec, "cpu").ShouldBe(3m);
        pod.Spec.Containers[0] = Asking("main", "4");
        PodAdmission.RequestOf(pod.Spec, "cpu").ShouldBe(4.5m);
    }

    private static V1Pod Pod(string name, string? cpu = null) => TestPods.Pod(name, containers: [Asking("main", cpu)]);

    private static V1Container Asking(string name, string? cpu)
    {
        var container = TestPods.Container(name);
        if (cpu is not null) container.Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } };
        return container;
    }

    private static V1Container Sidecar(string name, string cpu)
    {
        var container = Asking(name, cpu);
        container.RestartPolicy = "Always";
        return container;
    }
}
