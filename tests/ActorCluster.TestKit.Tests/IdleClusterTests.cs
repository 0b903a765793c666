using k8s.Models;

namespace ActorCluster.TestKit.Tests;

public class IdleClusterTests
{
    [Fact]
    public async Task An_hour_in_which_nothing_happens_is_little_more_than_its_heartbeats()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Nodes = 1, Seed = 1, ClusterDns = false });
        await cluster.Clock.AdvanceAsync(TimeSpan.FromHours(1));
        var (done, revision) = (cluster.Simulation.Loop!.Done, await LeaseRevisionAsync(cluster));
        await cluster.Clock.AdvanceAsync(TimeSpan.FromHours(1));
        // A lease every ten seconds, and the node's status every five minutes.
        (await LeaseRevisionAsync(cluster) - revision).ShouldBe(360 + 12);
        (cluster.Simulation.Loop.Done - done).ShouldBeLessThan(372 * 16);
    }

    private static async Task<long> LeaseRevisionAsync(TestCluster cluster) =>
        long.Parse((await cluster.Client.GetAsync<V1Lease>("kube-node-lease", "worker-1")).ShouldNotBeNull().Metadata.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);
}
