using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Links;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Streams;
using ActorCluster.Tests.Shared;
using Akka.Actor;
using Akka.Configuration;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Xunit.Abstractions;

namespace ActorCluster.Nodes.Tests.Support;

/// <summary>A worker process's nodes on an in-memory API, with the real network and container runtime, on virtual time.</summary>
public abstract class NodeSpec : PatientTestKit
{
    private static readonly Config Settings = ConfigurationFactory.ParseString("akka.actor.serialize-messages = on\nakka.loglevel = WARNING").WithFallback(QuietWork.Config).WithFallback(NetworkSerialization.Config);
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly LocalLink _link = new();
    private readonly QuietWork _work;

    protected NodeSpec(ITestOutputHelper output) : base(Settings, output)
    {
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Api = new FakeApi(Clock);
        _work = QuietWork.Of(Sys);
        Simulation = new SimulationContext(Clock, new RandomSource(1), _work.Tasks, _work.Pipes)
        {
            ReportFault = (doing, fault) => _faults.Enqueue($"{doing}: {fault}"),
        };
        Client = new KubeClient(Api, "test");
    }

    internal FakeTimeProvider Clock { get; }
    internal FakeApi Api { get; }
    internal SimulationContext Simulation { get; }
    internal KubeClient Client { get; }
    internal IActorRef Nodes { get; private set; } = ActorRefs.Nobody;
    internal IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Where the nodes' disks are kept; null: in memory.</summary>
    internal string? DiskFolder { get; init; }

    /// <summary>Starts the process and waits until its node is Ready.</summary>
    internal async Task StartAsync(string node = "node-1", ClusterTimings? timings = null, string address = "akka://test")
    {
        StartProcess(node, timings, address);
        await EventuallyAsync(() => Api.Find<V1Node>("", node).ShouldNotBeNull());
        if (Api.Find<V1Node>("", node)!.Spec.PodCIDR is null) await AllotAsync(node, "10.244.0.0/24", "fd00:10:244::/64");
        await EventuallyAsync(() => Ready(node).Status.ShouldBe("True"));
    }

    internal void StartProcess(string node, ClusterTimings? timings = null, string address = "akka://test")
    {
        var tables = Sys.ActorOf(NetworkTablesActor.Props(Api, Simulation, new NetworkTablesSource()));
        Nodes = Sys.ActorOf(NodesActor.Props(new NodesOptions
        {
            Nodes = [new NodeOptions(node)],
            ProcessName = "worker-1",
            ProcessAddress = address,
            Api = Api,
            Runtime = new ContainerRuntime([new TestImage()]),
            Simulation = Simulation,
            Timings = timings ?? ClusterTimings.Kubernetes,
            Link = _link,
            NetworkTables = tables,
            Programs = new NoServices(),
            DiskFolder = DiskFolder,
        }));
    }

    internal Task AllotAsync(string node, params string[] podCidrs) => Client.PatchAsync<V1Node>(
        "", node, new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = podCidrs[0], ["podCIDRs"] = new JsonArray([.. podCidrs.Select(cidr => (JsonNode)cidr)]) } });

    internal V1NodeCondition Ready(string node) => Api.Find<V1Node>("", node)!.Status.Conditions.Single(condition => condition.Type == "Ready");

    internal V1Pod Pod(string name = "web") => Api.Find<V1Pod>("default", name).ShouldNotBeNull($"pod {name}");

    internal V1ContainerStatus Container(string pod = "web", string container = "main") =>
        (Pod(pod).Status?.ContainerStatuses ?? []).Concat(Pod(pod).Status?.InitContainerStatuses ?? []).SingleOrDefault(status => status.Name == container).ShouldNotBeNull($"status of {pod}/{container}");

    internal IEnumerable<string> Events(string reason) => Api.List<Corev1Event>().Where(item => item.Reason == reason).Select(item => item.Message);

    /// <summary>Creates the pod and waits until it runs.</summary>
    internal async Task<V1Pod> RunAsync(V1Pod pod)
    {
        Api.Put(pod);
        await EventuallyAsync(() => (Pod(pod.Metadata.Name).Status?.Phase).ShouldBe("Running"));
        return Pod(pod.Metadata.Name);
    }

    /// <summary>Lets virtual time pass, whenever there is nothing left to do without it, until the assertion holds; gives up when neither time has helped.</summary>
    internal async Task EventuallyAsync(Action assertion, TimeSpan? step = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        for (var i = 0; ; i++)
        {
            await _work.UntilQuietAsync();
            try
            {
                assertion();
                return;
            }
            catch (Exception) when (i < 5_000 || !patience.IsCancellationRequested)
            {
                Clock.Advance(step ?? TimeSpan.FromMilliseconds(20));
            }
            // What is not of the cluster, such as a test's own end of a stream, has its turn.
            await Task.Delay(1);
        }
    }

    internal IActorRef Node(string name = "node-1") => Resolve(name);

    internal IActorRef Resolve(params string[] path) => Sys.ActorSelection(path.Aggregate(Nodes.Path, (parent, name) => parent / name)).ResolveOne(Patience).GetAwaiter().GetResult();

    internal Task PodActorShouldBeGoneAsync(string pod) => AwaitAssertAsync(
        () => Should.ThrowAsync<ActorNotFoundException>(() => Sys.ActorSelection(Nodes.Path / "node-1" / $"default_{pod}_uid-of-{pod}").ResolveOne(Patience)));

    internal async Task<string> LogsAsync(string pod = "web", string container = "main", bool previous = false, bool timestamps = false, long? tail = null)
    {
        var peer = new TestPeer();
        await HandleAsync(new LogRequest("default", pod, Pod(pod).Metadata.Uid, container, false, previous, timestamps, tail, null, null, null), peer);
        return peer.Stdout;
    }

    internal async Task<(StreamExit Exit, string Stdout)> ExecAsync(string pod, string container, params string[] command)
    {
        var peer = new TestPeer();
        var exit = await HandleAsync(new ExecRequest("default", pod, Pod(pod).Metadata.Uid, container, command, false, true, true, false), peer);
        return (exit, peer.Stdout);
    }

    internal IContainerStreamHandler Handler(string node = "node-1") => new ContainerStreamHandler(Node(node), Simulation, network: Resolve(node, "network"));

    /// <summary>As the node's stream actor does it: it belongs to what has to be quiet before time passes.</summary>
    internal Task<StreamExit> HandleAsync(ContainerStreamRequest request, IContainerStreamPeer peer)
    {
        var handler = Handler();
        return Simulation.Start(() => handler.HandleAsync(request, peer));
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    /// <summary>All nodes are in this process.</summary>
    private sealed class LocalLink : IPacketLink
    {
        private readonly ConcurrentDictionary<string, IActorRef> _nodes = new();

        public void Send(NodeRoute destination, Packet packet)
        {
            if (_nodes.TryGetValue(destination.Name, out var network)) network.Tell(packet);
        }

        public void Attach(string nodeName, IActorRef network) => _nodes[nodeName] = network;

        public void Detach(string nodeName, IActorRef network) => _nodes.TryRemove(KeyValuePair.Create(nodeName, network));
    }
}

/// <summary>The caller's end of a stream, all in memory.</summary>
internal sealed class TestPeer : IContainerStreamPeer, IDisposable
{
    private readonly System.Threading.Channels.Channel<byte[]> _input = System.Threading.Channels.Channel.CreateUnbounded<byte[]>();
    private readonly CancellationTokenSource _gone = new();
    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _error = new();

    public Action<TerminalSize>? Resized { get; set; }
    public CancellationToken CallerGone => _gone.Token;

    /// <summary>stderr's, too.</summary>
    public string Stdout => Text(_stdout);

    /// <summary>What came on the error channel.</summary>
    public string Error => Text(_error);

    public void Send(string text) => _input.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    public void CloseInput() => _input.Writer.TryComplete();

    public void Leave() => _gone.Cancel();

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(StreamChannel channel, CancellationToken cancellationToken) =>
        await _input.Reader.WaitToReadAsync(cancellationToken) && _input.Reader.TryRead(out var data) ? data : ReadOnlyMemory<byte>.Empty;

    public ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        CallerGone.ThrowIfCancellationRequested();
        var target = channel == StreamChannel.Error ? _error : _stdout;
        lock (target) target.Write(data.Span);
        return default;
    }

    public void Dispose() => _gone.Dispose();

    private static string Text(MemoryStream written)
    {
        lock (written) return Encoding.UTF8.GetString(written.ToArray());
    }
}
