using System.Reflection;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Tests.Options;

public sealed class TimingFlagsTests
{
    public static TheoryData<string> Names => [.. TimingFlags.All.Select(flag => flag.Name)];

    [Fact]
    public void Every_timer_has_its_flag() =>
        TimingFlags.All.Length.ShouldBe(typeof(ClusterTimings).GetProperties(BindingFlags.Public | BindingFlags.Instance).Length);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_flag_reads_back_what_it_writes_and_changes_nothing_else(string name)
    {
        var flag = TimingFlags.All.Single(candidate => candidate.Name == name);
        var value = flag.Read(ClusterTimings.Fast);
        value.ShouldNotBe(flag.Read(ClusterTimings.Kubernetes));
        var changed = flag.Apply(ClusterTimings.Kubernetes, value).ShouldNotBeNull();
        flag.Read(changed).ShouldBe(value);
        flag.Apply(changed, flag.Read(ClusterTimings.Kubernetes)).ShouldBe(ClusterTimings.Kubernetes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_that_can_not_be_read_is_refused(string name) =>
        TimingFlags.All.Single(candidate => candidate.Name == name).Apply(ClusterTimings.Fast, "soon").ShouldBeNull();

    [Fact]
    public void Only_the_timers_that_differ_from_the_set_are_passed_on() =>
        TimingFlags.ToArguments(TimingFlags.Kubernetes, ClusterTimings.Kubernetes with { NodeMonitorGracePeriod = TimeSpan.FromSeconds(4), NodeEvictionRate = 0.5 })
            .ShouldBe(["--timing=kubernetes", "--node-monitor-grace-period=4s", "--node-eviction-rate=0.5"]);
}
