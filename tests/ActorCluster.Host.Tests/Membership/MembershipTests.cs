using System.Collections.Concurrent;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>Connections that end, and processes that do.</summary>
public sealed class MembershipTests : MembershipSpec
{
    [Fact]
    public async Task Connections_that_end_are_no_loss_of_a_process_that_answers()
    {
        var events = new ConcurrentQueue<AssociationEvent>();
        Action<AssociationEvent> record = change =>
        {
            if (change.RemoteAddress.Equals(AddressOf(Two))) events.Enqueue(change);
        };
        var teller = ControlPlane.ActorOf(Props.Create(() => new Teller<AssociationEvent>(record)));
        ControlPlane.EventStream.Subscribe(teller, typeof(AssociatedEvent));
        ControlPlane.EventStream.Subscribe(teller, typeof(DisassociatedEvent));

        Connections[ControlPlane].Transport!.CloseAll(AddressOf(Two).ToString(), "a test closes them");

        await EventuallyAsync(() => events.SkipWhile(change => change is not DisassociatedEvent).Any(change => change is AssociatedEvent));
        Seen.ShouldAllBe(change => change.Reachable);
    }

    [Fact]
    public async Task A_process_whose_connections_end_and_that_does_not_answer_is_lost_before_any_heartbeat_is_missed()
    {
        await Connections[Two].Transport!.Shutdown(); // closes its connections and what it listens on, as the system does for a process that is killed

        await EventuallyAsync(() => Seen.Contains(new ProcessReachabilityChanged(AddressOf(Two).ToString(), false)));
        Cluster.Get(ControlPlane).FailureDetector.IsAvailable(AddressOf(Two)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_killed_process_that_is_started_again_is_not_lost_when_its_predecessor_is_removed_from_the_membership()
    {
        var address = AddressOf(Two);
        await Connections[Two].Transport!.Shutdown();
        await EventuallyAsync(() => Seen.Contains(new ProcessReachabilityChanged(address.ToString(), false)));

        var successor = Start(WellKnown.WorkerRole, new LinkCuts(), address.Port!.Value).System;
        Cluster.Get(successor).Join(AddressOf(ControlPlane));
        await EventuallyAsync(() => Members(ControlPlane).Any(member => member.UniqueAddress.Equals(Cluster.Get(successor).SelfUniqueAddress) && member.Status == MemberStatus.Up));

        Seen.Where(change => change.Address == address.ToString()).Select(change => change.Reachable).ShouldBe([true, false, true]);
    }
}
