using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Membership;

/// <summary>
/// Watches the Akka cluster from one process: tells the process's other actors, as <see cref="ProcessReachabilityChanged"/> on the EventStream, who can
/// be reached, and removes the members whose process is known to be dead.
/// </summary>
/// <remarks>
/// <para>At /user/membership in every process; a restart reads the membership anew.</para>
/// <para>Why dead members are removed although unreachable ones never are: while any unreachable member remains, Akka can't agree to admit
/// the next process that restarts. A dead process can't come back into its old place, so that its removal is no verdict that a partition could prove wrong.</para>
/// <para>Why not before Akka's failure detector has marked them: a member that is down but not yet marked stays until it is, and keeps its successor on the
/// same address waiting, whereas one that is still up makes room at once when its successor asks to join.</para>
/// </remarks>
internal sealed class MembershipActor(IProcessLiveness liveness, RememberedWorkers? memory) : UntypedActor, IWithTimers
{
    /// <summary>An unreachable process may die later than it became unreachable.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(500);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly HashSet<Address> _suspects = [];
    private readonly HashSet<Address> _workers = [];
    private readonly Dictionary<Address, bool> _published = [];

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="memory">Where to write down which workers are members; null: nowhere.</param>
    public static Props Props(IProcessLiveness liveness, RememberedWorkers? memory = null) => Akka.Actor.Props.Create(() => new MembershipActor(liveness, memory));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberUp up: OnUp(up.Member); break;
            case ClusterEvent.MemberWeaklyUp up: OnUp(up.Member); break;
            case ClusterEvent.ReachableMember reachable: OnReachable(reachable.Member.Address); break;
            case AssociatedEvent associated: OnReachable(associated.RemoteAddress); break;
            case ClusterEvent.UnreachableMember unreachable: OnUnreachable(unreachable.Member.Address); break;
            case DisassociatedEvent disassociated: OnDisassociated(disassociated.RemoteAddress); break;
            case ClusterEvent.MemberRemoved removed: OnRemoved(removed.Member); break;
            case Recheck: OnRecheck(); break;
            case ClusterEvent.IMemberEvent: break; // joining, leaving, exiting, downed: steps on the way to one of the above
            default: Unhandled(message); break;
        }
    }

    private void OnUp(Member member)
    {
        if (member.HasRole(WellKnown.WorkerRole) && _workers.Add(member.Address)) Remember();
        OnReachable(member.Address);
    }

    private void OnReachable(Address address)
    {
        _suspects.Remove(address);
        Publish(address, reachable: true);
    }

    private void OnUnreachable(Address address)
    {
        Publish(address, reachable: false);
        _suspects.Add(address);
        OnRecheck();
    }

    private void OnDisassociated(Address address)
    {
        if (!address.Equals(_cluster.SelfAddress)) Publish(address, reachable: false);
    }

    private void OnRemoved(Member member)
    {
        var address = member.Address;
        if (_workers.Remove(address)) Remember();
        _suspects.Remove(address);
        if (!address.Equals(_cluster.SelfAddress)) Publish(address, reachable: false);
    }

    private void OnRecheck()
    {
        foreach (var suspect in _suspects.Where(suspect => liveness.IsDead(EndpointOf(suspect))).ToList())
        {
            _suspects.Remove(suspect);
            Context.GetLogger().Info("{0} is dead; removing it from the Akka cluster", suspect);
            _cluster.Down(suspect);
        }

        if (_suspects.Count > 0) Timers.StartSingleTimer(Recheck.Instance, Recheck.Instance, RecheckInterval);
    }

    private void Remember()
    {
        try
        {
            memory?.Write(_workers.Select(EndpointOf));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Context.GetLogger().Error(e, "The members could not be written down; a control plane that is started anew may not find them");
        }
    }

    private void Publish(Address address, bool reachable)
    {
        if (_published.TryGetValue(address, out var known) && known == reachable) return;
        _published[address] = reachable;
        Context.GetLogger().Info(reachable ? "{0} is reachable" : "{0} is not reachable", address);
        Context.System.EventStream.Publish(new ProcessReachabilityChanged(address.ToString(), reachable));
    }

    private static ProcessEndpoint EndpointOf(Address address) => new(address.Host, address.Port ?? 0);

    private sealed class Recheck
    {
        public static readonly Recheck Instance = new();
    }
}
