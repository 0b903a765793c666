using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Tables;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>A control plane and two workers as real members of one Akka cluster, the second worker cut off from some of the others.</summary>
public sealed class MembershipTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly FakeTimeProvider _clock = new();
    private readonly LinkCuts _cuts = new();
    private readonly ConcurrentQueue<ProcessReachabilityChanged> _seen = new();
    private readonly Dictionary<ActorSystem, LinkCutsSetup> _connections = [];
    private ActorSystem _controlPlane = null!;
    private ActorSystem _one = null!;
    private ActorSystem _two = null!;
    private ActorSystem? _successor;
    private IActorRef _membershipOfOne = null!;
    private volatile IReadOnlySet<string> _named = ImmutableHashSet<string>.Empty;
    private int _reads;

    public async Task InitializeAsync()
    {
        (_controlPlane, _) = Start(WellKnown.ControlPlaneRole, new LinkCuts());
        (_one, _membershipOfOne) = Start(WellKnown.WorkerRole, new LinkCuts());
        (_two, _) = Start(WellKnown.WorkerRole, _cuts);
        var queue = _seen;
        _controlPlane.EventStream.Subscribe(_controlPlane.ActorOf(Props.Create(() => new Recorder(queue))), typeof(ProcessReachabilityChanged));
        foreach (var system in (ActorSystem[])[_controlPlane, _one, _two]) Cluster.Get(system).Join(AddressOf(_controlPlane));
        await EventuallyAsync(() => Members(_controlPlane).Count(member => member.Status == MemberStatus.Up) == 3);
    }

    public Task DisposeAsync() => Task.WhenAll(new[] { _successor, _two, _one, _controlPlane }.OfType<ActorSystem>().Select(system => system.Terminate()));

    [Fact]
    public async Task A_worker_out_of_reach_is_removed_once_no_node_names_it_any_more_and_not_before()
    {
        Cut(_controlPlane, _one);
        await EventuallyAsync(() => Unreachable(_one).Contains(AddressOf(_two)));
        _named = Addresses(_one, _two);
        _membershipOfOne.Tell(new ReplaceTables(Tables(_one, _two)));
        _clock.Advance(TimeSpan.FromMinutes(5));
        await EventuallyAsync(() => _seen.Contains(new ProcessReachabilityChanged(AddressOf(_two).ToString(), false)));
        Members(_one).ShouldContain(member => member.Address == AddressOf(_two));

        // The tables alone don't decide: they may be of a time before the node came. Nor does an API that knows nobody.
        _membershipOfOne.Tell(new ReplaceTables(Tables(_one)));
        await AskedTwiceAsync();
        _named = Addresses();
        await AskedTwiceAsync();
        Members(_one).ShouldContain(member => member.Address == AddressOf(_two));

        _named = Addresses(_one);

        await EventuallyAsync(() => Members(_controlPlane).All(member => member.Address != AddressOf(_two)));
        Members(_controlPlane).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_workers_that_are_cut_off_from_each_other_stay_reachable_for_the_control_plane()
    {
        Cut(_one);
        // Akka's union of opinions has come round.
        await EventuallyAsync(() => Unreachable(_controlPlane).Count == 2);
        _cuts.Replace([]);
        await EventuallyAsync(() => Unreachable(_controlPlane).Count == 0);

        _seen.ShouldAllBe(change => change.Reachable);
    }

    [Fact]
    public async Task Connections_that_end_are_no_loss_of_a_process_that_answers()
    {
        var events = new ConcurrentQueue<AssociationEvent>();
        Action<AssociationEvent> record = change =>
        {
            if (change.RemoteAddress.Equals(AddressOf(_two))) events.Enqueue(change);
        };
        var teller = _controlPlane.ActorOf(Props.Create(() => new Teller<AssociationEvent>(record)));
        _controlPlane.EventStream.Subscribe(teller, typeof(AssociatedEvent));
        _controlPlane.EventStream.Subscribe(teller, typeof(DisassociatedEvent));

        _connections[_controlPlane].Transport!.CloseAll(AddressOf(_two).ToString(), "a test closes them");

        await EventuallyAsync(() => events.SkipWhile(change => change is not DisassociatedEvent).Any(change => change is AssociatedEvent));
        _seen.ShouldAllBe(change => change.Reachable);
    }

    [Fact]
    public async Task A_process_whose_connections_end_and_that_does_not_answer_is_lost_before_any_heartbeat_is_missed()
    {
        await _connections[_two].Transport!.Shutdown(); // closes its connections and what it listens on, as the system does for a process that is killed

        await EventuallyAsync(() => _seen.Contains(new ProcessReachabilityChanged(AddressOf(_two).ToString(), false)));
        Cluster.Get(_controlPlane).FailureDetector.IsAvailable(AddressOf(_two)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_killed_process_that_is_started_again_is_not_lost_when_its_predecessor_is_removed_from_the_membership()
    {
        var address = AddressOf(_two);
        await _connections[_two].Transport!.Shutdown();
        await EventuallyAsync(() => _seen.Contains(new ProcessReachabilityChanged(address.ToString(), false)));

        (_successor, _) = Start(WellKnown.WorkerRole, new LinkCuts(), address.Port!.Value);
        Cluster.Get(_successor).Join(AddressOf(_controlPlane));
        await EventuallyAsync(() => Members(_controlPlane).Any(member => member.UniqueAddress.Equals(Cluster.Get(_successor).SelfUniqueAddress) && member.Status == MemberStatus.Up));

        _seen.Where(change => change.Address == address.ToString()).Select(change => change.Reachable).ShouldBe([true, false, true]);
    }

    /// <summary>The answer to the first of two further questions has been dealt with when the second comes.</summary>
    private async Task AskedTwiceAsync()
    {
        var before = Volatile.Read(ref _reads);
        await EventuallyAsync(() => Volatile.Read(ref _reads) >= before + 2);
    }

    private Task<IReadOnlySet<string>> ReadProcessesAsync()
    {
        var named = _named;
        Interlocked.Increment(ref _reads);
        return Task.FromResult(named);
    }

    private static ImmutableHashSet<string> Addresses(params ActorSystem[] hosts) => [.. hosts.Select(host => AddressOf(host).ToString())];

    [Fact]
    public async Task A_process_whose_heartbeats_do_not_come_is_given_new_connections_until_they_do()
    {
        var ended = 0;
        Action<DisassociatedEvent> count = gone =>
        {
            if (gone.RemoteAddress.Equals(AddressOf(_two))) Interlocked.Increment(ref ended);
        };
        _one.EventStream.Subscribe(_one.ActorOf(Props.Create(() => new Teller<DisassociatedEvent>(count))), typeof(DisassociatedEvent));
        Cut(_one);
        await EventuallyAsync(() => Unreachable(_one).Contains(AddressOf(_two)));
        await EventuallyAsync(() => Volatile.Read(ref ended) > 0); // though nothing of it was closed by the cut

        _cuts.Replace([]);
        await EventuallyAsync(() => Unreachable(_one).Count == 0 && Unreachable(_two).Count == 0);
    }

    private void Cut(params ActorSystem[] others) => _cuts.Replace(others.ToImmutableDictionary(other => AddressOf(other).ToString(), _ => LinkLoss.Both));

    private (ActorSystem System, IActorRef Membership) Start(string role, LinkCuts cuts, int? port = null)
    {
        var config = AkkaConfiguration.Clustered(new NetworkBinding(new ProcessEndpoint("127.0.0.1", port ?? CuttableTransportTests.FreePort())), role, ClusterFormation.WorkerSeedInterval);
        var connections = new LinkCutsSetup(cuts, TimeProvider.System);
        var system = ClusterProcess.CreateSystem(config, ProcessLog.None, connections);
        _connections[system] = connections;
        return (system, system.ActorOf(MembershipActor.Props(new UnknownLiveness(), _clock, readProcesses: ReadProcessesAsync), "membership"));
    }

    private static NetworkTables Tables(params ActorSystem[] hosts)
    {
        var tables = NetworkTables.Empty;
        for (var i = 0; i < hosts.Length; i++)
            tables = tables.WithNode(new NodeRoute($"node-{i}", [IpAddress.Parse($"172.18.0.{i + 2}")], AddressOf(hosts[i]).ToString(), [IpNetwork.Parse($"10.244.{i}.0/24")]));
        return tables;
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds()) await Task.Delay(Interval, patience.Token);
    }

    private static ImmutableSortedSet<Member> Members(ActorSystem system) => Cluster.Get(system).State.Members;

    private static IReadOnlyCollection<Address> Unreachable(ActorSystem system) => [.. Cluster.Get(system).State.Unreachable.Select(member => member.Address)];

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private sealed class Teller<T>(Action<T> tell) : UntypedActor
    {
        protected override void OnReceive(object message) => tell((T)message);
    }

    private sealed class Recorder(ConcurrentQueue<ProcessReachabilityChanged> seen) : UntypedActor
    {
        protected override void OnReceive(object message) => seen.Enqueue((ProcessReachabilityChanged)message);
    }
}
