using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.EndToEnd.Tests.Support;
using ActorCluster.Host.Processes;
using k8s;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>up, down, and what comes between, on small clusters; each test is a user of its own, who leaves no process behind.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private readonly UserHome _home = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task A_cluster_s_life_from_up_to_down()
    {
        // Into a pipe, as scripts do: the cluster's processes must not hold it open.
        var up = (await _home.ActorClusterIntoPipeAsync("up", "--name", "one", "--timeout", "4m", "--workers", "1", "--nodes-per-worker", "2")).ShouldSucceed();
        var cluster = _home.RunningCluster("one");
        up.Output.ShouldContain("2 nodes are Ready. The kubectl context is actorcluster-one.");
        up.Output.ShouldContain($"export KUBECONFIG={cluster.Kubeconfig}");

        (await cluster.KubectlAsync("config", "current-context")).ShouldSucceed().Output.Trim().ShouldBe("actorcluster-one");
        (await cluster.KubectlAsync("get", "nodes", "--no-headers")).ShouldSucceed().Lines.Length.ShouldBe(2);
        (await cluster.ActorClusterAsync("kubeconfig")).ShouldSucceed().Output.Trim().ShouldBe(cluster.Kubeconfig);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(cluster.Kubeconfig).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var status = (await cluster.ActorClusterAsync("status")).ShouldSucceed();
        foreach (var process in (string[])["control-plane", "worker-1"]) status.Lines.ShouldContain(line => line.StartsWith(process, StringComparison.Ordinal) && line.Contains("running"));
        (await _home.ActorClusterAsync("list")).ShouldSucceed().Output.ShouldMatch(@"(?m)^one\s+2/2\s+2\s+https://127\.0\.0\.1:\d+\s");
        (await cluster.ActorClusterAsync("logs", "worker-1")).ShouldSucceed().Output.ShouldContain("worker-1 has started");
        (await cluster.ActorClusterAsync("logs", "worker-7")).ShouldFailWith(3, "no process 'worker-7'", "control-plane, worker-1");
        (await cluster.ActorClusterAsync("node", "kill", "worker-7")).ShouldFailWith(3, "no process 'worker-7'", "control-plane, worker-1");

        await RefusesStrangersAsync(cluster);

        (await _home.ActorClusterAsync("up", "--name", "one")).ShouldFailWith(1, "Cluster 'one' is already up (2 processes)", "actorcluster down --name one");

        (await cluster.ActorClusterAsync("down")).ShouldSucceed().Output.ShouldContain("2 processes ended");
        _home.Processes().ShouldBeEmpty();
        Directory.Exists(cluster.Folder.Path).ShouldBeFalse();
        (await _home.ActorClusterAsync("list")).ShouldSucceed().Output.ShouldContain("No clusters");
    }

    [Fact]
    public async Task Two_clusters_side_by_side_share_a_kubeconfig_and_nothing_else()
    {
        var shared = _home.File("config");
        var ups = await Task.WhenAll(
            _home.ActorClusterAsync("up", "--name", "left", "--workers", "1", "--timeout", "4m", "--kubeconfig", shared),
            _home.ActorClusterAsync("up", "--name", "right", "--workers", "1", "--timeout", "4m", "--kubeconfig", shared));
        foreach (var up in ups) up.ShouldSucceed();
        var left = _home.RunningCluster("left");
        var right = _home.RunningCluster("right");

        (await left.KubectlAsync("create", "configmap", "mine")).ShouldSucceed();
        (await right.KubectlAsync("get", "configmap", "mine")).ShouldFailWith(1, "not found");
        (await right.KubectlAsync("config", "get-contexts", "-o", "name", "--kubeconfig", shared)).ShouldSucceed()
            .Lines.Order(StringComparer.Ordinal).ShouldBe(["actorcluster-left", "actorcluster-right"]);

        (await left.ActorClusterAsync("down")).ShouldSucceed().Output.ShouldContain("2 processes ended");

        (await right.KubectlAsync("get", "nodes", "--kubeconfig", shared, "--context", "actorcluster-right")).ShouldSucceed();
        (await right.KubectlAsync("config", "get-contexts", "-o", "name", "--kubeconfig", shared)).ShouldSucceed().Lines.ShouldBe(["actorcluster-right"]);
        _home.Processes().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Data_in_a_folder_of_the_user_s_outlives_down()
    {
        var data = _home.File("data");
        var first = await _home.UpAsync("first", "--workers", "1", "--data", data);
        (await first.KubectlAsync("create", "configmap", "kept", "--from-literal=a=b")).ShouldSucceed();
        (await _home.ActorClusterAsync("up", "--name", "other", "--workers", "1", "--data", data)).ShouldFailWith(
            1, $"The data folder {data} is in use by cluster 'first'. Take that one down first (actorcluster down --name first)");
        (await first.ActorClusterAsync("down")).ShouldSucceed();

        var second = await _home.UpAsync("first", "--workers", "1", "--data", data);

        (await second.KubectlAsync("get", "configmap", "kept", "-o", "jsonpath={.data.a}")).ShouldSucceed().Output.ShouldBe("b");
    }

    [Fact]
    public async Task A_cluster_in_one_process_lives_until_its_process_is_interrupted()
    {
        await using var up = _home.StartActorCluster("up", "--name", "alone", "--workers", "2", "--timeout", "4m", "--in-process");
        await Eventually.SeeAsync(() => Task.FromResult(up.Output), output => output.Contains("Ctrl-C ends it.", StringComparison.Ordinal), "the cluster is up");
        var cluster = _home.RunningCluster("alone");

        (await cluster.KubectlAsync("get", "nodes", "--no-headers")).ShouldSucceed().Lines.Length.ShouldBe(2);
        (await cluster.KubectlAsync("run", "page", "--image=busybox", "--rm", "-i", "--restart=Never", "--", "echo", "hello")).ShouldSucceed().Output.ShouldContain("hello");
        _home.Processes().ShouldBe([up.ProcessId]);

        ProcessIdentity.Of(up.ProcessId)!.Interrupt();

        (await up.EndAsync()).ShouldSucceed().Output.ShouldContain("Cluster 'alone' is down.");
        Directory.Exists(cluster.Folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task Down_ends_everything_also_after_up_was_killed_half_way()
    {
        await using (var up = _home.StartActorCluster("up", "--name", "half", "--workers", "2"))
        {
            var itself = up.ProcessId;
            await Eventually.SeeAsync(() => Task.FromResult(_home.Processes().Count(process => process != itself)), count => count > 0, "a process of the cluster runs");
            ProcessIdentity.Of(itself)!.Kill();
        }

        (await _home.ActorClusterAsync("down", "--name", "half")).ShouldSucceed();

        _home.Processes().ShouldBeEmpty();
        Directory.Exists(_home.RunningCluster("half").Folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task An_interrupted_up_leaves_nothing()
    {
        await using var up = _home.StartActorCluster("up", "--name", "brief", "--workers", "2");
        await Eventually.SeeAsync(() => Task.FromResult(_home.Processes().Count), count => count > 1, "a process of the cluster runs");

        ProcessIdentity.Of(up.ProcessId)!.Interrupt();

        (await up.EndAsync()).ShouldFailWith(130, "Interrupted.");
        _home.Processes().ShouldBeEmpty();
        Directory.Exists(_home.RunningCluster("brief").Folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_cluster_that_does_not_come_up_in_time_leaves_nothing()
    {
        (await _home.ActorClusterAsync("up", "--name", "late", "--workers", "1", "--timeout", "10ms"))
            .ShouldFailWith(4, "The cluster did not come up within 10ms", "--timeout");

        _home.Processes().ShouldBeEmpty();
        Directory.Exists(_home.RunningCluster("late").Folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_taken_port_is_refused_with_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        (await _home.ActorClusterAsync("up", "--api-port", port)).ShouldFailWith(1, $"Port {port} on 127.0.0.1 is taken", "Choose another --api-port");

        Directory.Exists(_home.RunningCluster("default").Folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task Folders_that_cannot_be_written_are_refused_with_what_to_do()
    {
        // Nobody can make a folder below a file, not even root.
        var file = _home.File("file");
        await File.WriteAllTextAsync(file, "");

        (await _home.ActorClusterAsync("up", "--data", Path.Combine(file, "data"))).ShouldFailWith(1, $"The data folder {file}/data can't be written", "Choose another with --data");
        (await _home.ActorClusterAsync(new Dictionary<string, string> { ["ACTORCLUSTER_HOME"] = file }, "up"))
            .ShouldFailWith(1, "can't be written", "Set ACTORCLUSTER_HOME to a folder of yours");
    }

    [Fact]
    public async Task What_is_not_there_is_told_by_an_exit_code_of_its_own()
    {
        foreach (var command in (string[][])[["down"], ["status"], ["kubeconfig"], ["logs", "worker-1"], ["node", "kill", "worker-1"], ["node", "start", "worker-1"]])
            (await _home.ActorClusterAsync([.. command, "--name", "nobody"])).ShouldFailWith(3, "There is no cluster 'nobody'.");
    }

    /// <summary>The server proves itself by the cluster's CA; who has no certificate of that CA gets 401.</summary>
    private static async Task RefusesStrangersAsync(RunningCluster cluster)
    {
        var config = KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig);
        var server = new Uri(config.Host);
        server.Scheme.ShouldBe("https");
        server.Host.ShouldBe("127.0.0.1");
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.AddRange(config.SslCaCerts);
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } };
        using var stranger = new HttpClient(handler) { Timeout = Command.Limit };
        foreach (var path in (string[])["/api/v1/nodes", "/api/v1/namespaces/default/secrets", "/apis"])
        {
            using var answer = await stranger.GetAsync(new Uri(server, path));
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("\"reason\":\"Unauthorized\"");
        }
    }
}
