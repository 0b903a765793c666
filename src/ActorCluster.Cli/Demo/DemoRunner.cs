using System.Globalization;
using System.Text.Json;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Client;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Demo;

/// <summary>
/// The project's main job from start to finish: the tutorial "Cluster Networking Types" on a cluster of real processes, then the loss of one of them.
/// Works in a private temporary folder and leaves nothing behind, however it ends.
/// </summary>
/// <param name="patience">How long what a step brings about may take.</param>
internal sealed class DemoRunner(CliContext cli, int workers, bool useKubectl, TimeSpan patience)
{
    private const string Welcome = "Welcome to nginx!";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly DemoScreen _screen = new(cli.Terminal, cli.Clock);

    /// <returns>True if every step did what it must.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var start = cli.Clock.GetTimestamp();
        var home = Directory.CreateTempSubdirectory("actorcluster-demo-").FullName;
        var folder = new StateRoot(home).Cluster($"demo-{cli.Simulation.Random.Child("demo").NextSuffix()}");
        var supervisor = cli.Supervisor(folder);
        try
        {
            await _screen.StepAsync($"Start a cluster: one control-plane process and {workers} worker processes", () => UpAsync(home, folder.Name, cancellationToken));
            using var api = KubeconfigClient.Create(folder.Kubeconfig);
            using var client = await ClientAsync(folder.Kubeconfig, cancellationToken);
            _screen.Note($"Everything below is done with {client.Description}.");
            await TutorialAsync(client, api, home, cancellationToken);
            await NodeLossAsync(client, api, new ProcessCommands(folder, supervisor, cli.Turn(cancellationToken)), cancellationToken);
            await _screen.StepAsync("Take the cluster down; nothing is left behind", () => DownAsync(folder, supervisor));
            _screen.Note($"All of it in {cli.Clock.GetElapsedTime(start).TotalSeconds:0} s.");
            return true;
        }
        catch (Exception e) when (e is DemoFailedException or ClusterCommandException or HttpRequestException or IOException or k8s.Autorest.HttpOperationException)
        {
            _screen.Failed(e.Message);
            if (e is ClusterCommandException { LogTail: { Length: > 0 } tail }) cli.Terminal.ErrorDetail(tail);
            return false;
        }
        finally
        {
            if (Directory.Exists(folder.Path)) await new ClusterTerminator(folder, supervisor).DownAsync(cli.Turn(CancellationToken.None));
            Directory.Delete(home, recursive: true);
        }
    }

    private async Task UpAsync(string home, string name, CancellationToken cancellationToken)
    {
        _screen.Command($"actorcluster up --name {name} --workers {workers}");
        var launcher = new ClusterLauncher(new StateRoot(home), cli.Launch, cli.Simulation);
        var cluster = await launcher.UpAsync(
            new ClusterOptions { Name = name, Workers = workers, Seed = cli.Simulation.Random.Seed, Timeout = patience }, _ => { }, cancellationToken);
        foreach (var process in cluster.Processes) _screen.Note($"  {process.Name}");
    }

    private async Task<IDemoClient> ClientAsync(string kubeconfig, CancellationToken cancellationToken) =>
        (useKubectl ? await KubectlDemoClient.FindAsync(kubeconfig, patience, cancellationToken) : null) as IDemoClient ?? new LibraryDemoClient(kubeconfig, cli.Clock, patience);

    private async Task TutorialAsync(IDemoClient client, HttpClient api, string home, CancellationToken cancellationToken)
    {
        var pods = new DemoPods(api);
        // On a busy machine a heartbeat may come late just after the start; pods are spread over the nodes that are Ready.
        await UntilAsync(() => AllReadyAsync(api, cancellationToken), "The nodes are not all Ready.", cancellationToken);
        await _screen.StepAsync("The nodes", () => _screen.CallAsync(client.GetNodes(), cancellationToken));
        await _screen.StepAsync("The tutorial's manifests, unchanged", async () =>
        {
            await _screen.CallAsync(client.Apply(await ManifestAsync(home, "ofl-c2c.yml"), await ManifestAsync(home, "ofl-p2p.yml")), cancellationToken);
            await _screen.CallAsync(client.WaitReady("multicontainerpod", "webserver"), cancellationToken);
            await _screen.CallAsync(client.GetPods(), cancellationToken);
            var now = await pods.ReadAsync(cancellationToken);
            Require(now.All(pod => pod.Address.StartsWith("10.244.", StringComparison.Ordinal)), "A pod has no address in 10.244.0.0/16.");
            Require(workers == 1 || now.Select(pod => pod.Node).Distinct().Count() > 1, "The pods are not on different nodes.");
        });
        await _screen.StepAsync("Container to container: the sidecar fetched nginx's page from localhost", async () =>
        {
            // The container is Ready as soon as its shell runs; its curl takes a moment longer.
            await UntilAsync(() => HasFetchedAsync(client, cancellationToken), "The sidecar's log does not hold nginx's page.", cancellationToken);
            await _screen.CallAsync(client.Logs("multicontainerpod", "sidecar"), cancellationToken);
            var page = await _screen.CallAsync(client.Exec("multicontainerpod", "sidecar", "curl", "-s", "localhost:80"), cancellationToken);
            Require(page.Contains(Welcome, StringComparison.Ordinal), "curl did not get nginx's page.");
        });
        await _screen.StepAsync("Pod to pod: a temporary pod fetches a page from another pod's address", async () =>
        {
            var target = (await pods.ReadAsync(cancellationToken)).Single(pod => pod.Name == "webserver").Address;
            var output = await _screen.CallAsync(client.RunOnce("busybox", "busybox", "wget", target), cancellationToken);
            Require(output.Contains("'index.html' saved", StringComparison.Ordinal), "wget did not save the page.");
            Require((await pods.ReadAsync(cancellationToken)).All(pod => pod.Name != "busybox"), "The temporary pod is still there.");
        });
        await _screen.StepAsync("Pod to service: three replicas behind one name", async () =>
        {
            await _screen.CallAsync(client.CreateDeployment("web", "nginx", 3), cancellationToken);
            await _screen.CallAsync(client.Expose("web", 80), cancellationToken);
            await _screen.CallAsync(client.WaitAvailable("web"), cancellationToken);
            // The nodes and the DNS servers, which may just have started, follow the API in a moment.
            await UntilAsync(() => AnswersAsync(client, cancellationToken), "The service does not answer.", cancellationToken);
            var page = await _screen.CallAsync(client.RunOnce("c", "curlimages/curl", "curl", "-s", "http://web"), cancellationToken);
            Require(page.Contains(Welcome, StringComparison.Ordinal), "The service did not answer with nginx's page.");
        });
    }

    private async Task NodeLossAsync(IDemoClient client, HttpClient api, ProcessCommands processes, CancellationToken cancellationToken)
    {
        var pods = new DemoPods(api);
        var now = await pods.ReadAsync(cancellationToken);
        var asker = now.Single(pod => pod.Name == "multicontainerpod");
        var victim = now.FirstOrDefault(pod => pod.App == "web" && pod.Node != asker.Node)?.Node
            ?? throw new DemoFailedException("All pods of the deployment are on one node.");
        await _screen.StepAsync($"Kill -9 the process of {victim} while the service is asked four times a second", async () =>
        {
            // Its own exit code and timeout for each request: what a client of the service sees.
            var asking = client.Exec(asker.Name, "sidecar", "sh", "-c",
                "i=0; row=0; while [ $i -lt 40 ] || { [ $row -lt 8 ] && [ $i -lt 400 ]; }; do if curl -s -m 1 -o /dev/null http://web; then echo answered; row=$((row+1)); else echo lost; row=0; fi; i=$((i+1)); sleep 0.25; done");
            var answers = new List<string>();
            var asked = asking.RunAsync(answers.Add, cancellationToken);
            _screen.Command($"actorcluster node kill {victim}");
            var killed = cli.Clock.GetTimestamp();
            await processes.KillAsync(victim);
            await UntilAsync(async () => !await IsReadyAsync(api, victim, cancellationToken), $"{victim} is still Ready.", cancellationToken);
            _screen.Note($"{victim} is NotReady after {Since(killed)}.");
            await UntilAsync(async () => (await pods.ReadAsync(cancellationToken)).Count(pod => pod.App == "web" && pod.Ready && pod.Node != victim) == 3,
                "The lost pods were not replaced elsewhere.", cancellationToken);
            _screen.Note($"Three ready replicas again after {Since(killed)}, none of them there:");
            await _screen.CallAsync(client.GetPods(), cancellationToken);
            _screen.Command(asking.Command);
            await asked;
            var answered = answers.Count(answer => answer == "answered");
            _screen.Note($"{answered} of {answers.Count} requests were answered; those in between the death and its discovery may be lost.");
            Require(answers.Count >= 40 && answers.TakeLast(8).All(answer => answer == "answered"), "The service does not answer any more.");
        });
        await _screen.StepAsync($"Start {victim} again", async () =>
        {
            _screen.Command($"actorcluster node start {victim}");
            await processes.StartAsync([victim], _ => { }, patience, cli.Clock, cancellationToken);
            await _screen.CallAsync(client.GetNodes(), cancellationToken);
            Require(await IsReadyAsync(api, victim, cancellationToken), $"{victim} is not Ready.");
        });
    }

    private string Since(long timestamp) => string.Create(CultureInfo.InvariantCulture, $"{cli.Clock.GetElapsedTime(timestamp).TotalSeconds:0.0} s");

    private static async Task<bool> HasFetchedAsync(IDemoClient client, CancellationToken cancellationToken)
    {
        var found = false;
        await client.Logs("multicontainerpod", "sidecar").RunAsync(line => found |= line.Contains(Welcome, StringComparison.Ordinal), cancellationToken);
        return found;
    }

    private static async Task<bool> AnswersAsync(IDemoClient client, CancellationToken cancellationToken)
    {
        var found = false;
        await client.Exec("multicontainerpod", "sidecar", "sh", "-c", "curl -s -m 5 http://web || true").RunAsync(line => found |= line.Contains(Welcome, StringComparison.Ordinal), cancellationToken);
        return found;
    }

    private async Task DownAsync(ClusterFolder folder, ClusterSupervisor supervisor)
    {
        _screen.Command($"actorcluster down --name {folder.Name}");
        _screen.Note($"{await new ClusterTerminator(folder, supervisor).DownAsync(cli.Turn(CancellationToken.None))} processes ended.");
        Require(supervisor.Alive().Count == 0 && !Directory.Exists(folder.Path), "Something is left.");
    }

    private async Task<bool> AllReadyAsync(HttpClient api, CancellationToken cancellationToken)
    {
        using var answer = JsonDocument.Parse(await api.GetByteArrayAsync("api/v1/nodes", cancellationToken));
        return answer.RootElement.GetProperty("items").EnumerateArray().Count(NodeReadiness.IsReady) == workers;
    }

    private static async Task<bool> IsReadyAsync(HttpClient api, string node, CancellationToken cancellationToken)
    {
        using var answer = JsonDocument.Parse(await api.GetByteArrayAsync($"api/v1/nodes/{node}", cancellationToken));
        return NodeReadiness.IsReady(answer.RootElement);
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken)
    {
        var start = cli.Clock.GetTimestamp();
        while (!await condition())
        {
            Require(cli.Clock.GetElapsedTime(start) < patience, otherwise);
            await Task.Delay(PollInterval, cli.Clock, cancellationToken);
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new DemoFailedException(otherwise);
    }

    private static async Task<string> ManifestAsync(string home, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "configs")).FullName;
        var path = Path.Combine(folder, name);
        await using var source = typeof(DemoRunner).Assembly.GetManifestResourceStream($"ActorCluster.Cli.Demo.{name}")
            ?? throw new InvalidOperationException($"The manifest {name} is not in this program.");
        await using var target = File.Create(path);
        await source.CopyToAsync(target);
        return path;
    }
}
