using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;
using Akka.Actor;
using Akka.Remote;
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
    public void Who_calls_is_read_from_a_handshake_and_from_nothing_else_and_a_message_is_told_from_an_acknowledgement()
    {
        AkkaHandshake.OriginOf(ByteString.Empty).ShouldBeNull();
        AkkaHandshake.OriginOf(ByteString.CopyFrom(0x0a, 0x02, 0x12, 0x00)).ShouldBeNull(); // a payload
        AkkaHandshake.OriginOf(ByteString.CopyFrom(0x12, 0x02, 0x08, 0x03)).ShouldBeNull(); // a heartbeat
        AkkaHandshake.IsMessage(ByteString.CopyFrom(0x0a, 0x02, 0x12, 0x00)).ShouldBeTrue();
        AkkaHandshake.IsMessage(ByteString.CopyFrom(0x0a, 0x02, 0x0a, 0x00)).ShouldBeFalse(); // an acknowledgement
        AkkaHandshake.IsMessage(ByteString.CopyFrom(0x12, 0x02, 0x08, 0x03)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_its_maker_gave_up_long_ago_takes_no_messages_with_it(bool nearCallsFirst)
    {
        if (nearCallsFirst) await SayUntilHeardAsync(_near, _far, _heardFar, "before");
        await SayUntilHeardAsync(_far, _near, _heardNear, "before"); // by the one connection there is
        var ended = NextAsync<DisassociatedEvent>(_near);

        using (var late = new TcpClient("127.0.0.1", AddressOf(_near).Port!.Value))
        {
            await late.GetStream().WriteAsync(Handshake(_far));
            (await late.GetStream().ReadAsync(new byte[1])).ShouldBe(1); // it was taken for the far process's
        }

        (await ended).RemoteAddress.ShouldBe(AddressOf(_far));
        await SayUntilHeardAsync(_far, _near, _heardNear, "after");
        await SayUntilHeardAsync(_near, _far, _heardFar, "after");
    }

    [Fact]
    public async Task A_connection_that_its_maker_forgot_keeps_no_one_from_being_heard()
    {
        await SayUntilHeardAsync(_near, _far, _heardFar, "before");
        await SayUntilHeardAsync(_far, _near, _heardNear, "before"); // by the one connection there is

        using var forgotten = new TcpClient("127.0.0.1", AddressOf(_near).Port!.Value);
        await forgotten.GetStream().WriteAsync(Handshake(_far));
        (await forgotten.GetStream().ReadAsync(new byte[1])).ShouldBe(1); // it was taken for the far process's, which knows nothing of it

        await SayUntilHeardAsync(_far, _near, _heardNear, "after");
        await SayUntilHeardAsync(_near, _far, _heardFar, "after");
    }

    [Fact]
    public async Task Whoever_answers_in_another_s_place_is_not_talked_to()
    {
        var failed = NextAsync<AssociationErrorEvent>(_near);
        // The same process, which doesn't know itself by that name.
        var other = AddressOf(_far).WithHost("localhost");

        _near.ActorSelection(new RootActorPath(other) / "user" / "listener").Tell("lost");

        (await failed).RemoteAddress.ShouldBe(other);
        await SayUntilHeardAsync(_near, _far, _heardFar, "to the right one");
    }

    [Fact]
    public async Task A_call_that_is_taken_by_a_process_that_has_just_died_is_not_answered()
    {
        var transport = _near.Settings.Setup.Get<LinkCutsSetup>().Value.Transport!;
        (await transport.AnswersAsync(AddressOf(_far), TimeSpan.FromMilliseconds(200))).ShouldBeTrue();

        // As the system has it between the end of a process and that of its sockets: calls are taken, by nobody.
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var answers = transport.AnswersAsync(AddressOf(_far).WithPort(((IPEndPoint)dead.LocalEndpoint).Port), Patience);
        using var patience = new CancellationTokenSource(Patience);
        while (!dead.Pending()) await Task.Delay(Interval, patience.Token);
        answers.IsCompleted.ShouldBeFalse();
        dead.Stop();

        (await answers).ShouldBeFalse();
    }

    private static async Task<T> NextAsync<T>(ActorSystem system)
    {
        var seen = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Awaiter<T>(seen))), typeof(T));
        return await seen.Task.WaitAsync(Patience);
    }

    /// <summary>What a process says first on a connection that it makes, by the formats that <see cref="AkkaHandshake"/> reads; each frame is preceded by its length, 4 bytes, little-endian.</summary>
    private static byte[] Handshake(ActorSystem from)
    {
        var address = AddressOf(from);
        var data = Message(output =>
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteString(address.System);
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteString(address.Host);
            output.WriteTag(3, WireFormat.WireType.Varint);
            output.WriteUInt32((uint)address.Port!.Value);
            output.WriteTag(4, WireFormat.WireType.LengthDelimited);
            output.WriteString("tcp"); // as the transport below Akka's own calls it
        });
        var info = Message(output =>
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(data);
            output.WriteTag(2, WireFormat.WireType.Fixed64);
            output.WriteFixed64((ulong)AddressUidExtension.Uid(from));
        });
        var control = Message(output =>
        {
            output.WriteTag(1, WireFormat.WireType.Varint);
            output.WriteEnum(1); // ASSOCIATE
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(info);
        });
        var message = Message(output =>
        {
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(control);
        });
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, message.Length);
        return [.. length, .. message.ToByteArray()];
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true)) write(output);
        return ByteString.CopyFrom(bytes.ToArray());
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

    private sealed class Awaiter<T>(TaskCompletionSource<T> seen) : UntypedActor
    {
        protected override void OnReceive(object message) => seen.TrySetResult((T)message);
    }

    private sealed class Listener(ConcurrentQueue<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.Enqueue((string)message);
    }
}
