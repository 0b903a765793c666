using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Tests.Support;
using k8s.Models;

namespace ActorCluster.Nodes.Tests.Lifecycle;

public class StorageLimitsTests
{
    private const long Mi = 1 << 20;

    [Fact]
    public void A_pod_without_limits_or_too_important_is_not_looked_at()
    {
        StorageLimits.ApplyTo(TestPods.Pod()).ShouldBeFalse();
        var limited = Pod("5Mi");
        StorageLimits.ApplyTo(limited).ShouldBeTrue();
        limited.Spec.Priority = 2_000_000_000;
        StorageLimits.ApplyTo(limited).ShouldBeFalse();
        var volume = TestPods.Pod();
        volume.Spec.Volumes = [EmptyDir("cache", "1Mi")];
        StorageLimits.ApplyTo(volume).ShouldBeTrue();
    }

    [Theory]
    [InlineData("5Mi", null, 5, 0, null)]
    [InlineData("5Mi", null, 6, 0, "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ")]
    [InlineData("5Mi", "3Mi", 6, 0, "Container one exceeded its local ephemeral storage limit \"5Mi\". ")]
    [InlineData("5Mi", "3Mi", 5, 4, "Pod ephemeral local storage usage exceeds the total limit of containers 8Mi. ")]
    [InlineData(null, null, 100, 100, null)]
    public void A_container_and_the_whole_pod_have_their_limits(string? one, string? two, int used, int usedByOther, string? why) =>
        StorageLimits.Exceeded(Pod(one, two), new StorageUse(new Dictionary<string, long> { ["one"] = used * Mi, ["two"] = usedByOther * Mi }, new Dictionary<string, long>())).ShouldBe(why);

    [Theory]
    [InlineData("", 2, 0, "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Mi\". ")]
    [InlineData("", 1, 0, null)]
    [InlineData("", 1, 5, "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ")]
    [InlineData("Memory", 1, 5, null)]
    public void An_emptyDir_has_its_own_limit_and_counts_for_the_pod_unless_it_is_in_memory(string medium, int inVolume, int inContainer, string? why)
    {
        var pod = Pod("5Mi");
        pod.Spec.Volumes = [EmptyDir("cache", "1Mi", medium)];
        StorageLimits.Exceeded(pod, new StorageUse(new Dictionary<string, long> { ["one"] = inContainer * Mi }, new Dictionary<string, long> { ["cache"] = inVolume * Mi })).ShouldBe(why);
    }

    private static V1Pod Pod(params string?[] limits) => TestPods.Pod(containers: limits.Zip(["one", "two"], (limit, name) =>
    {
        var container = TestPods.Container(name);
        if (limit is not null) container.Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["ephemeral-storage"] = new(limit) } };
        return container;
    }));

    private static V1Volume EmptyDir(string name, string limit, string medium = "") => new() { Name = name, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(limit), Medium = medium } };
}
