using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Cli.CommandLine;
using ActorCluster.Host;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.Worker;

namespace ActorCluster.Cli.Commands.Run;

/// <summary>A worker process: nodes with their pods.</summary>
internal sealed class RunWorkerCommand : Command, IHasExamples
{
    private readonly CliContext _cli;
    private readonly RunOptions _shared = new(defaultProcess: null);
    private readonly Option<ProcessEndpoint> _controlPlane = RunOptions.RequiredEndpoint("--control-plane", "Where the control plane is.");

    private readonly Option<string[]> _nodes = new("--node") { Description = "A node to host; may be given many times. One of the process's name unless told otherwise.", HelpName = "NAME" };

    private readonly Option<string[]> _zones = new(ZoneFlags.Name) { Description = "The zone of a node; may be given many times.", HelpName = "NODE=ZONE" };

    private readonly Option<string[]> _outside = new(OutsideFlags.Name) { Description = "A name outside the cluster that pods may reach; may be given many times.", HelpName = "NAME[:PORT]=HOST:PORT" };

    private readonly Option<string?> _disks = new(RunArguments.Disks) { Description = "Keep the nodes' disks (emptyDir, hostPath and local volumes) in this folder, so that they outlive the process; in memory otherwise.", HelpName = "DIR" };

    private readonly Option<bool> _openServices = new("--open-services") { Description = "Open NodePorts and load balancers at the address that this machine's host name has." };

    public RunWorkerCommand(CliContext cli)
        : base(RunArguments.Worker, "Run a worker.")
    {
        _cli = cli;
        Add(_controlPlane);
        Add(_nodes);
        Add(_zones);
        Add(_outside);
        Add(_openServices);
        Add(_disks);
        _shared.AddTo(this);
        SetAction(cli.Guard(RunAsync));
    }

    public IReadOnlyList<string> Examples =>
    [
        "actorcluster run worker --bind=0.0.0.0 --control-plane=control-plane:20000",
        "actorcluster run worker --process=worker-1 --endpoint=worker-1:20000 --bind=0.0.0.0 --control-plane=control-plane:20000 --node=node-1 --node=node-2",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var process = _shared.Process(parsed);
        var options = new WorkerOptions
        {
            ProcessName = process,
            Binding = _shared.Binding(parsed),
            ControlPlane = parsed.GetValue(_controlPlane),
            Workers = _shared.Workers(parsed),
            Nodes = parsed.GetValue(_nodes) is { Length: > 0 } nodes ? nodes : [process],
            Zones = parsed.GetValue(_zones) ?? [],
            Outside = parsed.GetValue(_outside) ?? [],
            ServiceAddress = parsed.GetValue(_openServices) ? await OwnAddressAsync(cancellationToken) : null,
            State = _shared.State(parsed),
            DiskFolder = parsed.GetValue(_disks) is { } disks ? Path.GetFullPath(disks) : null,
            Timings = _shared.Timings(parsed),
            UseProcessReachability = _shared.TimingPreset(parsed) == TimingFlags.Fast,
        };
        options.Validate();
        return await new ProcessRunner(options.State, options.ProcessName, _shared.Simulation(parsed, _cli), _shared.ServingFile(parsed)).RunAsync(
            (simulation, log, _) => Task.FromResult<IClusterProcess>(WorkerHost.Start(options, simulation, log)), cancellationToken);
    }

    /// <summary>In a container: the one that other containers know, and to which published ports lead.</summary>
    private static async Task<IPAddress> OwnAddressAsync(CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork, cancellationToken);
        return addresses.FirstOrDefault() ?? throw new OptionsInvalidException([$"This machine's name, {Dns.GetHostName()}, has no IPv4 address to open services at."]);
    }
}
