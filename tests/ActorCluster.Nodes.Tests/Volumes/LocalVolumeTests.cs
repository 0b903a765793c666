using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Tests.Support;
using ActorCluster.Nodes.Volumes;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Nodes.Tests.Volumes;

/// <summary>fsGroup on volumes that were there before their pods.</summary>
public class LocalVolumeTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly NodeDisk _disk;

    public LocalVolumeTests() => _disk = new NodeDisk(_clock, null);

    private IFileSystem Files => _disk.Files.Files;

    private PodVolumes SetUp(string name, long? group, string? policy = null, bool local = true)
    {
        var pod = TestPods.Pod(name);
        pod.Spec.Volumes = [new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "c" } }];
        pod.Spec.SecurityContext = new V1PodSecurityContext { FsGroup = group, FsGroupChangePolicy = policy };
        var volume = new V1PersistentVolume
        {
            Metadata = new V1ObjectMeta { Name = "disk" },
            Spec = new V1PersistentVolumeSpec
            {
                Local = local ? new V1LocalVolumeSource { Path = "/mnt/disk" } : null,
                HostPath = local ? null : new V1HostPathVolumeSource { Path = "/mnt/disk", Type = "DirectoryOrCreate" },
            },
        };
        return PodVolumes.SetUp(
            pod, null!, new Dictionary<string, V1PersistentVolume> { ["data"] = volume }, _disk, new NodeLogs(_clock).Volume, _clock, _ => throw new NotSupportedException(), PodVolumes.None);
    }

    [Fact]
    public void A_local_volume_becomes_the_pods_groups_and_a_hostPath_does_not()
    {
        SetUp("one", 2000, local: false);
        Files.Stat("/mnt/disk").GroupId.ShouldBe(0);
        SetUp("two", 2000).Warnings.ShouldBeEmpty();
        Files.Stat("/mnt/disk").ShouldSatisfyAllConditions(disk => disk.GroupId.ShouldBe(2000), disk => (disk.Permissions & 0b010_111_111_000).ShouldBe(0b010_111_111_000));
        Files.Stat("/mnt").GroupId.ShouldBe(0);
    }

    [Fact]
    public void Who_shares_it_with_another_pod_gets_it_as_it_is_and_is_warned()
    {
        SetUp("one", 2000);
        SetUp("same", 2000).Warnings.ShouldBeEmpty();
        SetUp("other", 3000).Warnings.ShouldBe(["The requested fsGroup is 3000, but the volume disk has GID 2000. The volume may not be shareable."]);
        Files.Stat("/mnt/disk").GroupId.ShouldBe(2000);
        foreach (var pod in new[] { "one", "same", "other" }) _disk.Forget($"uid-of-{pod}");
        SetUp("last", 3000).Warnings.ShouldBeEmpty();
        Files.Stat("/mnt/disk").GroupId.ShouldBe(3000);
    }

    [Theory]
    [InlineData(2000, "OnRootMismatch", 7)]
    [InlineData(2000, "Always", 2000)]
    [InlineData(2000, null, 2000)]
    [InlineData(3000, "OnRootMismatch", 3000)]
    public void Where_the_folder_is_as_it_should_be_a_policy_may_save_the_look_at_its_files(long group, string? policy, int expected)
    {
        SetUp("one", 2000);
        Files.Open("/mnt/disk/file", FileOpen.Write).Dispose();
        Files.SetOwner("/mnt/disk/file", 0, 7);
        _disk.Forget("uid-of-one");
        SetUp("two", group, policy);
        Files.Stat("/mnt/disk/file").GroupId.ShouldBe(expected);
    }
}
