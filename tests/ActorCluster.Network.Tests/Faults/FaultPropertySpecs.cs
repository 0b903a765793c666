using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tests.Stack;
using FsCheck.Xunit;
using static ActorCluster.Network.Tests.Faults.FaultWorld;

namespace ActorCluster.Network.Tests.Faults;

/// <summary>What holds of faults whatever they are.</summary>
public class FaultPropertySpecs
{
    [Property(MaxTest = 100)]
    public void Without_jitter_packets_come_in_the_order_in_which_they_were_sent(int seed)
    {
        var random = new Random(seed);
        var world = new FaultWorld(seed, From(new()
        {
            Delay = new(TimeSpan.FromMilliseconds(random.Next(200))), Loss = new(random.Next(30)), Rate = random.Next(2) == 0 ? null : random.Next(1_000, 1_000_000),
            Bandwidth = random.Next(2) == 0 ? null : new(random.Next(1_000, 1_000_000), 1_000_000, random.Next(1_500, 20_000)),
        }));
        for (var i = 0; i < 200; i++)
        {
            world.Send(Datagram(i, size: random.Next(1_400)));
            if (random.Next(3) == 0) world.Advance(TimeSpan.FromTicks(random.Next(500_000)));
        }
        world.Finish();
        world.Numbers.ShouldBe(world.Numbers.Order());
        (world.Carried.Count + world.Lost.Count).ShouldBe(200);
    }

    [Property(MaxTest = 50)]
    public void Jitter_stays_within_what_is_said(int seed)
    {
        var random = new Random(seed);
        var (latency, jitter) = (random.Next(1, 200), random.Next(200));
        var world = new FaultWorld(seed, From(new() { Delay = new(TimeSpan.FromMilliseconds(latency), TimeSpan.FromMilliseconds(jitter), random.Next(100)) }));
        world.SendAll(100);
        world.Finish();
        world.Milliseconds.ShouldAllBe(at => at >= Math.Max(0, latency - jitter) && at <= latency + jitter);
    }

    [Property(MaxTest = 50)]
    public void No_more_goes_through_a_bandwidth_than_its_buffer_and_its_rate_since_then(int seed)
    {
        var random = new Random(seed);
        var (rate, buffer) = (random.Next(1_000, 200_000), random.Next(1_500, 20_000));
        var world = new FaultWorld(seed, From(new() { Bandwidth = new(rate, random.Next(1_000, 200_000), buffer) }));
        for (var i = 0; i < 200; i++)
        {
            world.Send(Datagram(i, size: random.Next(1_400)));
            if (random.Next(3) == 0) world.Advance(TimeSpan.FromTicks(random.Next(2_000_000)));
        }
        world.Finish();
        for (var from = 0; from < world.Carried.Count; from += 17)
        {
            var (start, bytes) = (world.Carried[from].At, 0L);
            foreach (var (at, packet) in world.Carried.Skip(from))
            {
                bytes += packet.Length;
                bytes.ShouldBeLessThanOrEqualTo(buffer + (long)Math.Ceiling((at - start + 1) / (double)TimeSpan.TicksPerSecond * rate) + 1);
            }
        }
    }

    [Property(MaxTest = 20)]
    public void One_seed_gives_one_run(int seed)
    {
        var effects = Mix(new Random(seed));
        Run().ShouldBe(Run());

        List<(long, int)> Run()
        {
            var world = new FaultWorld(seed, From(effects));
            world.SendAll(100, TimeSpan.FromMilliseconds(1));
            world.Finish();
            return [.. world.Carried.Select(carried => (carried.At, Number(carried.Packet)))];
        }
    }

    [Property(MaxTest = 40)]
    public void Tcp_delivers_exactly_the_bytes_under_any_mix_of_faults(int seed)
    {
        var random = new Random(seed);
        var world = new VirtualWorld(seed);
        var path = new FaultPath(world.Simulation.Random, new Delivery(world));
        var builder = new FaultTablesBuilder();
        builder.Set(new("there", Ends(Client), Ends(Server), FaultDirection.To, Mix(random)));
        builder.Set(new("back", Ends(Client), Ends(Server), FaultDirection.From, Mix(random)));
        path.Replace(builder.Build(Network.Tables.NetworkTables.Empty, true), 0);
        long Now() => world.Simulation.Clock.GetElapsedTime(0).Ticks;
        world.Moved = () => path.Release(Now());
        world.Carrier = packet => path.TryTake(new(Fate.DeliverToPod, Reason.LocalPod, packet), packet, Now()).ShouldBeTrue();
        // Whatever is lost, nobody gives up.
        var (client, server) = (world.Add(Client.ToString(), Patient), world.Add(Server.ToString(), Patient));
        var listener = server.ListenTcp(new(IpAddress.AnyV4, 80));
        var sent = new byte[random.Next(1, 30_000)];
        random.NextBytes(sent);
        world.Run(Task.WhenAll(SendAsync(), ReceiveAsync()), TimeSpan.FromHours(24));

        async Task SendAsync()
        {
            await using var connection = await client.ConnectTcpAsync(new(Server, 80));
            await connection.Output.WriteAsync(sent);
            await connection.Output.CompleteAsync();
            while (!(await connection.Input.ReadAsync()).IsCompleted) { }
        }

        async Task ReceiveAsync()
        {
            await using var connection = (await listener.AcceptAsync()).ShouldNotBeNull();
            var received = new List<byte>();
            while (true)
            {
                var read = await connection.Input.ReadAsync();
                foreach (var part in read.Buffer) received.AddRange(part.Span);
                connection.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
            received.ShouldBe(sent);
        }
    }

    private static Network.Stack.NetworkNamespaceOptions Patient(Network.Stack.NetworkNamespaceOptions options) => options with { SynRetries = 60, DataRetries = 60 };

    private static FaultEffects Mix(Random random) => new()
    {
        Delay = random.Next(2) == 0 ? null : new(TimeSpan.FromMilliseconds(random.Next(100)), TimeSpan.FromMilliseconds(random.Next(50)), random.Next(50), random.Next(2) == 0 ? null : new(new(random.Next(50)), random.Next(6))),
        Loss = random.Next(2) == 0 ? null : new(random.Next(10), random.Next(25)),
        Duplicate = random.Next(2) == 0 ? null : new(random.Next(30)),
        Corrupt = random.Next(2) == 0 ? null : new(random.Next(10)),
        Rate = random.Next(4) > 0 ? null : random.Next(20_000, 1_000_000),
        Bandwidth = random.Next(3) > 0 ? null : new(random.Next(20_000, 1_000_000), random.Next(5_000, 100_000), random.Next(1_500, 10_000)),
    };

    private sealed class Delivery(VirtualWorld world) : IFaultSink
    {
        void IFaultSink.Carry(Packet sent, in Verdict verdict) => world.Deliver(verdict.Packet);

        void IFaultSink.Lose(Packet sent, in Verdict verdict, string why)
        {
            // As on any wire: nobody is told.
        }
    }
}
