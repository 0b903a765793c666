using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tests.Runtime;

namespace ActorCluster.Containers.Tests.Tools;

/// <summary>Tools that go on until they are stopped.</summary>
public sealed class FollowTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Tail_follows_a_file_that_grows_shrinks_and_is_replaced()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", "echo one > /tmp/f; exec tail -F /tmp/f"]);
        var output = new Collector();
        var process = sandbox.Container.Start(new(null, output, new Collector()));
        await output.UntilContainsAsync("one\n");
        await sandbox.ExecAsync("sh", "-c", "echo two >> /tmp/f");
        await output.UntilContainsAsync("two\n");
        await sandbox.ExecAsync("sh", "-c", "echo three > /tmp/g; mv /tmp/g /tmp/f");
        await output.UntilContainsAsync("three\n");
        sandbox.Container.Signal(Signals.Kill);
        (await process.Exit.WaitAsync(Soon)).ShouldBe(137);
    }

    [Fact]
    public async Task A_pipe_passes_lines_on_as_they_come()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", "touch /tmp/f; tail -f /tmp/f | grep x | tr x y"]);
        var output = new Collector();
        var process = sandbox.Container.Start(new(null, output, new Collector()));
        await sandbox.ExecAsync("sh", "-c", "echo ax >> /tmp/f");
        await output.UntilContainsAsync("ay\n");
        sandbox.Container.Signal(Signals.Kill);
        (await process.Exit.WaitAsync(Soon)).ShouldBe(137);
    }

    [Fact]
    public async Task Top_shows_the_processes_of_the_container()
    {
        var result = await Sandbox.ShAsync("top -b -n 1");
        result.Output.ShouldContain("  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n");
        result.Output.ShouldContain("    1     0 root     R     4400   0%   0   0% top -b -n 1\n");
    }

    [Fact]
    public async Task Every_tool_tells_how_it_is_used()
    {
        var result = await Sandbox.ShAsync("for i in $(busybox --list); do case $i in sh|ash|bash|busybox|echo|true|false|test|'[') continue;; esac; /bin/$i --help > /tmp/o 2>&1 </dev/null; r=$?; grep -q \"^Usage: $i\" /tmp/o && [ $r = 0 ] || echo $i $r; done");
        result.Output.ShouldBe("");
        result.Code.ShouldBe(0);
    }
}
