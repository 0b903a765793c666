using ActorCluster.Contracts.Runtime;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Tests.Support;
using Akka.Actor;
using k8s.Models;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Pods;

/// <summary>Volumes that outlive pods.</summary>
public class PodVolumeSpecs(ITestOutputHelper output) : NodeSpec(output)
{
    private static V1Pod With(string name, V1Volume volume, bool readOnly = false)
    {
        volume.Name = "data";
        var container = TestPods.Container("main");
        container.VolumeMounts = [new V1VolumeMount { Name = "data", MountPath = "/data", ReadOnlyProperty = readOnly }];
        var pod = TestPods.Pod(name, containers: [container]);
        pod.Spec.Volumes = [volume];
        return pod;
    }

    private static V1Volume OfClaim(string claim = "c") => new() { PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim } };

    private static V1Volume OfHost(string path, string? type = null) => new() { HostPath = new V1HostPathVolumeSource { Path = path, Type = type } };

    private void PutVolume(string path = WellKnown.LocalPathFolder + "/pvc-1")
    {
        Api.Put(new V1PersistentVolume
        {
            Metadata = new V1ObjectMeta { Name = "disk" },
            Spec = new V1PersistentVolumeSpec
            {
                ClaimRef = new V1ObjectReference { NamespaceProperty = "default", Name = "c", Uid = "uid-of-c" },
                HostPath = new V1HostPathVolumeSource { Path = path, Type = "DirectoryOrCreate" },
                PersistentVolumeReclaimPolicy = "Delete",
            },
        });
    }

    private void PutClaim(string phase = "Bound") => Api.Put(new V1PersistentVolumeClaim
    {
        Metadata = new V1ObjectMeta { Name = "c", NamespaceProperty = "default", Uid = "uid-of-c" },
        Spec = new V1PersistentVolumeClaimSpec { VolumeName = "disk" },
        Status = new V1PersistentVolumeClaimStatus { Phase = phase },
    });

    private async Task WriteAsync(string pod, string text) => (await ExecAsync(pod, "main", "/bin/write", "/data/file", text)).Exit.ExitCode.ShouldBe(0);

    private async Task EndAsync(string pod)
    {
        Api.Remove<V1Pod>("default", pod);
        await EventuallyAsync(() => Api.Find<V1Pod>("default", pod).ShouldBeNull());
        await PodActorShouldBeGoneAsync(pod);
    }

    [Fact]
    public async Task The_logs_of_a_nodes_pods_are_files_of_its_own_for_those_who_look()
    {
        await StartAsync();
        await RunAsync(TestPods.Pod("web", containers: [TestPods.Container("main", "test/sleeper", "/bin/say-and-stay", "hello")]));
        await EventuallyAsync(() => LogsAsync().GetAwaiter().GetResult().ShouldBe("hello\n"));
        var id = Container().ContainerID.Split("//")[1];
        var collector = With("collector", OfHost("/var/log", "Directory"), readOnly: true);
        collector.Spec.Containers[0].VolumeMounts[0].MountPath = "/var/log";
        await RunAsync(collector);

        (await ExecAsync("collector", "main", "/bin/cat", "/var/log/pods/default_web_uid-of-web/main/0.log")).Stdout.ShouldMatch(@"^2026-01-01T00:00:\d\d\.\d{9}Z stdout F hello\n$");
        (await ExecAsync("collector", "main", "/bin/cat", $"/var/log/containers/web_default_main-{id}.log")).Stdout.ShouldEndWith(" stdout F hello\n");
        await EndAsync("web");
        (await ExecAsync("collector", "main", "/bin/exists", "/var/log/pods/default_web_uid-of-web")).Exit.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_containers_status_says_whose_it_is()
    {
        await StartAsync();
        var pod = TestPods.Pod();
        pod.Spec.SecurityContext = new V1PodSecurityContext { RunAsUser = 1000, RunAsGroup = 3000, SupplementalGroups = [4000], FsGroup = 2000 };
        await RunAsync(pod);
        Container().User.Linux.ShouldSatisfyAllConditions(
            user => user.Uid.ShouldBe(1000),
            user => user.Gid.ShouldBe(3000),
            user => user.SupplementalGroups.ShouldBe([2000, 3000, 4000]));
        Api.Find<V1Node>("", "node-1")!.Status.Features.SupplementalGroupsPolicy.ShouldBe(true);
    }

    [Fact]
    public async Task An_image_is_a_volume_that_can_be_read()
    {
        await StartAsync();
        Api.Put(With("web", new V1Volume { Image = new V1ImageVolumeSource { Reference = "test/other", PullPolicy = "Always" } }));
        await EventuallyAsync(() => Pod("web").Status.Phase.ShouldBe("Running"));

        (await ExecAsync("web", "main", "/bin/cat", "/data/etc/group")).Stdout.ShouldBe("root:x:0:\nnobody:x:65534:\n");
        Events("Pulled").ShouldContain(message => message.StartsWith("Successfully pulled image \"test/other\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_volume_of_an_image_that_there_is_not_is_said_to_be_missing()
    {
        await StartAsync();
        Api.Put(With("web", new V1Volume { Image = new V1ImageVolumeSource { Reference = "no/such" } }));

        await EventuallyAsync(() => Events("FailedMount").ShouldContain(message => message.StartsWith("MountVolume.SetUp failed for volume \"data\" : ErrImagePull: no emulated image \"no/such\"", StringComparison.Ordinal)));
        Pod("web").Status.Phase.ShouldBe("Pending");
    }

    [Fact]
    public async Task What_a_pod_wrote_to_its_claim_is_there_for_the_next_one_until_the_volume_is_gone()
    {
        await StartAsync();
        PutVolume();
        PutClaim();
        await RunAsync(With("one", OfClaim()));
        await WriteAsync("one", "kept");
        await EndAsync("one");

        await RunAsync(With("two", OfClaim()));
        (await ExecAsync("two", "main", "/bin/cat", "/data/file")).Stdout.ShouldBe("kept");
        await EndAsync("two");

        Api.Remove<V1PersistentVolume>("", "disk");
        await RunAsync(With("looks", OfHost("/var")));
        (await ExecAsync("looks", "main", "/bin/exists", "/data/local-path-provisioner")).Exit.ExitCode.ShouldBe(0);
        (await ExecAsync("looks", "main", "/bin/exists", "/data/local-path-provisioner/pvc-1")).Exit.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_pod_waits_for_its_claim_to_be_bound()
    {
        await StartAsync();
        PutVolume();
        PutClaim("Pending");
        Api.Put(With("web", OfClaim()));
        await EventuallyAsync(() => Events("FailedMount").ShouldContain(
            "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: error processing PVC default/c: PVC is not bound"));
        PutClaim();
        await EventuallyAsync(() => Pod().Status.Phase.ShouldBe("Running"), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Pods_of_a_node_share_its_hostPath_folders_and_find_them_again_when_the_node_begins_anew()
    {
        await StartAsync();
        await RunAsync(With("one", OfHost("/srv/shared", "DirectoryOrCreate")));
        await RunAsync(With("two", OfHost("/srv/shared", "Directory")));
        await WriteAsync("one", "shared");
        (await ExecAsync("two", "main", "/bin/cat", "/data/file")).Stdout.ShouldBe("shared");

        var restarts = Container("two").RestartCount;
        await Nodes.Ask<NodeStopped>(new KillNode("node-1"), Patience);
        await Nodes.Ask<NodeAdded>(new AddNode(new NodeOptions("node-1")), Patience);
        await EventuallyAsync(() => (Container("two").RestartCount, Pod("two").Status.Phase).ShouldBe((restarts + 1, "Running")));
        (await ExecAsync("two", "main", "/bin/cat", "/data/file")).Stdout.ShouldBe("shared");
    }
}
