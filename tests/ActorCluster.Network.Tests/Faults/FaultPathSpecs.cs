using ActorCluster.Network.Addresses;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Packets;
using static ActorCluster.Network.Tests.Faults.FaultWorld;

namespace ActorCluster.Network.Tests.Faults;

public class FaultPathSpecs
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Only_packets_between_the_faults_ends_and_in_its_direction_are_touched()
    {
        var world = new FaultWorld(1, From(new() { Partition = true }));
        world.Send(Datagram(1, Client, Server)).ShouldBeTrue();
        world.Send(Datagram(2, Server, Client)).ShouldBeFalse();
        world.Send(Datagram(3, Other, Server)).ShouldBeFalse();
        world.Send(Datagram(4, Client, Other)).ShouldBeFalse();
        world.Lost.Select(Number).ShouldBe([1]);
        world.Notes.ShouldBe(["lost by f (partition)"]);
    }

    [Theory]
    [InlineData(FaultDirection.To, true, false)]
    [InlineData(FaultDirection.From, false, true)]
    [InlineData(FaultDirection.Both, true, true)]
    public void A_partition_may_be_one_way(FaultDirection direction, bool there, bool back)
    {
        var world = new FaultWorld(1, From(new() { Partition = true }, direction));
        world.Send(Datagram(1, Client, Server)).ShouldBe(there);
        world.Send(Datagram(2, Server, Client)).ShouldBe(back);
    }

    [Fact]
    public void A_packet_to_a_service_is_one_to_its_endpoint_and_to_its_address()
    {
        var toEndpoint = new FaultWorld(1, From(new() { Partition = true }));
        toEndpoint.Send(Datagram(1, Client, Service), receiver: Server).ShouldBeTrue();
        var toService = new FaultWorld(1, new Fault("f", Ends(Client), Ends(Service), FaultDirection.To, new() { Partition = true }));
        toService.Send(Datagram(1, Client, Service), receiver: Server).ShouldBeTrue();
        toService.Send(Datagram(1, Client, Server)).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_target_everything_that_the_source_sends_is_touched_but_what_it_sends_to_itself()
    {
        var world = new FaultWorld(1, new Fault("f", Ends(Client), FaultEnds.Anybody, FaultDirection.To, new() { Partition = true }));
        world.Send(Datagram(1, Client, IpAddress.Parse("192.0.2.1"))).ShouldBeTrue();
        world.Send(Datagram(2, Server, Client)).ShouldBeFalse();
        world.Send(Datagram(3, Client, Service), receiver: Client).ShouldBeFalse();
    }

    [Fact]
    public void A_latency_delays_each_packet_by_itself()
    {
        var world = new FaultWorld(1, From(new() { Delay = new(Tenth) }));
        world.SendAll(3, TimeSpan.FromMilliseconds(7));
        world.Finish();
        world.Milliseconds.ShouldBe([100, 107, 114]);
        world.Notes[0].ShouldBe("delayed 100 ms by f");
    }

    [Fact]
    public void Faults_come_one_after_the_other_and_partitions_first()
    {
        var world = new FaultWorld(1, From(new() { Delay = new(Tenth) }, name: "a"), From(new() { Delay = new(Tenth * 2) }, name: "b"));
        world.SendAll(1);
        world.Finish();
        world.Milliseconds.ShouldBe([300]);
        world.Replace(From(new() { Delay = new(Tenth) }, name: "a"), From(new() { Partition = true }, name: "b"));
        world.SendAll(1);
        world.Lost.Count.ShouldBe(1);
    }

    [Fact]
    public void Every_so_many_th_packet_overtakes_where_there_is_a_gap()
    {
        var world = new FaultWorld(1, From(new() { Delay = new(Tenth, Reorder: new(new(100), Gap: 3)) }));
        world.SendAll(6);
        world.Finish();
        world.Numbers.ShouldBe([2, 5, 0, 1, 3, 4]);
        world.Milliseconds.Take(2).ShouldBe([0, 0]);
    }

    [Fact]
    public void As_many_are_lost_as_is_said()
    {
        var world = new FaultWorld(1, From(new() { Loss = new(25) }));
        world.SendAll(10_000);
        world.Lost.Count.ShouldBeInRange(2_300, 2_700);
        (world.Lost.Count + world.Carried.Count).ShouldBe(10_000);
    }

    [Fact]
    public void Losses_that_depend_on_each_other_come_in_runs()
    {
        Runs(90).ShouldBeLessThan(Runs(0) / 2);

        static int Runs(double correlation)
        {
            var world = new FaultWorld(1, From(new() { Loss = new(50, correlation) }));
            world.SendAll(5_000);
            var numbers = world.Numbers.ToArray();
            return numbers.Zip(numbers.Skip(1)).Count(pair => pair.Second != pair.First + 1);
        }
    }

    [Fact]
    public void A_duplicate_follows_its_packet_and_is_not_duplicated_again()
    {
        var world = new FaultWorld(1, From(new() { Duplicate = new(100), Delay = new(Tenth) }));
        world.SendAll(2);
        world.Finish();
        world.Numbers.ShouldBe([0, 0, 1, 1]);
    }

    [Fact]
    public void A_damaged_packet_is_carried_on()
    {
        var world = new FaultWorld(1, From(new() { Corrupt = new(100) }));
        world.SendAll(1);
        world.Carried.ShouldHaveSingleItem().Packet.IsDamaged.ShouldBeTrue();
        world.Notes.ShouldBe(["damaged by f"]);
    }

    [Fact]
    public void A_bandwidth_lets_a_burst_through_at_once_then_so_much_a_second_and_loses_what_may_not_wait()
    {
        // 1000 bytes a packet (28 of them headers) at 10 a second, three at once, two may wait.
        var world = new FaultWorld(1, From(new() { Bandwidth = new(10_000, Limit: 2_000, Buffer: 3_000) }));
        world.SendAll(6, size: 972);
        world.Finish();
        world.Numbers.ShouldBe([0, 1, 2, 3, 4]);
        world.Milliseconds.ShouldBe([0, 0, 0, 100, 200]);
        world.Lost.Select(Number).ShouldBe([5]);
    }

    [Fact]
    public void A_peak_rate_spreads_the_burst()
    {
        var world = new FaultWorld(1, From(new() { Bandwidth = new(10_000, Limit: 10_000, Buffer: 3_000, PeakRate: 20_000, MinBurst: 1_000) }));
        world.SendAll(4, size: 972);
        world.Finish();
        world.Milliseconds.ShouldBe([0, 50, 100, 150]);
    }

    [Fact]
    public void Each_sender_has_a_wire_of_its_own()
    {
        var world = new FaultWorld(1, new Fault("f", Ends(Client, Other), Ends(Server), FaultDirection.To, new() { Bandwidth = new(1_000, Limit: 10_000, Buffer: 1_000) }));
        world.Send(Datagram(1, Client, size: 972));
        world.Send(Datagram(2, Other, size: 972));
        world.Milliseconds.ShouldBe([0, 0]);
    }

    [Fact]
    public void A_lines_rate_makes_each_packet_wait_for_those_before_it()
    {
        var world = new FaultWorld(1, From(new() { Rate = 10_000 }));
        world.SendAll(3, size: 972);
        world.Finish();
        world.Milliseconds.ShouldBe([100, 200, 300]);
    }

    [Fact]
    public void What_is_held_goes_on_in_its_order_when_the_fault_is_gone_and_then_nothing_is_left_to_do()
    {
        var world = new FaultWorld(1, From(new() { Hold = true }));
        world.SendAll(3, Tenth);
        world.Carried.ShouldBeEmpty();
        world.IsIdle.ShouldBeFalse();
        world.Replace();
        world.Numbers.ShouldBe([0, 1, 2]);
        world.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void What_one_fault_delayed_still_comes_to_the_next_when_the_first_is_gone()
    {
        var second = From(new() { Delay = new(Tenth) }, name: "b");
        var world = new FaultWorld(1, From(new() { Delay = new(TimeSpan.FromHours(1)) }, name: "a"), second);
        world.SendAll(1);
        world.Replace(second);
        world.Finish();
        world.Milliseconds.ShouldBe([100]);
    }

    [Fact]
    public void A_fault_that_stays_keeps_its_wires_when_others_come_and_go()
    {
        var bucket = From(new() { Bandwidth = new(1_000, Limit: 10_000, Buffer: 1_000) });
        var world = new FaultWorld(1, bucket);
        world.SendAll(1, size: 972);
        world.Replace(bucket, From(new() { Delay = new(Tenth) }, name: "other"));
        world.Replace(bucket);
        world.SendAll(1, size: 972);
        world.Finish();
        world.Milliseconds.ShouldBe([0, 1000]);
    }

    [Fact]
    public void Large_segments_are_cut_before_a_bandwidth_and_keep_their_bytes_and_flags()
    {
        var world = new FaultWorld(1, From(new() { Bandwidth = new(1_000_000, Limit: 100_000, Buffer: 1_500) }));
        var payload = Enumerable.Range(0, 5_000).Select(i => (byte)i).ToArray();
        world.Send(new TcpPacket(Client, Server, 1, 80, uint.MaxValue - 10, 7, TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin, 100, payload));
        world.Finish();
        var pieces = world.Carried.Select(carried => (TcpPacket)carried.Packet).ToArray();
        pieces.ShouldAllBe(piece => piece.Length <= 1_500);
        pieces.SelectMany(piece => piece.Payload.ToArray()).ShouldBe(payload);
        pieces.Select(piece => piece.Sequence - pieces[0].Sequence).ShouldBe([0u, 1460u, 2920u, 4380u]);
        pieces.Select(piece => piece.Flags.HasFlag(TcpFlags.Fin)).ShouldBe([false, false, false, true]);
    }
}
