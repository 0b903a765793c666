using ActorCluster.Nodes.Tests.Support;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Pods;

/// <summary>What is on a node's disk outlives the node's process, which here begins anew.</summary>
public class PodDiskSpecs : NodeSpec
{
    private readonly string _folder = Directory.CreateTempSubdirectory("disks").FullName;

    public PodDiskSpecs(ITestOutputHelper output)
        : base(output) => DiskFolder = _folder;

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder, recursive: true);
    }

    private static V1Pod WithVolumes()
    {
        var container = TestPods.Container("main");
        container.VolumeMounts = [.. ((string[])["disk", "memory", "host"]).Select(name => new V1VolumeMount { Name = name, MountPath = "/" + name })];
        var pod = TestPods.Pod(containers: [container]);
        pod.Spec.Volumes =
        [
            new V1Volume { Name = "disk", EmptyDir = new V1EmptyDirVolumeSource() },
            new V1Volume { Name = "memory", EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory" } },
            new V1Volume { Name = "host", HostPath = new V1HostPathVolumeSource { Path = "/srv/data", Type = "DirectoryOrCreate" } },
        ];
        return pod;
    }

    private async Task<int?> CodeAsync(params string[] command) => (await ExecAsync("web", "main", command)).Exit.ExitCode;

    private async Task EndProcessAsync()
    {
        await WatchAsync(Nodes);
        Sys.Stop(Nodes);
        await ExpectTerminatedAsync(Nodes, Patience);
    }

    [Fact]
    public async Task An_emptyDir_and_the_node_s_files_are_there_again_but_what_was_in_memory_is_not()
    {
        await StartAsync();
        await RunAsync(WithVolumes());
        foreach (var volume in (string[])["disk", "memory", "host"]) (await CodeAsync("/bin/write", $"/{volume}/file", volume)).ShouldBe(0);
        var restarts = Container().RestartCount;

        await EndProcessAsync();
        await StartAsync();

        await EventuallyAsync(() => (Container().RestartCount, Pod().Status.Phase).ShouldBe((restarts + 1, "Running")));
        (await ExecAsync("web", "main", "/bin/cat", "/disk/file")).Stdout.ShouldBe("disk");
        (await ExecAsync("web", "main", "/bin/cat", "/host/file")).Stdout.ShouldBe("host");
        (await CodeAsync("/bin/exists", "/memory/file")).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_emptyDir_goes_with_its_pod_also_when_that_ended_while_the_process_was_away(bool away)
    {
        await StartAsync();
        await RunAsync(WithVolumes());
        (await CodeAsync("/bin/write", "/disk/file", "text")).ShouldBe(0);
        var folder = Path.Combine(_folder, "node-1", "pods", Pod().Metadata.Uid);
        Directory.Exists(folder).ShouldBeTrue();

        if (away) await EndProcessAsync();
        Api.Remove<V1Pod>("default", "web");
        if (away) await StartAsync();

        await EventuallyAsync(() => Directory.Exists(folder).ShouldBeFalse());
        Directory.Exists(Path.Combine(_folder, "node-1")).ShouldBeTrue();
    }
}
