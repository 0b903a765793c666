using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

/// <summary>Actors' timers on the simulation's clock.</summary>
internal static class ClockTimers
{
    /// <summary>Sends the message once, unless the timer is disposed of before. Keep the timer: one that nobody refers to is collected and never fires.</summary>
    public static ITimer TellAfter(this TimeProvider clock, TimeSpan delay, IActorRef target, object message) => clock.CreateTimer(
        static state =>
        {
            var (receiver, text) = ((IActorRef, object))state!;
            receiver.Tell(text, ActorRefs.NoSender);
        },
        (target, message), delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
}
