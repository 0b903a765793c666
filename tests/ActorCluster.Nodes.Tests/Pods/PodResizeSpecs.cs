using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Pods;

/// <summary>A pod's resources change while it runs.</summary>
public class PodResizeSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    [Fact]
    public async Task A_running_container_sees_its_new_limits_in_its_control_group()
    {
        await StartAsync();
        await RunAsync(Pod("web", "100m", "200m"));
        (await ReadAsync("web", "cpu.max")).ShouldBe("20000 100000\n");
        (await ReadAsync("web", "memory.max")).ShouldBe("max\n");
        Resize("web", "1", "2");
        await EventuallyAsync(() => Container().AllocatedResources["cpu"].ToString().ShouldBe("1"));
        (await ReadAsync("web", "cpu.max")).ShouldBe("200000 100000\n");
        (await ReadAsync("web", "cpu.weight")).ShouldBe("100\n");
        Container().RestartCount.ShouldBe(0);
        Pod().Status.ObservedGeneration.ShouldBe(2);
        await EventuallyAsync(() => Events("ResizeCompleted").ShouldHaveSingleItem());
        Events("ResizeStarted").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_resize_that_does_not_fit_waits_until_another_pod_has_gone()
    {
        await StartAsync();
        var all = Api.Find<V1Node>("", "node-1")!.Status.Allocatable["cpu"].ToDecimal();
        await RunAsync(Pod("web", "1", null));
        await RunAsync(Pod("other", "1", null));
        Resize("web", $"{all}", null);
        await EventuallyAsync(() => Pod().Status.Conditions.SingleOrDefault(condition => condition.Type == "PodResizePending").ShouldNotBeNull().ShouldSatisfyAllConditions(
            pending => pending.Reason.ShouldBe("Deferred"),
            pending => pending.Message.ShouldBe($"Node didn't have enough resource: cpu, requested: {all * 1000:0}, used: 1000, capacity: {all * 1000:0}")));
        Container().AllocatedResources["cpu"].ToString().ShouldBe("1");
        await Client.DeleteAsync<V1Pod>("default", "other");
        await EventuallyAsync(() => Container().AllocatedResources["cpu"].ToDecimal().ShouldBe(all));
        Pod().Status.Conditions.ShouldNotContain(condition => condition.Type == "PodResizePending");
    }

    private async Task<string> ReadAsync(string pod, string file) => (await ExecAsync(pod, "main", "/bin/cat", "/sys/fs/cgroup/" + file)).Stdout;

    private void Resize(string name, string request, string? limit)
    {
        var pod = Pod(name);
        var resized = Pod(name, request, limit);
        (resized.Metadata.Generation, resized.Status) = (pod.Metadata.Generation + 1, pod.Status);
        Api.Put(resized);
    }

    private static V1Pod Pod(string name, string request, string? limit)
    {
        var container = TestPods.Container("main");
        container.Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(request) },
            Limits = limit is null ? null : new Dictionary<string, ResourceQuantity> { ["cpu"] = new(limit) },
        };
        return TestPods.Pod(name, containers: [container]);
    }
}
