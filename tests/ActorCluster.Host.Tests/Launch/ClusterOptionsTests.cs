using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Tests.Launch;

public sealed class ClusterOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => new ClusterOptions().Validate();

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new ClusterOptions { Name = "Not_A_Label", Workers = -1, NodesPerWorker = 0, Zones = -1, ApiPort = 70000, Timeout = TimeSpan.Zero };
        var errors = Should.Throw<OptionsInvalidException>(options.Validate).Errors;
        errors.Count.ShouldBe(6);
        foreach (var flag in (string[])["--name", "--workers", "--nodes-per-worker", "--zones", "--api-port", "--timeout"])
            errors.ShouldContain(error => error.Contains(flag, StringComparison.Ordinal));
    }

    [Fact]
    public void More_nodes_than_the_pod_network_has_subnets_are_refused() =>
        Should.Throw<OptionsInvalidException>(new ClusterOptions { Workers = 501, NodesPerWorker = 2 }.Validate).Errors.ShouldHaveSingleItem().ShouldContain("1002 nodes");

    [Fact]
    public void A_worker_with_one_node_lends_it_its_name_and_with_more_numbers_them()
    {
        new ClusterOptions { Workers = 2 }.WorkerNodes().SelectMany(worker => worker.Nodes).ShouldBe(["worker-1", "worker-2"]);
        new ClusterOptions { Workers = 2, NodesPerWorker = 2 }.WorkerNodes().SelectMany(worker => worker.Nodes)
            .ShouldBe(["worker-1-1", "worker-1-2", "worker-2-1", "worker-2-2"]);
    }

    [Theory]
    [InlineData(3, 1, 0, "")]
    [InlineData(3, 1, 1, "worker-1=zone-1 worker-2=zone-1 worker-3=zone-1")]
    [InlineData(3, 1, 2, "worker-1=zone-1 worker-2=zone-1 worker-3=zone-2")]
    [InlineData(2, 2, 2, "worker-1-1=zone-1 worker-1-2=zone-1 worker-2-1=zone-2 worker-2-2=zone-2")]
    [InlineData(1, 3, 3, "worker-1-1=zone-1 worker-1-2=zone-2 worker-1-3=zone-3")]
    public void Nodes_are_spread_over_the_zones_in_their_order(int workers, int nodes, int zones, string expected)
    {
        var options = new ClusterOptions { Workers = workers, NodesPerWorker = nodes, Zones = zones };
        options.Validate();
        string.Join(' ', options.NodeZones()).ShouldBe(expected);
    }

    [Fact]
    public void More_zones_than_nodes_are_refused() =>
        Should.Throw<OptionsInvalidException>(new ClusterOptions { Workers = 2, Zones = 3 }.Validate).Errors.ShouldHaveSingleItem().ShouldBe("--zones 3 are more than there are nodes: use at most 2.");
}
