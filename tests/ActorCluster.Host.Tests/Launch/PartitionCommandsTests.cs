using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Launch;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Launch;

/// <summary>On a cluster's folder in which this test's own process stands for one that runs and obeys.</summary>
public sealed class PartitionCommandsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _temporary = new();
    private ClusterFolder _folder = null!;
    private PartitionCommands _commands = null!;
    private LinkCutKeeper _keeper = null!;

    public Task InitializeAsync()
    {
        _folder = new ClusterFolder(_temporary.File("one"), "one");
        _folder.Create();
        _folder.Write(new ClusterRecord("one", 6443,
        [
            new PlannedProcess("control-plane", ProcessRole.ControlPlane, 20000, [], []),
            new PlannedProcess("worker-1", ProcessRole.Worker, 20001, ["worker-1-1"], []),
            new PlannedProcess("worker-2", ProcessRole.Worker, 20002, ["worker-2-1"], []),
        ]));
        var self = ProcessIdentity.Current;
        _folder.Write(new ProcessRecord("worker-1", ProcessRole.Worker, self.ProcessId, self.Started, 20001, []));
        _keeper = LinkCutKeeper.Start(_folder, "worker-1", SimulationContext.RealTime(1));
        _commands = new PartitionCommands(_folder, TimeProvider.System, new ClusterTurn(TimeProvider.System, _ => { }, CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _keeper.DisposeAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task A_worker_is_cut_off_from_the_control_plane_unless_others_are_named_and_obeys_before_the_command_returns()
    {
        (await PartitionAsync("worker-1")).ShouldBe(["control-plane"]);
        _keeper.Cuts.LosesSent("akka.tcp://actorcluster@127.0.0.1:20000").ShouldBeTrue();
        (await PartitionAsync("worker-1", "worker-2")).ShouldBe(["worker-2"]);
        _folder.ReadCuts("worker-1").Select(cut => cut.Process).ShouldBe(["control-plane", "worker-2"]);

        (await HealAsync("worker-1", "control-plane")).ShouldBe(["control-plane"]);
        _keeper.Cuts.LosesSent("akka.tcp://actorcluster@127.0.0.1:20000").ShouldBeFalse();
        (await HealAsync("worker-2")).ShouldBe(["worker-1"]); // whichever of the two is named
        _keeper.Cuts.LosesSent("akka.tcp://actorcluster@127.0.0.1:20002").ShouldBeFalse();
    }

    [Fact]
    public async Task What_cannot_be_is_told_and_changes_nothing()
    {
        await FailsAsync<ClusterNotFoundException>(() => PartitionAsync("worker-9"), "no process 'worker-9'", "It has control-plane, worker-1, worker-2");
        await FailsAsync<ClusterNotFoundException>(() => PartitionAsync("worker-1-1"), "worker-1 hosts it");
        await FailsAsync<ClusterNotFoundException>(() => PartitionAsync("worker-1", "worker-9"), "no process 'worker-9'");
        await FailsAsync<ClusterNotFoundException>(() => PartitionAsync("worker-2"), "worker-2 does not run");
        await FailsAsync<ClusterCommandException>(() => PartitionAsync("worker-1", "worker-1"), "can't be cut off from itself");
        await FailsAsync<ClusterCommandException>(() => HealAsync("worker-1"), "not cut off from anyone");
        _folder.ReadCuts("worker-1").ShouldBeEmpty();
        await PartitionAsync("worker-1");
        await FailsAsync<ClusterCommandException>(() => PartitionAsync("worker-1", "worker-2", "control-plane"), "cut off from control-plane already", "node heal worker-1");
        await FailsAsync<ClusterCommandException>(() => HealAsync("worker-1", "worker-2"), "not cut off from worker-2, but from control-plane");
        _folder.ReadCuts("worker-1").ShouldHaveSingleItem();
    }

    private Task<IReadOnlyList<string>> PartitionAsync(string process, params string[] others) => _commands.PartitionAsync(process, others, LinkLoss.Both, CancellationToken.None);

    private Task<IReadOnlyList<string>> HealAsync(string process, params string[] others) => _commands.HealAsync(process, others, CancellationToken.None);

    private static async Task FailsAsync<T>(Func<Task> act, params string[] says)
        where T : Exception
    {
        var error = await Should.ThrowAsync<T>(act);
        foreach (var part in says) error.Message.ShouldContain(part);
    }
}
