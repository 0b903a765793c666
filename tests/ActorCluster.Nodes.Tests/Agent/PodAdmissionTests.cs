using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Agent;

public class PodAdmissionTests
{
    private static readonly Dictionary<string, decimal> Allocatable = new() { ["cpu"] = 2, ["memory"] = 1000, ["ephemeral-storage"] = 1000, ["pods"] = 2 };
    private static readonly V1Node Node = new() { Metadata = new V1ObjectMeta { Name = "node-1", Labels = new Dictionary<string, string> { ["disk"] = "fast" } } };

    [Fact]
    public void A_pod_that_fits_is_taken() => PodAdmission.Check(Pod("a", "1500m"), [Pod("b", "500m")], Allocatable, Node).ShouldBeNull();

    [Fact]
    public void A_pod_that_asks_for_more_than_is_left_is_refused_in_upstreams_words() =>
        PodAdmission.Check(Pod("a", "1501m"), [Pod("b", "500m")], Allocatable, Node).ShouldBe(
            new AdmissionRefusal("OutOfcpu", "Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000"));

    [Fact]
    public void Finished_pods_use_nothing()
    {
        var finished = Pod("b", "2");
        finished.Status = new V1PodStatus { Phase = "Succeeded" };
        PodAdmission.Check(Pod("a", "2"), [finished, finished], Allocatable, Node).ShouldBeNull();
    }

    [Fact]
    public void The_number_of_pods_is_a_resource_too() =>
        PodAdmission.Check(Pod("a"), [Pod("b"), Pod("c")], Allocatable, Node)!.Reason.ShouldBe("OutOfpods");

    [Fact]
    public void A_pod_whose_host_port_is_taken_is_refused() =>
        PodAdmission.Check(Pod("a", port: Port(21017)), [Pod("b", port: Port(21017, "172.18.0.2"))], Allocatable, Node).ShouldBe(
            new AdmissionRefusal("NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void A_host_port_of_any_address_is_taken_from_every_address(string? any)
    {
        PodAdmission.Check(Pod("a", port: Port(21017, any)), [Pod("b", port: Port(21017, "172.18.0.2"))], Allocatable, Node)!.Reason.ShouldBe("NodePorts");
        PodAdmission.Check(Pod("a", port: Port(21017, "172.18.0.2")), [Pod("b", port: Port(21017, any))], Allocatable, Node)!.Reason.ShouldBe("NodePorts");
    }

    [Fact]
    public void Host_ports_of_other_addresses_protocols_and_numbers_are_no_conflict()
    {
        PodAdmission.Check(Pod("a", port: Port(21017, "172.18.0.3")), [Pod("b", port: Port(21017, "172.18.0.2"))], Allocatable, Node).ShouldBeNull();
        PodAdmission.Check(Pod("a", port: Port(21017)), [Pod("b", port: Port(21017, protocol: "UDP"))], Allocatable, Node).ShouldBeNull();
        PodAdmission.Check(Pod("a", port: Port(21017)), [Pod("b", port: Port(21018))], Allocatable, Node).ShouldBeNull();
    }

    [Theory]
    [InlineData("kernel.shm_rmid_forced", null)]
    [InlineData("net/ipv4/ip_local_port_range", null)]
    [InlineData("kernel.msgmax", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    public void A_pod_sets_only_what_has_no_effect_outside_it(string sysctl, string? refusal)
    {
        var pod = Pod("a");
        pod.Spec.SecurityContext = new V1PodSecurityContext { Sysctls = [new V1Sysctl { Name = sysctl, Value = "1" }] };

        PodAdmission.Check(pod, [], Allocatable, Node).ShouldBe(refusal is null ? null : new AdmissionRefusal("SysctlForbidden", refusal));
    }

    [Fact]
    public void A_pod_is_refused_by_a_node_whose_labels_it_does_not_select()
    {
        var pod = Pod("a");
        pod.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "slow" };
        PodAdmission.Check(pod, [], Allocatable, Node).ShouldBe(
            new AdmissionRefusal("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"));
        pod.Spec.NodeSelector["disk"] = "fast";
        PodAdmission.Check(pod, [], Allocatable, Node).ShouldBeNull();
    }

    [Fact]
    public void Init_containers_count_by_the_greediest_and_sidecars_always()
    {
        var pod = TestPods.Pod(containers: [Asking("main", "1")], init: [Asking("one", "3"), Sidecar("proxy", "500m"), Asking("two", "2")]);
        PodAdmission.RequestOf(pod.Spec, "cpu").ShouldBe(3m);
        pod.Spec.Containers[0] = Asking("main", "4");
        PodAdmission.RequestOf(pod.Spec, "cpu").ShouldBe(4.5m);
    }

    private static V1Pod Pod(string name, string? cpu = null, V1ContainerPort? port = null)
    {
        var container = Asking("main", cpu);
        if (port is not null) container.Ports = [port];
        return TestPods.Pod(name, containers: [container]);
    }

    private static V1ContainerPort Port(int number, string? address = null, string? protocol = null) =>
        new() { ContainerPort = number, HostPort = number, HostIP = address, Protocol = protocol };

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
