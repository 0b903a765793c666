using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;
using Akka.Actor;
using Google.Protobuf;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>Two ActorSystems as two processes have them, one of which is cut off.</summary>
public sealed class CuttableTransportTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private readonly LinkCuts _cuts = new();
    private readonly ConcurrentQueue<string> _heardNear = new();
    private readonly ConcurrentQueue<string> _heardFar = new();
    private ActorSystem _near = null!;
    private ActorSystem _far = null!;

    public Task InitializeAsync()
    {
        (_near, _far) = (Start(_cuts, _heardNear), Start(new LinkCuts(), _heardFar));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _near.Terminate();
        await _far.Terminate();
    }

    [Fact]
    public async Task Nothing_passes_while_a_process_is_cut_off_and_all_does_afterwards()
    {
        await SayUntilHeardAsync(_near, _far, _heardFar, "before");
        await SayUntilHeardAsync(_far, _near, _heardNear, "before");

        Cut(LinkLoss.Both);
        Say(_near, _far, "lost");
        Say(_far, _near, "lost");
        await LossesAsync(2);

        Cut(LinkLoss.None);
        await SayUntilHeardAsync(_near, _far, _heardFar, "after");
        await SayUntilHeardAsync(_far, _near, _heardNear, "after");
        _heardFar.ShouldNotContain("lost");
        _heardNear.ShouldNotContain("lost");
    }

    [Fact]
    public async Task What_is_lost_may_be_one_direction_only()
    {
        await SayUntilHeardAsync(_near, _far, _heardFar, "before");
        await SayUntilHeardAsync(_far, _near, _heardNear, "before");

        Cut(LinkLoss.Sent);
        Say(_near, _far, "lost");
        await SayUntilHeardAsync(_far, _near, _heardNear, "this way is open");
        await LossesAsync(1);

        Cut(LinkLoss.None);
        await SayUntilHeardAsync(_near, _far, _heardFar, "after");
        _heardFar.ShouldNotContain("lost");
    }

    [Fact]
    public async Task No_connection_comes_about_from_either_side_while_a_process_is_cut_off()
    {
        Cut(LinkLoss.Both);
        Say(_near, _far, "lost");
        Say(_far, _near, "lost");
        await LossesAsync(2);

        Cut(LinkLoss.None);
        await SayUntilHeardAsync(_far, _near, _heardNear, "after");
        await SayUntilHeardAsync(_near, _far, _heardFar, "after");
    }

    [Fact]
    public void Who_calls_is_read_from_a_handshake_and_from_nothing_else()
    {
        AkkaHandshake.OriginOf(ByteString.Empty).ShouldBeNull();
        AkkaHandshake.OriginOf(ByteString.CopyFrom(0x0a, 0x02, 0x12, 0x00)).ShouldBeNull(); // a payload
        AkkaHandshake.OriginOf(ByteString.CopyFrom(0x12, 0x02, 0x08, 0x03)).ShouldBeNull(); // a heartbeat
    }

    private void Cut(LinkLoss loss) => _cuts.Replace(loss == LinkLoss.None ? [] : ImmutableDictionary<string, LinkLoss>.Empty.Add(AddressOf(_far).ToString(), loss));

    private static ActorSystem Start(LinkCuts cuts, ConcurrentQueue<string> heard)
    {
        var config = AkkaConfiguration.Clustered(new NetworkBinding(new ProcessEndpoint("127.0.0.1", FreePort())), WellKnown.WorkerRole, ClusterFormation.WorkerSeedInterval);
        var system = ClusterProcess.CreateSystem(config, ProcessLog.None, new LinkCutsSetup(cuts, TimeProvider.System));
        system.ActorOf(Props.Create(() => new Listener(heard)), "listener");
        return system;
    }

    private static void Say(ActorSystem from, ActorSystem to, string text) => from.ActorSelection(new RootActorPath(AddressOf(to)) / "user" / "listener").Tell(text);

    /// <summary>What is said while a connection is being made anew may be lost.</summary>
    private static async Task SayUntilHeardAsync(ActorSystem from, ActorSystem to, ConcurrentQueue<string> heard, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!heard.Contains(text))
        {
            Say(from, to, text);
            await Task.Delay(Interval, patience.Token);
        }
    }

    private async Task LossesAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (_cuts.Lost < count) await Task.Delay(Interval, patience.Token);
    }

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Listener(ConcurrentQueue<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.Enqueue((string)message);
    }
}
