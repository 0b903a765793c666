using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Launch;

public sealed class WorkerAdditionTests
{
    private static readonly ClusterFolder Folder = new("/state/default", "default");
    private readonly ClusterRecord _cluster = ClusterPlanner.Plan(
        new ClusterOptions { Workers = 2, Outside = ["api.example.com=127.0.0.1:8080"], Seed = 7 }, Folder, new PortAllocator(new RandomSource(1), []));

    [Fact]
    public void A_worker_that_is_added_is_told_what_the_others_were_and_everyone_is_told_of_it()
    {
        var (cluster, worker) = Plan(new AddedWorker(null));

        worker.Name.ShouldBe("worker-3");
        worker.Nodes.ShouldBe(["worker-3"]);
        string[] own = [$"--process={worker.Name}", $"--endpoint=127.0.0.1:{worker.Port}", $"--worker=127.0.0.1:{cluster.Processes[1].Port}", $"--worker=127.0.0.1:{cluster.Processes[2].Port}", "--node=worker-3", "--log=/state/default/logs/worker-3.log"];
        own.ShouldBeSubsetOf(worker.Arguments);
        string[] shared = ["--seed=7", "--timing=fast", "--outside=api.example.com=127.0.0.1:8080", $"--control-plane=127.0.0.1:{cluster.Processes[0].Port}"];
        shared.ShouldBeSubsetOf(worker.Arguments);
        cluster.Processes.SkipLast(1).ShouldAllBe(other => other.Arguments.Contains($"--worker=127.0.0.1:{worker.Port}"));
        WorkerAddition.Undo(cluster, worker).Processes.Select(process => string.Join(' ', process.Arguments)).ShouldBe(_cluster.Processes.Select(process => string.Join(' ', process.Arguments)));
    }

    [Fact]
    public void It_may_have_a_name_several_nodes_and_a_zone()
    {
        var (_, worker) = Plan(new AddedWorker("edge", 2, "zone-4"));

        worker.Nodes.ShouldBe(["edge-1", "edge-2"]);
        worker.Arguments.ShouldContain("--zone=edge-2=zone-4");
    }

    [Fact]
    public void What_cannot_be_is_told()
    {
        Should.Throw<ClusterCommandException>(() => Plan(new AddedWorker("worker-1"))).Message.ShouldContain("has a process 'worker-1' already");
        Should.Throw<OptionsInvalidException>(() => Plan(new AddedWorker("Edge", 0, "Zone"))).Errors.Count.ShouldBe(3);
        Should.Throw<OptionsInvalidException>(() => Plan(new AddedWorker("worker", 2))).Errors.ShouldHaveSingleItem().ShouldContain("worker-1");
        Should.Throw<ClusterCommandException>(() => WorkerAddition.Plan(_cluster with { WorkerArguments = null }, new AddedWorker(null), Folder, Ports())).Message.ShouldContain("inside one process");
    }

    private (ClusterRecord Cluster, PlannedProcess Worker) Plan(AddedWorker added) => WorkerAddition.Plan(_cluster, added, Folder, Ports());

    private static PortAllocator Ports() => new(new RandomSource(2), []);
}
