using System.Diagnostics;
using ActorCluster.Host.Options;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Tests.Processes;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void This_process_is_alive_and_a_pid_with_another_start_is_not_it()
    {
        ProcessIdentity.Current.IsAlive.ShouldBeTrue();
        var reused = ProcessIdentity.Current with { Started = "some other time" };
        reused.IsAlive.ShouldBeFalse();
        reused.Kill().ShouldBeFalse();
        reused.Terminate().ShouldBeFalse();
    }

    [Fact]
    public async Task A_killed_process_is_dead_even_before_anyone_reaps_it()
    {
        if (OperatingSystem.IsWindows()) return;
        using var temporary = new TemporaryFolder();
        // The shell's child is nobody's to wait for while the shell is busy: a zombie once it is killed.
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 1000 & echo $!; exec 1>&-; read line"]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        try
        {
            var child = ProcessIdentity.Of(int.Parse((await shell.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture)).ShouldNotBeNull();
            var folder = new StateRoot(temporary.Path).Cluster("one");
            folder.Create();
            folder.Write(new ProcessRecord("worker-1", ProcessRole.Worker, child.ProcessId, child.Started, 20001, []));
            var liveness = new RecordedLiveness(folder);
            liveness.IsDead(new ProcessEndpoint("127.0.0.1", 20001)).ShouldBeFalse();
            child.Kill().ShouldBeTrue();
            SpinWait.SpinUntil(() => !child.IsAlive, TimeSpan.FromSeconds(30)).ShouldBeTrue();
            liveness.IsDead(new ProcessEndpoint("127.0.0.1", 20001)).ShouldBeTrue();
            liveness.IsDead(new ProcessEndpoint("127.0.0.1", 20002)).ShouldBeFalse("nothing is known of it");
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task A_running_program_is_found_by_its_whole_arguments()
    {
        if (!OperatingSystem.IsLinux()) return;
        var mark = $"mark-{Guid.NewGuid()}";
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "echo up; read line; :", "run", mark]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        try
        {
            (await shell.StandardOutput.ReadLineAsync()).ShouldBe("up");
            RunningPrograms.WithArguments("run", mark).Single().ProcessId.ShouldBe(shell.Id);
            RunningPrograms.WithArguments(mark[..^1]).ShouldBeEmpty();
            RunningPrograms.WithArguments("worker", mark).ShouldBeEmpty();
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }
}
