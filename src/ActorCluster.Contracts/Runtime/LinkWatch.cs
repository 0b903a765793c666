using Akka.Actor;
using Akka.Remote;

namespace ActorCluster.Contracts.Runtime;

/// <summary>
/// For an actor with a partner in another process: a <see cref="LinkTick"/> each keepalive interval, the remoting's own news of lost
/// links, and how long ago the partner was heard. To be stopped in PostStop.
/// </summary>
internal sealed class LinkWatch
{
    private readonly IActorContext _context;
    private readonly IActorRef _self;
    private readonly TimeProvider _clock;
    private readonly List<ITimer> _timers = [];
    private readonly ICancelable _ticks;
    private long _lastHeard;

    public LinkWatch(IActorContext context, TimeProvider clock)
    {
        _context = context;
        _self = context.Self;
        _clock = clock;
        _lastHeard = clock.GetTimestamp();
        context.System.EventStream.Subscribe(_self, typeof(DisassociatedEvent));
        context.System.EventStream.Subscribe(_self, typeof(AssociationErrorEvent));
        _ticks = context.System.Scheduler.ScheduleTellRepeatedlyCancelable(LinkTimings.Keepalive, LinkTimings.Keepalive, _self, LinkTick.Instance, ActorRefs.NoSender);
    }

    public bool IsSilent => _clock.GetElapsedTime(_lastHeard) > LinkTimings.Silence;

    public void Heard() => _lastHeard = _clock.GetTimestamp();

    /// <summary>The actor gets the message once, after that time.</summary>
    public void TellAfter(TimeSpan delay, object message) =>
        _timers.Add(_clock.CreateTimer(_ => _self.Tell(message, ActorRefs.NoSender), null, delay, Timeout.InfiniteTimeSpan));

    /// <summary>Whether the message says that the link to that address is lost.</summary>
    public static bool IsLoss(AssociationEvent message, Address address) =>
        message is DisassociatedEvent or AssociationErrorEvent && message.RemoteAddress.Equals(address);

    public void Stop()
    {
        _ticks.Cancel();
        _timers.ForEach(static timer => timer.Dispose());
        _context.System.EventStream.Unsubscribe(_self);
    }
}

/// <summary>Time to say that one is alive, and to see who isn't.</summary>
internal sealed class LinkTick : INoSerializationVerificationNeeded
{
    public static readonly LinkTick Instance = new();

    private LinkTick()
    {
    }
}
