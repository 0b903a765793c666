using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tests.Runtime;

public class ControlGroupTests
{
    [Fact]
    public async Task A_container_sees_its_limits_as_cgroup_v2_shows_them()
    {
        var group = new ControlGroup(new ControlGroupLimits(20, 3000, (45 << 20) + 1), 998);
        await using var sandbox = new Sandbox(command: ["sleep", "1000"], group: group);
        sandbox.Container.Start(new(null, new Collector(), new Collector()));
        (await sandbox.ExecAsync("sh", "-c", "cd /sys/fs/cgroup; head -n 1 cpu.max cpu.weight memory.max | grep -v = ; cat cgroup.controllers /proc/1/oom_score_adj /proc/self/cgroup"))
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["3000 100000", "6", "47185920", "cpu memory pids", "998", "0::/"], ignoreOrder: false);

        group.Limits = new ControlGroupLimits(1024, null, null);
        (await sandbox.ExecAsync("sh", "-c", "cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.weight /sys/fs/cgroup/memory.max")).Output.ShouldBe("max 100000\n100\nmax\n");
    }

    [Fact]
    public async Task Nobody_in_a_container_changes_its_limits()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", "echo max > /sys/fs/cgroup/memory.max; mkdir /sys/fs/cgroup/mine; cat /sys/fs/cgroup/memory.max"], group: new ControlGroup(new ControlGroupLimits(2, null, 4096), 0));
        (await sandbox.RunAsync()).Output.ShouldBe("4096\n");
    }

    [Fact]
    public async Task Mount_lists_what_is_mounted_and_can_be_asked_for_one_kind()
    {
        await using var sandbox = new Sandbox(command: ["sh", "-c", "mount -t cgroup2; mount -t proc; mount /dev/sda /mnt"], group: new ControlGroup(new ControlGroupLimits(2, null, null), 0));
        var result = await sandbox.RunAsync();
        result.Output.ShouldBe("cgroup on /sys/fs/cgroup type cgroup2 (ro,relatime)\nproc on /proc type proc (rw,relatime)\n");
        result.Errors.ShouldBe("mount: permission denied (are you root?)\n");
        result.Code.ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(102, 17)]
    [InlineData(1024, 100)]
    [InlineData(262144, 10000)]
    [InlineData(int.MaxValue, 10000)]
    public void Shares_become_weights_on_a_curve_through_both_defaults(long shares, long weight) => ControlGroup.WeightOf(shares).ShouldBe(weight);
}
