using ActorCluster.Host.Launch;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Launch;

/// <summary>On a cluster's folder in which this test's own process stands for those that run.</summary>
public sealed class ControlPlaneOutageTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_control_plane_that_runs_is_no_outage() => ControlPlaneOutage.Find(Cluster("one", "control-plane", "worker-1")).ShouldBeNull();

    [Fact]
    public void Without_its_control_plane_a_cluster_needs_that_started() =>
        ControlPlaneOutage.Find(Cluster("one", "worker-1")).ShouldBe(
            new ControlPlaneOutage("The control plane of cluster 'one' does not run, so its API does not answer. Start it: `actorcluster node start control-plane --name one`.", Runs: false));

    [Fact]
    public void Without_any_process_a_cluster_needs_all_of_them_and_the_default_one_no_name() =>
        ControlPlaneOutage.Find(Cluster(ClusterOptions.DefaultName))!.Message.ShouldBe("None of the processes of cluster 'default' runs. Start them again: `actorcluster node start all`.");

    [Fact]
    public void What_was_one_process_can_only_be_removed() =>
        ControlPlaneOutage.Find(Cluster("one", workerArguments: null))!.Message.ShouldContain("`actorcluster down --name one`");

    [Fact]
    public void A_control_plane_that_runs_and_does_not_answer_is_still_starting_or_its_log_tells_why()
    {
        ControlPlaneOutage.Explain(Cluster("one", "control-plane"), "refused").Message.ShouldContain("is still starting: its API does not answer yet (refused)");
        var folder = Cluster("two", "control-plane");
        folder.Write(folder.ReadProcess("control-plane")! with { Serving = true });
        var outage = ControlPlaneOutage.Explain(folder, "refused");
        outage.Message.ShouldContain("`actorcluster logs control-plane --name two`");
        outage.Runs.ShouldBeTrue();
    }

    private ClusterFolder Cluster(string name, params IReadOnlyList<string> running) => Cluster(name, [], running);

    private ClusterFolder Cluster(string name, IReadOnlyList<string>? workerArguments, params IReadOnlyList<string> running)
    {
        var folder = new ClusterFolder(_temporary.File(name), name);
        folder.Create();
        folder.Write(new ClusterRecord(name, 6443,
        [
            new PlannedProcess("control-plane", ProcessRole.ControlPlane, 20000, [], []),
            new PlannedProcess("worker-1", ProcessRole.Worker, 20001, ["worker-1"], []),
        ], WorkerArguments: workerArguments));
        var self = ProcessIdentity.Current;
        foreach (var process in running)
            folder.Write(new ProcessRecord(process, process == "control-plane" ? ProcessRole.ControlPlane : ProcessRole.Worker, self.ProcessId, self.Started, 20000, []));
        return folder;
    }
}
