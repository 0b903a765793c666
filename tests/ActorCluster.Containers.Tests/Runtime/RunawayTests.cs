using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tests.Runtime;

/// <summary>A container that runs away can be killed, and takes neither the process nor its neighbours down.</summary>
public sealed class RunawayTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("echo on; while :; do :; done")]
    [InlineData("echo on; until false; do x=1; done")]
    [InlineData("echo on; f() { while true; do eval :; done; }; f")]
    [InlineData("echo on; while :; do $(:); done")]
    [InlineData("echo on; trap '' TERM INT HUP; while :; do sleep 0; done")]
    [InlineData("echo on; yes > /dev/null")]
    [InlineData("echo on; yes | cat > /dev/null")]
    [InlineData("echo on; cat /dev/zero > /dev/null")]
    [InlineData("echo on; awk 'BEGIN { while (1) i++ }'")]
    [InlineData("echo on; echo a | sed ':a;ba'")]
    [InlineData("echo on; seq 1 100000000000 > /dev/null")]
    [InlineData("echo on; tail -f /dev/null")]
    [InlineData("echo on; sleep infinity")]
    public async Task A_loop_without_end_is_killed(string script)
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", script]);
        var output = new Collector();
        var process = sandbox.Container.Start(new(null, output, new Collector()));
        await output.UntilContainsAsync("on\n");
        sandbox.Container.Signal(Signals.Kill);
        (await process.Exit.WaitAsync(Soon)).ShouldBe(137);
    }

    [Fact]
    public async Task Loops_leave_the_processor_to_others()
    {
        var loops = Enumerable.Range(0, Environment.ProcessorCount * 4).Select(_ => new Sandbox(command: ["sh", "-c", "while :; do :; done"])).ToArray();
        var running = loops.Select(l => l.Container.Start(new(null, new Collector(), new Collector()))).ToArray();
        (await Sandbox.ShAsync("for i in 1 2 3; do echo $(echo $i) | cat; done")).Output.ShouldBe("1\n2\n3\n");
        foreach (var loop in loops) loop.Container.Signal(Signals.Kill);
        foreach (var process in running) (await process.Exit.WaitAsync(Soon)).ShouldBe(137);
    }

    [Fact]
    public async Task A_fork_bomb_meets_the_limit_of_processes_and_dies_with_its_container()
    {
        await using var bomb = new Sandbox(command: ["sh", "-c", "bomb() { bomb | bomb & }; bomb; while :; do :; done"]);
        var errors = new Collector();
        var process = bomb.Container.Start(new(null, new Collector(), errors));
        await errors.UntilContainsAsync("sh: can't fork: Resource temporarily unavailable\n");
        (await Sandbox.ShAsync("echo a neighbour lives")).Output.ShouldBe("a neighbour lives\n");
        bomb.Container.Signal(Signals.Kill);
        (await process.Exit.WaitAsync(Soon)).ShouldBe(137);
    }

    [Fact]
    public async Task Too_many_background_processes_are_refused()
    {
        var result = await Sandbox.ShAsync("i=0; while [ $i -lt 2000 ]; do sleep 1000 & i=$((i+1)); done; echo never");
        result.Output.ShouldBe("");
        result.Errors.ShouldBe("sh: can't fork: Resource temporarily unavailable\n");
        result.Code.ShouldBe(2);
    }

    [Fact]
    public async Task A_full_volume_refuses_more()
    {
        var volume = Volumes.CreateEmptyDir("v", TimeProvider.System, sizeLimit: 1 << 20);
        await using var sandbox = new Sandbox(command: ["sh", "-c", "yes > /data/x; echo $?; ls -l /data/x | awk '{print $5}'; echo a > /data/y; echo $?; rm /data/x; echo b > /data/z && cat /data/z"],
            mounts: [new VolumeMount("/data", volume, "", false)]);
        var result = await sandbox.RunAsync();
        result.Output.ShouldBe("1\n1048576\n1\nb\n");
        result.Errors.ShouldBe("yes: write error: No space left on device\nsh: write error: No space left on device\n");
    }

    [Fact]
    public async Task A_container_can_not_make_files_without_end()
    {
        var result = await Sandbox.ShAsync("mkdir /tmp/d; cd /tmp/d; seq 200000 | xargs -n 5000 touch 2>&1 | head -1; ls | wc -l");
        result.Output.ShouldStartWith("touch: ");
        result.Output.ShouldContain(": No space left on device\n");
        result.Output.Split('\n')[^2].ShouldBe("99997");
    }

    [Theory]
    [InlineData("x=aaaaaaaa; while :; do x=$x$x; done")]
    [InlineData("x=aaaaaaaa; i=0; while :; do i=$((i+1)); x=$x$x; eval \"v$i=\\$x\"; [ ${#x} -gt 4000000 ] && x=a; done")]
    [InlineData("set -- a; while :; do set -- \"$@\" \"$@\"; done")]
    [InlineData("x=$(cat /dev/zero | tr '\\0' a)")]
    public async Task A_shell_out_of_memory_ends(string script)
    {
        var result = await Sandbox.ShAsync(script);
        result.Errors.ShouldBe("sh: out of memory\n");
        result.Code.ShouldBe(2);
    }

    [Theory]
    [InlineData("yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | sort", "sort: out of memory\n")]
    [InlineData("yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | tac", "tac: out of memory\n")]
    [InlineData("awk 'BEGIN { while (1) a[i++] = i }'", "awk: out of memory\n")]
    [InlineData("tr '\\0' a < /dev/zero | sed s/a/b/ | head -c 1", "sed: out of memory\n")]
    public async Task A_tool_out_of_memory_ends(string script, string message) =>
        (await Sandbox.ShAsync(script)).Errors.ShouldBe(message);

    [Theory]
    [InlineData("f() { f; }; f", "maximum function nesting level exceeded")]
    [InlineData("f() { eval f; }; f", "maximum")]
    [InlineData("f() { $(f); }; f", "maximum")]
    public async Task Recursion_without_end_is_an_error(string script, string message)
    {
        var result = await Sandbox.ShAsync(script);
        result.Errors.ShouldContain(message);
        result.Code.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_writer_whose_reader_has_gone_is_ended_by_SIGPIPE()
    {
        var result = await Sandbox.ShAsync("set -o pipefail; yes | head -n 1; echo $?; (trap '' PIPE; while echo a; do :; done; echo survived >&2) | head -n 1");
        result.Output.ShouldBe("y\n141\na\n");
        result.Errors.ShouldBe("sh: write error: Broken pipe\nsurvived\n");
    }
}
