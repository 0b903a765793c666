using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>What pods wrote to their nodes' disks, after kill -9 of the node's process; on a cluster of its own.</summary>
public sealed class VolumeTests : IAsyncLifetime
{
    internal const string Manifest = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: kept}
        spec:
          serviceName: kept
          selector: {matchLabels: {app: kept}}
          template:
            metadata: {labels: {app: kept}}
            spec:
              terminationGracePeriodSeconds: 1
              tolerations: [{operator: Exists, effect: NoExecute}]
              containers:
              - name: main
                image: busybox
                command: [sleep, "100000"]
                volumeMounts: [{name: claimed, mountPath: /v/claimed}, {name: empty, mountPath: /v/empty}, {name: memory, mountPath: /v/memory}, {name: host, mountPath: /v/host}]
              volumes: [{name: empty, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}, {name: host, hostPath: {path: /srv/kept, type: DirectoryOrCreate}}]
          volumeClaimTemplates:
          - metadata: {name: claimed}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """;

    private readonly UserHome _home = new();
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await _home.UpAsync("volumes", "--workers", "1");

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task What_was_written_before_a_node_was_killed_is_there_when_it_is_back_and_goes_with_its_pod_and_claim()
    {
        (await _cluster.KubectlWithInputAsync(Manifest, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("rollout", "status", "sts/kept", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("exec", "kept-0", "--", "sh", "-c", "for v in claimed empty memory host; do echo $v > /v/$v/file; done")).ShouldSucceed();

        (await _cluster.ActorClusterAsync("node", "kill", "worker-1")).ShouldSucceed();
        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "pod", "kept-0", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"), seen => seen.Output == "False", "the pod is not Ready");
        (await _cluster.ActorClusterAsync("node", "start", "worker-1", "--timeout", "4m")).ShouldSucceed();

        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/kept-0", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("exec", "kept-0", "--", "sh", "-c", "cat /v/*/file; ls /v/memory")).ShouldSucceed().Output.ShouldBe("claimed\nempty\nhost\n");

        (await _cluster.KubectlAsync("delete", "sts", "kept")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=delete", "pod/kept-0", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("delete", "pvc", "claimed-kept-0")).ShouldSucceed();
        await Eventually.SeeAsync(() => _cluster.KubectlAsync("get", "pv", "-o", "name"), seen => seen.ExitCode == 0 && seen.Output.Length == 0, "the volume is gone");
        (await _cluster.KubectlAsync("run", "looks", "--image=busybox", """--overrides={"spec":{"volumes":[{"name":"n","hostPath":{"path":"/"}}],"containers":[{"name":"looks","image":"busybox","command":["sleep","100000"],"volumeMounts":[{"name":"n","mountPath":"/n"}]}]}}""")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/looks", "--timeout=240s")).ShouldSucceed();
        await Eventually.SeeAsync(() => _cluster.KubectlAsync("exec", "looks", "--", "sh", "-c", "cat /n/srv/kept/file; ls /n/var/local-path-provisioner"), seen => seen.ExitCode == 0 && seen.Output == "host\n", "nothing is left of the claim's folder");
        await Eventually.SeeAsync(() => Task.FromResult(Directory.GetDirectories(Path.Combine(_cluster.Folder.Data, "disks", "worker-1", "pods"))), pods => pods.Length == 0, "nothing is left of the emptyDirs");
    }
}
