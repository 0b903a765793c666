using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Cli.Commands;

/// <summary>Starts a cluster and returns when all its nodes are Ready; with --in-process, runs it until Ctrl-C.</summary>
internal sealed class UpCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly Option<string> _name = CommonOptions.Name();
    private readonly TimingOptions _timing = new();

    private readonly Option<int> _workers = CommonOptions.Number("--workers", "-w", "Worker processes. With 0 there is no node, and pods stay Pending until `node add`.", "N", 3);
    private readonly Option<int> _nodesPerWorker = CommonOptions.Number("--nodes-per-worker", null, "Kubernetes nodes that each worker process hosts.", "N", 1);

    private readonly Option<int> _zones = CommonOptions.Number(
        "--zones", null, "Spread the nodes over this many zones (the label topology.kubernetes.io/zone); 0: none.", "N", 0);

    private readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "Also put the cluster into this kubeconfig, beside what is in it; `down` takes it out again.", HelpName = "FILE",
    };

    private readonly Option<int> _apiPort = CommonOptions.Number("--api-port", null, "Port of the Kubernetes API on 127.0.0.1; 0 takes a free one.", "PORT", 0);

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Keep objects and certificates in this folder; they outlive `down`, and the next `up` on it goes on with them.", HelpName = "DIR",
    };

    private readonly Option<string[]> _outside = new(OutsideFlags.Name)
    {
        Description = "Let pods reach this name outside the cluster: their TCP connections and UDP datagrams to its port (80 without one) go to HOST:PORT, as seen "
            + "from this machine. May be given many times. Nothing else outside can be reached.",
        HelpName = "NAME[:PORT]=HOST:PORT",
    };

    private readonly Option<bool> _inProcess = new("--in-process")
    {
        Description = "Run the whole cluster inside this process, in the foreground, until Ctrl-C.",
    };

    private readonly Option<Duration> _timeout = CommonOptions.Duration(
        "--timeout", "How long to wait until all nodes are Ready.", TimeSpan.FromSeconds(60));

    public UpCommand(CliContext cli)
        : base("up", "Start a cluster: a control-plane process and worker processes, in the background.")
    {
        _cli = cli;
        Add(_name);
        Add(_workers);
        Add(_nodesPerWorker);
        Add(_zones);
        Add(_kubeconfig);
        Add(_apiPort);
        Add(_data);
        Add(_outside);
        Add(_inProcess);
        Add(_timeout);
        _timing.AddTo(this);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
    [
        "actorcluster up --workers 3",
        "export KUBECONFIG=$(actorcluster kubeconfig) && kubectl get nodes",
        "actorcluster up --workers 3 --nodes-per-worker 2 --zones 3",
        "actorcluster up --outside api.example.com=127.0.0.1:8080 --outside db.example.com:5432=127.0.0.1:5432",
        "actorcluster up --name slow --timing kubernetes --node-monitor-grace-period=20s",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ClusterOptions
        {
            Name = parsed.GetValue(_name)!,
            Workers = parsed.GetValue(_workers),
            NodesPerWorker = parsed.GetValue(_nodesPerWorker),
            Zones = parsed.GetValue(_zones),
            Kubeconfig = parsed.GetValue(_kubeconfig),
            ApiPort = parsed.GetValue(_apiPort),
            DataFolder = parsed.GetValue(_data),
            Outside = parsed.GetValue(_outside) ?? [],
            TimingPreset = _timing.Preset(parsed),
            Timings = _timing.Read(parsed),
            Timeout = parsed.GetValue(_timeout),
            Seed = _cli.Simulation.Random.Seed,
        };
        return parsed.GetValue(_inProcess) ? await InProcessAsync(options, cancellationToken) : await BackgroundAsync(options, cancellationToken);
    }

    private async Task<int> BackgroundAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        var launcher = new ClusterLauncher(_cli.Root, _cli.Launch, _cli.Simulation);
        var cluster = await _cli.Terminal.ProgressAsync($"Cluster '{options.Name}'", progress => launcher.UpAsync(options, progress, cancellationToken));
        Announce(options, cluster);
        _cli.Terminal.Line($"Take it down with: {_cli.Root.Cluster(options.Name).Command("down")}");
        return ExitCode.Success;
    }

    private async Task<int> InProcessAsync(ClusterOptions options, CancellationToken cancellationToken)
    {
        var launcher = new InProcessLauncher(_cli.Root, _cli.Launch, _cli.Simulation);
        try
        {
            await launcher.RunAsync(options, cluster =>
            {
                Announce(options, cluster);
                _cli.Terminal.Line("Ctrl-C ends it.");
            }, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _cli.Terminal.Line($"Cluster '{options.Name}' is down.");
        }

        return ExitCode.Success;
    }

    private void Announce(ClusterOptions options, ClusterRecord cluster)
    {
        var nodes = cluster.Processes.Sum(process => process.Nodes.Count);
        _cli.Terminal.Line($"Cluster '{options.Name}' is up: {(nodes == 0 ? "it has no node yet" : nodes == 1 ? "1 node is Ready" : $"{nodes} nodes are Ready")}. The kubectl context is actorcluster-{options.Name}.");
        _cli.Terminal.Line("");
        _cli.Terminal.Line($"  export KUBECONFIG={cluster.KubeconfigCopy ?? _cli.Root.Cluster(options.Name).Kubeconfig}");
        _cli.Terminal.Line("  kubectl get nodes -o wide");
        if (nodes == 0)
            _cli.Terminal.Line($"  Pods stay Pending until there is a node: `{_cli.Root.Cluster(options.Name).Command("node add")}`.");
        foreach (var binding in OutsideFlags.Parse(options.Outside))
            _cli.Terminal.Line($"  Pods reach {binding.Name} port {binding.Inside.Port} ({binding.Inside.Address}) at {binding.Host}:{binding.Port}.");
        _cli.Terminal.Line("");
    }
}
