using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Tables;

namespace ActorCluster.Host.Membership;

/// <summary>
/// Watches the Akka cluster from one process: tells the process's other actors, as <see cref="ProcessReachabilityChanged"/> on the EventStream, who can
/// be reached, and removes the members whose process is known to be dead.
/// </summary>
/// <remarks>
/// <para>At /user/membership in every process; a restart reads the membership anew.</para>
/// <para>Why dead members are removed although unreachable ones never are: while any unreachable member remains, Akka can't agree to admit
/// the next process that restarts. A dead process can't come back into its old place, so that its removal is no verdict that a partition could prove wrong.</para>
/// <para>Where nobody knows who is dead (containers), a worker is taken for gone that has been out of reach for a while and that no Node object names as its process any more: whoever
/// deletes a node that is lost says that it won't come back. If it does, it must be started anew, as a kubelet whose Node was deleted. It is the workers that decide so, since a control plane that was
/// started anew is no member before it is decided; and as a worker's tables may be old, it asks the API first.</para>
/// <para>Why not before Akka's failure detector has marked them: a member that is down but not yet marked stays until it is, and keeps its successor on the
/// same address waiting, whereas one that is still up makes room at once when its successor asks to join.</para>
/// <para>A connection that ends is no loss yet: two processes may have two of them (each has called the other), and close one or both to begin anew, as
/// <see cref="CuttableTransport"/> has them do. So the process is called first: one that was killed refuses, or its system resets the call as soon as all sockets are gone.</para>
/// </remarks>
internal sealed class MembershipActor(IProcessLiveness liveness, TimeProvider clock, RememberedWorkers? memory, Func<Task<IReadOnlySet<string>>>? readProcesses) : UntypedActor, IWithTimers
{
    /// <summary>An unreachable process may die later than it became unreachable.</summary>
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>A worker that has just joined has no Node object yet; out of reach at that very time, it is not gone.</summary>
    private static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(20);

    /// <summary>For a new connection to come about and its first heartbeats to pass.</summary>
    private static readonly TimeSpan AnewInterval = TimeSpan.FromSeconds(10);

    /// <summary>For a process whose connection has ended to answer a call, and for the call to stand. A killed process's system refuses or resets it at once; a machine that is gone answers nothing.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly LinkCutsSetup? _connections = Context.System.Settings.Setup.Get<LinkCutsSetup>() is { HasValue: true } setup ? setup.Value : null;
    private readonly Dictionary<Address, long> _anew = [];
    private readonly Dictionary<Address, long> _suspects = [];
    private readonly HashSet<Address> _silent = [];

    /// <summary>
    /// Members that are down already. Such a one may be a killed process, whose successor at the same address answers, though Akka's failure detector doesn't look after it before it is a member:
    /// that it is silent says nothing. New connections it is given all the same, as who writes to whom by which may have got crossed.
    /// </summary>
    private readonly HashSet<Address> _leaving = [];
    private readonly HashSet<Address> _workers = [];
    private readonly Dictionary<Address, bool> _published = [];

    /// <summary>The last call to each process whose connection has ended or that was removed, unless it has been heard of since.</summary>
    private readonly Dictionary<Address, Call> _calls = [];

    private NetworkTables? _tables;
    private bool _reading;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="memory">Where to write down which workers are members; null: nowhere.</param>
    /// <param name="readProcesses">Asks the API for the Akka addresses of all processes that Node objects name; null: nobody is given up.</param>
    public static Props Props(IProcessLiveness liveness, TimeProvider clock, RememberedWorkers? memory = null, Func<Task<IReadOnlySet<string>>>? readProcesses = null) =>
        Akka.Actor.Props.Create(() => new MembershipActor(liveness, clock, memory, readProcesses));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
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
            case AssociatedEvent associated: OnAssociated(associated.RemoteAddress); break;
            case ClusterEvent.UnreachableMember unreachable: OnUnreachable(unreachable.Member); break;
            case DisassociatedEvent disassociated: OnDisconnected(disassociated.RemoteAddress); break;
            case AssociationErrorEvent failed: OnDisconnected(failed.RemoteAddress); break;
            case Called called: OnCalled(called); break;
            case ClusterEvent.MemberRemoved removed: OnRemoved(removed.Member); break;
            case ThisActorSystemQuarantinedEvent refused: OnRefused(refused.RemoteAddress); break;
            case ReplaceTables replace: _tables = replace.Tables; break;
            case Recheck: OnRecheck(); break;
            case ProcessesRead read: OnProcessesRead(read.Named); break;
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
        Clear(address);
        Publish(address, reachable: true);
    }

    private void OnUnreachable(Member member)
    {
        var address = member.Address;
        if (address.Equals(_cluster.SelfAddress)) return;
        if (member.Status == MemberStatus.Down) _leaving.Add(address);
        _suspects.TryAdd(address, clock.GetTimestamp());
        OnRecheck();
    }

    private void Clear(Address address)
    {
        _calls.Remove(address);
        _suspects.Remove(address);
        _silent.Remove(address);
        _leaving.Remove(address);
        _anew.Remove(address);
    }

    private void OnAssociated(Address address)
    {
        _calls.Remove(address);
        Publish(address, reachable: true);
    }

    private void OnDisconnected(Address address)
    {
        if (_connections?.Transport is not { } transport || !_published.GetValueOrDefault(address)) return;
        var call = _calls[address] = new Call();
        transport.AnswersAsync(address, AnswerTimeout).PipeTo(Self, success: answers => new Called(address, call, answers));
    }

    private void OnCalled(Called called)
    {
        if (_calls.GetValueOrDefault(called.Address) != called.Call) return;
        _calls.Remove(called.Address);
        if (!called.Answers) Publish(called.Address, reachable: false);
    }

    private static void OnRefused(Address address) => Context.GetLogger().Error(
        "{0} takes this process for one that was given up: its nodes were deleted while it was out of reach. End it and start it anew", address);

    private void OnRemoved(Member member)
    {
        var address = member.Address;
        if (_workers.Remove(address)) Remember();
        Clear(address);
        // It may be a killed process whose successor at the same address is about to join.
        OnDisconnected(address);
    }

    private void OnRecheck()
    {
        foreach (var (suspect, since) in _suspects.Where(suspect => liveness.IsDead(EndpointOf(suspect.Key))).ToList()) Remove(suspect, since);
        if (!_reading && readProcesses is not null && _suspects.Any(suspect => SeemsGivenUp(suspect.Key, suspect.Value)))
        {
            _reading = true;
            var log = Context.GetLogger();
            readProcesses().PipeTo(Self, success: named => new ProcessesRead(named), failure: fault =>
            {
                log.Info("The API could not be asked which processes it knows, so that none is given up yet: {0}", fault.Message);
                return new ProcessesRead(null);
            });
        }

        foreach (var suspect in _suspects.Keys.Order().ToList())
        {
            if (!_leaving.Contains(suspect)) ListenTo(suspect);
            BeginAnew(suspect);
        }

        if (_suspects.Count > 0) Timers.StartSingleTimer(Recheck.Instance, Recheck.Instance, RecheckInterval);
    }

    /// <param name="named">Null: the API can't be asked just now; the next look asks again.</param>
    private void OnProcessesRead(IReadOnlySet<string>? named)
    {
        _reading = false;
        // An API that doesn't know this process either has lost its data, and knows nothing of others.
        if (named?.Contains(_cluster.SelfAddress.ToString()) != true) return;
        foreach (var (suspect, since) in _suspects.Where(suspect => SeemsGivenUp(suspect.Key, suspect.Value) && !named.Contains(suspect.Key.ToString())).ToList()) Remove(suspect, since);
    }

    private void Remove(Address suspect, long since)
    {
        Clear(suspect);
        Publish(suspect, reachable: false);
        Context.GetLogger().Info("{0} is gone, silent for {1:F0} s; removing it from the Akka cluster", suspect, clock.GetElapsedTime(since).TotalSeconds);
        _cluster.Down(suspect);
    }

    private void ListenTo(Address suspect)
    {
        if (!IsSilentHere(suspect))
        {
            if (_silent.Remove(suspect)) Publish(suspect, reachable: true);
        }
        else if (_silent.Add(suspect))
        {
            Publish(suspect, reachable: false);
        }
    }

    /// <summary>A process whose heartbeats don't come is given new connections, now and then: those that there are may hang, or not be listened to.</summary>
    private void BeginAnew(Address suspect)
    {
        if (!_cluster.FailureDetector.IsMonitoring(suspect) || _cluster.FailureDetector.IsAvailable(suspect)) return;
        if (_anew.TryGetValue(suspect, out var last) && clock.GetElapsedTime(last) < AnewInterval) return;
        _anew[suspect] = clock.GetTimestamp();
        _connections?.Transport?.CloseAll(suspect.ToString(), "no heartbeats come from there");
    }

    /// <summary>By the tables, which may be old.</summary>
    private bool SeemsGivenUp(Address suspect, long since) =>
        _tables is { IsEmpty: false } tables && _workers.Contains(suspect) && clock.GetElapsedTime(since) >= GoneAfter
        && suspect.ToString() is var address && tables.Nodes.All(node => node.ProcessAddress != address);

    /// <summary>
    /// Akka calls a member unreachable when any other says so. Two workers that are cut off from each other are no matter of anybody else, so that it is our own detector that counts, if it
    /// looks after that member: each process looks after some of the others only.
    /// </summary>
    private bool IsSilentHere(Address address) => !_cluster.FailureDetector.IsMonitoring(address) || !_cluster.FailureDetector.IsAvailable(address);

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

    /// <summary>Compared by identity.</summary>
    private sealed class Call;

    private sealed record Called(Address Address, Call Call, bool Answers) : INoSerializationVerificationNeeded;

    private sealed record ProcessesRead(IReadOnlySet<string>? Named) : INoSerializationVerificationNeeded;

    private sealed class Recheck
    {
        public static readonly Recheck Instance = new();
    }
}
