using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Pods;

public class PodStorageSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task A_pod_whose_container_holds_more_than_its_limit_is_evicted()
    {
        await StartAsync();
        var container = TestPods.Container("main");
        container.Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["ephemeral-storage"] = new("4Ki") } };
        await RunAsync(TestPods.Pod(containers: [container]));
        await EventuallyAsync(() => Clock.GetUtcNow().ShouldBeGreaterThan(new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero)), TimeSpan.FromSeconds(1));
        Pod().Status.Phase.ShouldBe("Running");

        await ExecAsync("web", "main", "/bin/write", "/file", new string('x', 5000));

        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Failed"), TimeSpan.FromMilliseconds(200));
        Pod().Status.ShouldSatisfyAllConditions(
            status => status.Reason.ShouldBe("Evicted"),
            status => status.Message.ShouldBe("Pod ephemeral local storage usage exceeds the total limit of containers 4Ki. "));
        Container().State.Terminated.ShouldNotBeNull();
        await EventuallyAsync(() => Events("Evicted").ShouldBe(["Pod ephemeral local storage usage exceeds the total limit of containers 4Ki. "]));
    }

    [Fact]
    public async Task An_emptyDir_grows_beyond_its_limit_and_the_pod_is_evicted_but_one_in_memory_does_not_grow()
    {
        await StartAsync();
        var container = TestPods.Container("main");
        container.VolumeMounts = [new V1VolumeMount { Name = "disk", MountPath = "/disk" }, new V1VolumeMount { Name = "memory", MountPath = "/memory" }];
        var pod = TestPods.Pod(containers: [container]);
        pod.Spec.Volumes = [Volume("disk", ""), Volume("memory", "Memory")];
        await RunAsync(pod);

        (await ExecAsync("web", "main", "/bin/write", "/memory/file", new string('x', 5000))).Exit.ExitCode.ShouldNotBe(0);
        (await ExecAsync("web", "main", "/bin/write", "/disk/file", new string('x', 5000))).Exit.ExitCode.ShouldBe(0);

        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Failed"), TimeSpan.FromMilliseconds(200));
        Pod().Status.Message.ShouldBe("Usage of EmptyDir volume \"disk\" exceeds the limit \"4Ki\". ");

        static V1Volume Volume(string name, string medium) => new() { Name = name, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity("4Ki"), Medium = medium } };
    }
}
