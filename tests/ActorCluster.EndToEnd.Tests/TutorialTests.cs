using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>The tutorial "Cluster Networking Types", word for word, by the kubectl on the PATH.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class TutorialTests(SharedCluster shared)
{
    private const string Welcome = "<title>Welcome to nginx!</title>";
    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task Every_worker_is_a_ready_node()
    {
        var nodes = (await _cluster.KubectlAsync("get", "nodes", "-o", "wide", "--no-headers")).ShouldSucceed();

        nodes.Lines.Length.ShouldBe(3);
        for (var worker = 1; worker <= 3; worker++) nodes.Lines[worker - 1].ShouldMatch($@"^worker-{worker}\s+Ready\s");
    }

    [Fact]
    public async Task The_manifests_make_pods_with_addresses_of_the_pod_network_on_different_nodes()
    {
        await ApplyManifestsAsync();

        var pods = new[] { await _cluster.GetAsync("pod", "multicontainerpod"), await _cluster.GetAsync("pod", "webserver") };

        pods.ShouldAllBe(pod => pod.GetProperty("status").GetProperty("podIP").GetString()!.StartsWith("10.244.", StringComparison.Ordinal));
        pods.Select(pod => pod.GetProperty("spec").GetProperty("nodeName").GetString()).ShouldBeUnique();
    }

    [Fact]
    public async Task Applying_the_manifests_again_changes_nothing()
    {
        await ApplyManifestsAsync();

        (await ApplyAsync()).Lines.ShouldBe(["pod/multicontainerpod unchanged", "pod/webserver unchanged"]);
    }

    [Fact]
    public async Task The_sidecar_s_log_has_the_page_that_curl_fetched_from_localhost_and_curl_s_meter()
    {
        await ApplyManifestsAsync();

        var log = await _cluster.SeeAsync(Welcome, "logs", "multicontainerpod", "-c", "sidecar");

        log.Output.ShouldContain("% Total    % Received % Xferd  Average Speed");
    }

    [Fact]
    public async Task A_command_run_in_the_sidecar_reaches_nginx_on_localhost()
    {
        await ApplyManifestsAsync();

        (await _cluster.KubectlAsync("exec", "multicontainerpod", "-c", "sidecar", "--", "curl", "-s", "localhost:80"))
            .ShouldSucceed().Output.ShouldContain(Welcome);
    }

    [Fact]
    public async Task The_exit_code_of_a_command_run_in_a_container_is_kubectl_s()
    {
        await ApplyManifestsAsync();

        (await _cluster.KubectlAsync("exec", "multicontainerpod", "-c", "sidecar", "--", "sh", "-c", "exit 7")).ShouldExitWith(7);
    }

    [Fact]
    public async Task What_is_typed_reaches_a_command_run_in_a_container()
    {
        await ApplyManifestsAsync();

        (await _cluster.KubectlWithInputAsync("one\ntwo\n", "exec", "-i", "multicontainerpod", "-c", "sidecar", "--", "cat"))
            .ShouldSucceed().Output.ShouldBe("one\ntwo\n");
    }

    [Fact]
    public async Task A_temporary_pod_fetches_a_page_from_a_pod_s_address_and_is_gone()
    {
        await ApplyManifestsAsync();

        var run = await _cluster.KubectlAsync("run", "fetch", "--image=busybox", "--rm", "-i", "--restart=Never", "--", "wget", await AddressOfWebServerAsync());

        run.ShouldSucceed();
        (run.Output + run.Error).ShouldContain("'index.html' saved");
        (await _cluster.KubectlAsync("get", "pod", "fetch")).ShouldFailWith(1, "pods \"fetch\" not found");
    }

    [TerminalFact]
    public async Task A_temporary_pod_on_a_terminal_shows_busybox_s_own_output()
    {
        await ApplyManifestsAsync();
        var address = await AddressOfWebServerAsync();

        var run = (await _cluster.KubectlOnTerminalAsync("run", "busybox", "--image=busybox", "--rm", "-it", "--restart=Never", "--", "wget", address)).ShouldSucceed();

        var screen = run.Output.Replace("\r", "", StringComparison.Ordinal);
        screen.ShouldContain($"Connecting to {address} ({address}:80)\n");
        screen.ShouldContain("'index.html' saved\n");
        screen.ShouldContain("pod \"busybox\" deleted");
    }

    [Fact]
    public async Task A_deployment_s_service_answers_by_its_name()
    {
        (await _cluster.KubectlAsync("create", "deployment", "web", "--image=nginx", "--replicas=3")).ShouldSucceed();
        (await _cluster.KubectlAsync("expose", "deployment", "web", "--port=80")).ShouldSucceed();
        (await _cluster.KubectlAsync("rollout", "status", "deployment/web", "--timeout=240s")).ShouldSucceed();
        await _cluster.ServiceIsKnownAsync("web", "app=web");

        var run = await _cluster.KubectlAsync("run", "c", "--image=curlimages/curl", "--rm", "-i", "--restart=Never", "--", "curl", "-s", "http://web");

        run.ShouldSucceed().Output.ShouldContain(Welcome);
    }

    private async Task ApplyManifestsAsync()
    {
        // Pods are spread over the nodes that are Ready.
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "node", "--all", "--timeout=240s")).ShouldSucceed();
        await ApplyAsync();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "pod/multicontainerpod", "pod/webserver", "--timeout=240s")).ShouldSucceed();
    }

    private async Task<CommandResult> ApplyAsync() =>
        (await _cluster.KubectlAsync("apply", "-f", Manifest("ofl-c2c.yml"), "-f", Manifest("ofl-p2p.yml"))).ShouldSucceed();

    private async Task<string> AddressOfWebServerAsync() =>
        (await _cluster.GetAsync("pod", "webserver")).GetProperty("status").GetProperty("podIP").GetString()!;

    private static string Manifest(string name) => Path.Combine(AppContext.BaseDirectory, "configs", name);
}
