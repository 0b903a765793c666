using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>docker-compose.yml: each process in a container, killed and started by Compose.</summary>
public sealed class ComposeTests(ComposedCluster composed) : IClassFixture<ComposedCluster>, IAsyncLifetime
{
    private const string Welcome = "<title>Welcome to nginx!</title>";

    private readonly Kubectl _kubectl = composed.Kubectl;

    /// <summary>A test that failed may have left containers behind that don't run.</summary>
    public async Task InitializeAsync() => (await composed.ComposeAsync("up", "--detach", "--wait")).ShouldSucceed();

    public Task DisposeAsync() => Task.CompletedTask;

    [ComposeFact]
    public async Task A_killed_container_s_pods_run_elsewhere_while_their_service_answers_and_it_comes_back()
    {
        (await _kubectl.KubectlAsync("create", "deployment", "web", "--image=nginx", "--replicas=6")).ShouldSucceed();
        (await _kubectl.KubectlAsync("expose", "deployment", "web", "--port=80")).ShouldSucceed();
        (await _kubectl.KubectlAsync("rollout", "status", "deployment/web", "--timeout=240s")).ShouldSucceed();
        (await _kubectl.KubectlAsync("run", "client", "--image=curlimages/curl", """--overrides={"apiVersion":"v1","spec":{"nodeName":"worker-1"}}""", "--", "sleep", "3600")).ShouldSucceed();
        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/client", "--timeout=240s")).ShouldSucceed();
        await ServiceIsKnownAsync();
        (await AskServiceAsync()).ShouldSucceed().Output.ShouldContain(Welcome);

        (await composed.ComposeAsync("kill", "worker-2")).ShouldSucceed();

        await SeeNodeAsync("worker-2", "NotReady");
        await Eventually.SeeAsync(() => _kubectl.ReadyPodsAsync("app=web"), pods => pods.Count(pod => pod.Node != "worker-2") == 6, "six ready replicas on the other nodes");
        await ServiceIsKnownAsync();
        for (var request = 0; request < 8; request++) (await AskServiceAsync()).ShouldSucceed().Output.ShouldContain(Welcome);

        (await composed.ComposeAsync("start", "worker-2")).ShouldSucceed();

        await SeeNodeAsync("worker-2", "Ready");
        (await _kubectl.KubectlAsync("run", "returned", "--image=curlimages/curl", """--overrides={"apiVersion":"v1","spec":{"nodeName":"worker-2"}}""", "--", "sleep", "3600")).ShouldSucceed();
        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/returned", "--timeout=240s")).ShouldSucceed();
        await ServiceIsKnownAsync();
        // Processes that called each other while one of them was too busy to answer may have to begin anew once, when heartbeats don't come.
        (await Eventually.SeeAsync(() => AskServiceAsync("returned"), answer => answer.ExitCode == 0, "the service answers on the node that came back")).Output.ShouldContain(Welcome);

        async Task ServiceIsKnownAsync()
        {
            await _kubectl.NamesAreAnsweredAsync();
            await _kubectl.ServiceIsKnownAsync("web", "app=web");
        }

        // Where it fails, its words say at what.
        Task<CommandResult> AskServiceAsync(string from = "client") => _kubectl.KubectlAsync("exec", from, "--", "curl", "-s", "-v", "-m", "60", "http://web");
    }

    [ComposeFact]
    public async Task A_pod_reaches_the_API_server_with_its_token()
    {
        const string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
        (await _kubectl.KubectlAsync("run", "api-client", "--image=curlimages/curl", "--", "sleep", "3600")).ShouldSucceed();
        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/api-client", "--timeout=240s")).ShouldSucceed();
        await _kubectl.NamesAreAnsweredAsync();

        (await _kubectl.KubectlAsync("exec", "api-client", "--", "sh", "-c",
                $"curl -sS --cacert {folder}/ca.crt -H \"Authorization: Bearer $(cat {folder}/token)\" https://kubernetes.default.svc/api/v1/namespaces/default/pods/api-client"))
            .ShouldSucceed().Output.ShouldContain("\"name\":\"api-client\"");
    }

    [ComposeFact]
    public async Task Node_ports_are_reached_from_this_machine_at_what_worker_1_publishes_and_at_each_node_s_container()
    {
        (await _kubectl.KubectlAsync("create", "deployment", "ported", "--image=nginx", "--replicas=2")).ShouldSucceed();
        (await _kubectl.KubectlAsync("create", "service", "nodeport", "ported", "--tcp=80", $"--node-port={composed.NodePort}")).ShouldSucceed();
        (await _kubectl.KubectlAsync("rollout", "status", "deployment/ported", "--timeout=240s")).ShouldSucceed();
        var node = await composed.AddressOfAsync("worker-2");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

        foreach (var host in (string[])["127.0.0.1", node])
            await Eventually.SeeAsync(() => AskAsync($"http://{host}:{composed.NodePort}/"), page => page.Contains(Welcome, StringComparison.Ordinal), $"nginx at {host}:{composed.NodePort}");

        (await composed.ComposeAsync("exec", "-T", "control-plane", "/app/actorcluster", "services", "--kubeconfig=/data/kubeconfig")).ShouldSucceed().Output.ShouldContain($"http://{node}:{composed.NodePort}");

        async Task<string> AskAsync(string url)
        {
            try
            {
                return await http.GetStringAsync(url);
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
            {
                return fault.Message;
            }
        }
    }

    [ComposeFact]
    public async Task What_a_pod_wrote_is_there_again_when_its_worker_was_killed_and_started()
    {
        (await _kubectl.KubectlWithInputAsync(VolumeTests.Manifest, "apply", "-f", "-")).ShouldSucceed();
        (await _kubectl.KubectlAsync("rollout", "status", "sts/kept", "--timeout=240s")).ShouldSucceed();
        (await _kubectl.KubectlAsync("exec", "kept-0", "--", "sh", "-c", "for v in claimed empty memory host; do echo $v > /v/$v/file; done")).ShouldSucceed();
        var node = (await _kubectl.KubectlAsync("get", "pod", "kept-0", "-o", "jsonpath={.spec.nodeName}")).ShouldSucceed().Output;

        (await composed.ComposeAsync("kill", node)).ShouldSucceed();
        await Eventually.SeeAsync(() => _kubectl.KubectlAsync("get", "pod", "kept-0", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"), seen => seen.Output == "False", "the pod is not Ready");
        (await composed.ComposeAsync("start", node)).ShouldSucceed();

        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/kept-0", "--timeout=240s")).ShouldSucceed();
        (await Eventually.SeeAsync(() => _kubectl.KubectlAsync("exec", "kept-0", "--", "sh", "-c", "cat /v/*/file"), seen => seen.ExitCode == 0, "the pod answers")).Output.ShouldBe("claimed\nempty\nhost\n");
        (await _kubectl.KubectlAsync("delete", "sts/kept", "pvc/claimed-kept-0")).ShouldSucceed();
    }

    [ComposeFact]
    public async Task Packets_are_traced_and_captured_from_this_machine_by_the_kubeconfig()
    {
        (await _kubectl.KubectlAsync("run", "traced", "--image=busybox", "--", "sh", "-c", "while true; do ping -c 1 10.244.0.1; sleep 1; done")).ShouldSucceed();
        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/traced", "--timeout=240s")).ShouldSucceed();
        await using var home = new UserHome();
        var file = Path.Combine(home.Path, "traced.pcapng");

        (await home.ActorClusterAsync("trace", "pod/traced", "svc/kubernetes:443", "--kubeconfig", _kubectl.Kubeconfig)).ShouldSucceed().Output.ShouldContain("=> delivered");
        (await home.ActorClusterAsync("capture", "-w", file, "pod/traced", "--count", "1", "--kubeconfig", _kubectl.Kubeconfig)).ShouldSucceed();
        File.ReadAllBytes(file).AsSpan(0, 4).ToArray().ShouldBe([0x0a, 0x0d, 0x0d, 0x0a]); // a pcapng section
    }

    [ComposeFact]
    public void All_nodes_are_Ready_and_the_cluster_s_DNS_is_deployed_as_soon_as_all_containers_are_healthy() =>
        composed.SeenWhenHealthy.ShouldBe("worker-1=True worker-2=True worker-3=True coredns");

    [ComposeFact]
    public async Task A_control_plane_and_a_worker_that_were_killed_together_find_the_others_again()
    {
        (await _kubectl.KubectlAsync("create", "configmap", "kept", "--from-literal=a=b")).ShouldSucceed();

        (await composed.ComposeAsync("kill", "control-plane", "worker-3")).ShouldSucceed();
        (await composed.ComposeAsync("start", "control-plane", "worker-3")).ShouldSucceed();

        (await _kubectl.SeeAsync("b", "get", "configmap", "kept", "-o", "jsonpath={.data.a}")).ShouldSucceed();
        foreach (var node in (string[])["worker-1", "worker-2", "worker-3"]) await SeeNodeAsync(node, "Ready");
        (await composed.ComposeAsync("up", "--detach", "--wait")).ShouldSucceed(); // all of them healthy
    }

    [ComposeFact]
    public async Task More_workers_come_by_scaling_and_are_nodes_of_their_containers_names()
    {
        (await composed.ComposeAsync("up", "--detach", "--wait", "--scale", "worker=2")).ShouldSucceed();

        var scaled = (await composed.ComposeAsync("ps", "--quiet", "worker")).ShouldSucceed().Lines.Select(id => id[..12]).ToList();
        scaled.Count.ShouldBe(2);
        foreach (var node in scaled) await SeeNodeAsync(node, "Ready");
        (await _kubectl.KubectlAsync("run", "on-scaled", "--image=nginx", $$"""--overrides={"apiVersion":"v1","spec":{"nodeName":"{{scaled[0]}}"} }""")).ShouldSucceed();
        (await _kubectl.KubectlAsync("wait", "--for=condition=Ready", "pod/on-scaled", "--timeout=240s")).ShouldSucceed();

        (await composed.ComposeAsync("up", "--detach", "--wait", "--scale", "worker=0")).ShouldSucceed();

        foreach (var node in scaled)
        {
            await SeeNodeAsync(node, "NotReady");
            (await _kubectl.KubectlAsync("delete", "node", node)).ShouldSucceed();
        }
    }

    [ComposeFact]
    public async Task Containers_are_not_root_s_and_write_nothing_but_their_data()
    {
        var user = (await composed.ComposeAsync("exec", "-T", "worker-1", "sh", "-c", "stat -c %u /proc/$$")).ShouldSucceed();
        user.Output.Trim().ShouldBe("10001");
        (await composed.ComposeAsync("exec", "-T", "worker-1", "sh", "-c", "echo x > /app/x")).ShouldFailWith(2, "Read-only file system");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(_kubectl.Kubeconfig).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private Task<CommandResult> SeeNodeAsync(string node, string status) => Eventually.SeeAsync(
        () => _kubectl.KubectlAsync("get", "node", node, "--no-headers"), seen => seen.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var first, ..] && first == status, $"{node} is {status}");
}
