using Akka.Actor;
using Akka.Remote;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>Heartbeats that don't come although nothing was closed.</summary>
public sealed class MissingHeartbeatsTests : MembershipSpec
{
    [Fact]
    public async Task A_process_whose_heartbeats_do_not_come_is_given_new_connections_until_they_do()
    {
        var ended = 0;
        Action<DisassociatedEvent> count = gone =>
        {
            if (gone.RemoteAddress.Equals(AddressOf(Two))) Interlocked.Increment(ref ended);
        };
        One.EventStream.Subscribe(One.ActorOf(Props.Create(() => new Teller<DisassociatedEvent>(count))), typeof(DisassociatedEvent));
        Cut(One);
        await EventuallyAsync(() => Unreachable(One).Contains(AddressOf(Two)));
        await EventuallyAsync(() => Volatile.Read(ref ended) > 0); // though nothing of it was closed by the cut

        Cuts.Replace([]);
        await EventuallyAsync(() => Unreachable(One).Count == 0 && Unreachable(Two).Count == 0);
    }
}
