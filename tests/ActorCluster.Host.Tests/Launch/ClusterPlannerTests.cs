using System.Net;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Launch;

public sealed class ClusterPlannerTests
{
    private static readonly ClusterFolder Folder = new("/state/default", "default");

    [Fact]
    public void Every_process_gets_a_port_of_its_own_and_knows_the_others()
    {
        var cluster = ClusterPlanner.Plan(new ClusterOptions { Workers = 3, NodesPerWorker = 2 }, Folder, new PortAllocator(new RandomSource(1), []));
        cluster.Processes.Select(process => process.Name).ShouldBe(["control-plane", "worker-1", "worker-2", "worker-3"]);
        cluster.Processes.Select(process => process.Port).Append(cluster.ApiPort).Distinct().Count().ShouldBe(5);
        var controlPlane = cluster.Processes[0];
        var worker = cluster.Processes[2];
        worker.Nodes.ShouldBe(["worker-2-1", "worker-2-2"]);
        worker.Arguments.ShouldContain($"--control-plane=127.0.0.1:{controlPlane.Port}");
        worker.Arguments.ShouldContain($"--endpoint=127.0.0.1:{worker.Port}");
        worker.Arguments.ShouldContain("--node=worker-2-1");
        worker.Arguments.ShouldContain($"--worker=127.0.0.1:{cluster.Processes[1].Port}");
        worker.Arguments.ShouldNotContain($"--worker=127.0.0.1:{worker.Port}");
        controlPlane.Arguments.ShouldContain($"--worker=127.0.0.1:{worker.Port}");
        RunArguments.LogFileOf(worker.Arguments).ShouldBe("/state/default/logs/worker-2.log");
    }

    [Fact]
    public void A_worker_is_told_the_zones_of_its_own_nodes()
    {
        var cluster = ClusterPlanner.Plan(new ClusterOptions { Workers = 2, NodesPerWorker = 2, Zones = 4 }, Folder, new PortAllocator(new RandomSource(1), []));
        cluster.Processes[2].Arguments.Where(argument => argument.StartsWith("--zone=", StringComparison.Ordinal)).ShouldBe(["--zone=worker-2-1=zone-3", "--zone=worker-2-2=zone-4"]);
        cluster.Processes[0].Arguments.ShouldNotContain(argument => argument.StartsWith("--zone=", StringComparison.Ordinal));
    }

    [Fact]
    public void Clusters_that_are_planned_at_the_same_time_by_chance_with_the_same_numbers_get_different_ports()
    {
        var (ports, others) = (new PortAllocator(new RandomSource(20), []), new PortAllocator(new RandomSource(20), []));

        Enumerable.Range(0, 5).Select(_ => ports.Next()).ShouldNotContain(port => port >= 30000);
        Enumerable.Range(0, 5).Select(_ => ports.Next()).Intersect(Enumerable.Range(0, 5).Select(_ => others.Next())).ShouldBeEmpty();
    }

    [Fact]
    public void Ports_that_others_count_on_are_left_alone()
    {
        var reserved = Enumerable.Range(20000, 12768).Where(port => port % 64 != 0).ToList();
        var ports = new PortAllocator(new RandomSource(1), reserved);
        for (var i = 0; i < 20; i++) (ports.Next() % 64).ShouldBe(0);
    }

    [Fact]
    public void A_taken_api_port_is_told_with_what_to_do()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var error = Should.Throw<ClusterCommandException>(() =>
            ClusterPlanner.Plan(new ClusterOptions { ApiPort = port }, Folder, new PortAllocator(new RandomSource(1), [])));
        error.Message.ShouldContain($"Port {port}");
        error.Message.ShouldContain("--api-port");
    }

    [Fact]
    public void Data_that_the_user_keeps_has_its_certificates_beside_it()
    {
        var cluster = ClusterPlanner.Plan(new ClusterOptions { DataFolder = "/kept" }, Folder, new PortAllocator(new RandomSource(1), []));
        cluster.Processes[0].Arguments.ShouldContain("--data=/kept");
        cluster.Processes[0].Arguments.ShouldContain("--pki=/kept/pki");
    }
}
