using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Pods;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Pods;

public class ContainerLimitsTests
{
    [Theory]
    [InlineData(null, null, 2, null)]
    [InlineData("1m", "5m", 2, 1000L)]
    [InlineData("20m", "30m", 20, 3000L)]
    [InlineData(null, "1500m", 1536, 150000L)]
    [InlineData("1", null, 1024, null)]
    [InlineData("1000", null, 262144, null)]
    public void Processor_time_becomes_shares_and_a_quota(string? request, string? limit, long shares, long? quota) =>
        ContainerLimits.Of(TestPods.Pod(), Resources("cpu", request, limit)).ShouldBe(new ControlGroupLimits(shares, quota, null));

    [Fact]
    public void Memory_is_limited_by_the_limit_alone()
    {
        ContainerLimits.Of(TestPods.Pod(), Resources("memory", "35Mi", "45Mi")).MemoryMaximum.ShouldBe(45L << 20);
        ContainerLimits.Of(TestPods.Pod(), Resources("memory", "35Mi", null)).MemoryMaximum.ShouldBeNull();
    }

    [Theory]
    [InlineData(null, null, 1000)]
    [InlineData("1Mi", "1Gi", 999)]
    [InlineData("256Mi", null, 750)]
    [InlineData("2Gi", null, 3)]
    public void Who_asks_for_much_of_the_memory_is_killed_last(string? request, string? limit, int adjustment)
    {
        var container = TestPods.Container("main");
        container.Resources = Resources("memory", request, limit);
        ContainerLimits.OomScoreAdjustment(TestPods.Pod(containers: [container]), container, 1L << 30).ShouldBe(adjustment);
    }

    private static V1ResourceRequirements Resources(string resource, string? request, string? limit) => new()
    {
        Requests = request is null ? null : new Dictionary<string, ResourceQuantity> { [resource] = new(request) },
        Limits = limit is null ? null : new Dictionary<string, ResourceQuantity> { [resource] = new(limit) },
    };
}
