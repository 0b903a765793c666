using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.State;

public sealed class ClusterFolderTests
{
    [Fact]
    public void What_is_written_reads_back_the_control_plane_first_and_workers_by_number()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        var cluster = new ClusterRecord("one", 6443, [new PlannedProcess("control-plane", ProcessRole.ControlPlane, 20000, [], ["run", "control-plane"])], "/k");
        folder.Write(cluster);
        foreach (var name in (string[])["worker-10", "worker-2", "control-plane"]) folder.Write(Process(name));
        folder.ReadCluster()!.Processes.Single().Arguments.ShouldBe(["run", "control-plane"]);
        folder.ReadCluster()!.KubeconfigCopy.ShouldBe("/k");
        folder.ReadProcesses().Select(process => process.Name).ShouldBe(["control-plane", "worker-2", "worker-10"]);
        folder.Exists.ShouldBeTrue();
        new StateRoot(temporary.Path).Clusters().Single().Name.ShouldBe("one");
    }

    [Fact]
    public void What_a_process_wrote_about_itself_is_not_overwritten_by_its_parent()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        folder.Write(Process("worker-1") with { Serving = true });
        folder.WriteIfAbsent(Process("worker-1"));
        folder.ReadProcess("worker-1")!.Serving.ShouldBeTrue();
        folder.WriteIfAbsent(Process("worker-2"));
        folder.ReadProcesses().Count.ShouldBe(2);
    }

    [Fact]
    public void Only_the_owner_may_look_in()
    {
        if (OperatingSystem.IsWindows()) return;
        using var temporary = new TemporaryFolder();
        File.GetUnixFileMode(Made(temporary).Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_damaged_record_is_named()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        File.WriteAllText(folder.RecordOf("worker-1"), "{");
        Should.Throw<InvalidDataException>(() => folder.ReadProcess("worker-1")).Message.ShouldContain("worker-1.json");
    }

    [Fact]
    public void The_lock_has_one_holder_and_is_free_again_after_it()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        using (ClusterLock.TryTake(folder).ShouldNotBeNull())
        {
            ClusterLock.TryTake(folder).ShouldBeNull();
        }

        using var again = ClusterLock.TryTake(folder).ShouldNotBeNull();
    }

    [Fact]
    public void A_lock_whose_folder_was_removed_is_taken_anew()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        using var first = ClusterLock.TryTake(folder).ShouldNotBeNull();
        folder.Delete();
        using var second = ClusterLock.TryTake(folder).ShouldNotBeNull();
        Directory.Exists(folder.Path).ShouldBeTrue();
    }

    [Fact]
    public void A_process_does_not_start_for_a_cluster_that_is_gone()
    {
        using var temporary = new TemporaryFolder();
        var folder = new StateRoot(temporary.Path).Cluster("one");
        new Lifeline(folder, "worker-1", TimeProvider.System).Take().ShouldBeFalse();
        Directory.Exists(folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_process_learns_that_its_record_went_or_names_another()
    {
        using var temporary = new TemporaryFolder();
        var folder = Made(temporary);
        folder.Write(new ClusterRecord("one", 6443, [new PlannedProcess("worker-1", ProcessRole.Worker, 20001, ["worker-1"], [])]));
        var lifeline = new Lifeline(folder, "worker-1", TimeProvider.System);
        lifeline.Take().ShouldBeTrue();
        folder.ReadProcess("worker-1")!.Identity.ShouldBe(ProcessIdentity.Current);
        lifeline.MarkServing();
        folder.ReadProcess("worker-1")!.Serving.ShouldBeTrue();
        folder.Write(Process("worker-1"));
        await lifeline.CutAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        folder.RemoveProcess("worker-1");
        await lifeline.CutAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static ClusterFolder Made(TemporaryFolder temporary)
    {
        var folder = new StateRoot(temporary.Path).Cluster("one");
        folder.Create();
        return folder;
    }

    private static ProcessRecord Process(string name) =>
        new(name, name == "control-plane" ? ProcessRole.ControlPlane : ProcessRole.Worker, 1, "never", 20000, []);
}
