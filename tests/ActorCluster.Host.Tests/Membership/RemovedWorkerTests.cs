using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Host.Tests.Membership;

/// <summary>What makes an unreachable worker no member any more.</summary>
public sealed class RemovedWorkerTests : MembershipSpec
{
    private volatile IReadOnlySet<string> _named = ImmutableHashSet<string>.Empty;
    private int _reads;

    [Fact]
    public async Task A_worker_out_of_reach_is_removed_once_no_node_names_it_any_more_and_not_before()
    {
        Cut(ControlPlane, One);
        await EventuallyAsync(() => Unreachable(One).Contains(AddressOf(Two)));
        _named = Addresses(One, Two);
        MembershipOfOne.Tell(new ReplaceTables(Tables(One, Two)));
        Clock.Advance(TimeSpan.FromMinutes(5));
        await EventuallyAsync(() => Seen.Contains(new ProcessReachabilityChanged(AddressOf(Two).ToString(), false)));
        Members(One).ShouldContain(member => member.Address == AddressOf(Two));

        // The tables alone don't decide: they may be of a time before the node came. Nor does an API that knows nobody.
        MembershipOfOne.Tell(new ReplaceTables(Tables(One)));
        await AskedTwiceAsync();
        _named = Addresses();
        await AskedTwiceAsync();
        Members(One).ShouldContain(member => member.Address == AddressOf(Two));

        _named = Addresses(One);

        await EventuallyAsync(() => Members(ControlPlane).All(member => member.Address != AddressOf(Two)));
        Members(ControlPlane).Count.ShouldBe(2);
    }

    private protected override Task<IReadOnlySet<string>> ReadProcessesAsync()
    {
        var named = _named;
        Interlocked.Increment(ref _reads);
        return Task.FromResult(named);
    }

    /// <summary>The answer to the first of two further questions has been dealt with when the second comes.</summary>
    private async Task AskedTwiceAsync()
    {
        var before = Volatile.Read(ref _reads);
        await EventuallyAsync(() => Volatile.Read(ref _reads) >= before + 2);
    }

    private static ImmutableHashSet<string> Addresses(params ActorSystem[] hosts) => [.. hosts.Select(host => AddressOf(host).ToString())];

    private static NetworkTables Tables(params ActorSystem[] hosts)
    {
        var tables = NetworkTables.Empty;
        for (var i = 0; i < hosts.Length; i++)
            tables = tables.WithNode(new NodeRoute($"node-{i}", [IpAddress.Parse($"172.18.0.{i + 2}")], AddressOf(hosts[i]).ToString(), [IpNetwork.Parse($"10.244.{i}.0/24")]));
        return tables;
    }
}
