using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Membership;
using ActorCluster.Host.Options;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>A control plane and two workers as real members of one Akka cluster, the second worker cut off from some of the others.</summary>
public abstract class MembershipSpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private protected FakeTimeProvider Clock { get; } = new();

    /// <summary>Of the second worker.</summary>
    private protected LinkCuts Cuts { get; } = new();

    /// <summary>By the control plane.</summary>
    private protected ConcurrentQueue<ProcessReachabilityChanged> Seen { get; } = new();

    private protected Dictionary<ActorSystem, LinkCutsSetup> Connections { get; } = [];

    protected ActorSystem ControlPlane { get; private set; } = null!;

    protected ActorSystem One { get; private set; } = null!;

    protected ActorSystem Two { get; private set; } = null!;

    protected IActorRef MembershipOfOne { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ControlPlane = Start(WellKnown.ControlPlaneRole, new LinkCuts()).System;
        (One, MembershipOfOne) = Start(WellKnown.WorkerRole, new LinkCuts());
        Two = Start(WellKnown.WorkerRole, Cuts).System;
        var queue = Seen;
        ControlPlane.EventStream.Subscribe(ControlPlane.ActorOf(Props.Create(() => new Recorder(queue))), typeof(ProcessReachabilityChanged));
        foreach (var system in (ActorSystem[])[ControlPlane, One, Two]) Cluster.Get(system).Join(AddressOf(ControlPlane));
        await EventuallyAsync(() => Members(ControlPlane).Count(member => member.Status == MemberStatus.Up) == 3);
    }

    public Task DisposeAsync() => Task.WhenAll(Connections.Keys.Reverse().Select(system => system.Terminate()));

    /// <summary>What the API says when it is asked for the nodes' processes.</summary>
    private protected virtual Task<IReadOnlySet<string>> ReadProcessesAsync() => Task.FromResult<IReadOnlySet<string>>(ImmutableHashSet<string>.Empty);

    private protected void Cut(params ActorSystem[] others) => Cuts.Replace(others.ToImmutableDictionary(other => AddressOf(other).ToString(), _ => LinkLoss.Both));

    private protected (ActorSystem System, IActorRef Membership) Start(string role, LinkCuts cuts, int? port = null)
    {
        var config = AkkaConfiguration.Clustered(new NetworkBinding(new ProcessEndpoint("127.0.0.1", port ?? CuttableTransportTests.FreePort())), role, ClusterFormation.WorkerSeedInterval);
        var connections = new LinkCutsSetup(cuts, TimeProvider.System);
        var system = ClusterProcess.CreateSystem(config, ProcessLog.None, connections);
        Connections[system] = connections;
        return (system, system.ActorOf(MembershipActor.Props(new UnknownLiveness(), Clock, readProcesses: ReadProcessesAsync), "membership"));
    }

    private protected static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds()) await Task.Delay(Interval, patience.Token);
    }

    private protected static ImmutableSortedSet<Member> Members(ActorSystem system) => Cluster.Get(system).State.Members;

    private protected static IReadOnlyCollection<Address> Unreachable(ActorSystem system) => [.. Cluster.Get(system).State.Unreachable.Select(member => member.Address)];

    private protected static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private protected sealed class Teller<T>(Action<T> tell) : UntypedActor
    {
        protected override void OnReceive(object message) => tell((T)message);
    }

    private sealed class Recorder(ConcurrentQueue<ProcessReachabilityChanged> seen) : UntypedActor
    {
        protected override void OnReceive(object message) => seen.Enqueue((ProcessReachabilityChanged)message);
    }
}
