using System.CommandLine;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>The control-plane process: store, API server, controllers.</summary>
internal sealed class RunControlPlaneCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly RunOptions _shared = new(RunArguments.ControlPlane);
    private readonly Option<string> _cluster = new("--cluster") { Description = "The cluster's name.", HelpName = "NAME", DefaultValueFactory = _ => ClusterOptions.DefaultName };
    private readonly Option<bool> _newCluster = new(RunArguments.NewCluster) { Description = "No worker can be a member of an older Akka cluster: form one without asking them." };
    private readonly Option<int> _awaitNodes = new(RunArguments.AwaitNodes) { Description = "Nodes that are about to come; the DNS pods wait for them for a while, to be spread.", HelpName = "N" };
    private readonly Option<string?> _completeFile = new(RunArguments.CompleteFile) { Description = "Make this file when those nodes are Ready, or have been waited for long enough, and the cluster's DNS is deployed.", HelpName = "FILE" };
    private readonly Option<string> _apiAddress = new("--api-address") { Description = "The address that the Kubernetes API listens on.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<string> _apiHost = new("--api-host") { Description = "The host by which clients reach it; named in the kubeconfig and the certificate.", HelpName = "HOST", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<int> _apiPort = new("--api-port") { Description = "Its port.", HelpName = "PORT", DefaultValueFactory = _ => 6443 };
    private readonly Option<string?> _data = new("--data") { Description = "Keep the objects in this folder; in memory without it.", HelpName = "DIR" };
    private readonly Option<string> _pki = new("--pki") { Description = "Keep the cluster's CA and certificates in this folder.", HelpName = "DIR", Required = true };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Write the kubeconfig to this file.", HelpName = "FILE" };

    public RunControlPlaneCommand(CliContext cli)
        : base(RunArguments.ControlPlane, "Run a control plane.")
    {
        _cli = cli;
        foreach (var option in (Option[])[_cluster, _newCluster, _awaitNodes, _completeFile, _apiAddress, _apiHost, _apiPort, _data, _pki, _kubeconfig]) Add(option);
        _shared.AddTo(this);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
    [
        "actorcluster run control-plane --endpoint=control-plane:20000 --bind=0.0.0.0 --api-address=0.0.0.0 --data=/data --pki=/data/pki --kubeconfig=/out/kubeconfig",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ControlPlaneOptions
        {
            ClusterName = parsed.GetValue(_cluster)!,
            ProcessName = _shared.Process(parsed),
            Binding = _shared.Binding(parsed),
            Workers = _shared.Workers(parsed),
            NewCluster = parsed.GetValue(_newCluster),
            AwaitNodes = parsed.GetValue(_awaitNodes),
            CompleteFile = parsed.GetValue(_completeFile),
            ApiAddress = parsed.GetValue(_apiAddress)!,
            ApiHost = parsed.GetValue(_apiHost)!,
            ApiPort = parsed.GetValue(_apiPort),
            DataFolder = parsed.GetValue(_data),
            PkiFolder = parsed.GetValue(_pki)!,
            Kubeconfig = parsed.GetValue(_kubeconfig),
            State = _shared.State(parsed),
            Settings = new ControlPlaneSettings { Timings = _shared.Timings(parsed), UseProcessReachability = _shared.TimingPreset(parsed) == TimingFlags.Fast },
        };
        options.Validate();
        return await new ProcessRunner(options.State, options.ProcessName, _shared.Simulation(parsed, _cli), _shared.ServingFile(parsed)).RunAsync(
            async (simulation, log, stop) => await ControlPlaneHost.StartAsync(options, simulation, log, stop), cancellationToken);
    }
}
