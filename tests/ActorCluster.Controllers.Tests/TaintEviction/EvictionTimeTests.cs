using ActorCluster.Controllers.TaintEviction;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.TaintEviction;

public class EvictionTimeTests
{
    private static readonly V1Taint Unreachable = Make.Taint("node.kubernetes.io/unreachable", "NoExecute");

    private static V1Toleration For(string key, long? seconds) => new() { Key = key, OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = seconds };

    [Fact]
    public void A_pod_that_does_not_tolerate_a_taint_goes_at_once() => EvictionTime.Of([For("other", 10)], [Unreachable]).ShouldBe(TimeSpan.Zero);

    [Fact]
    public void A_pod_stays_as_long_as_the_shortest_of_the_tolerations_it_uses() =>
        EvictionTime.Of([For("a", 300), For("b", 20), For("unused", 1)], [Make.Taint("a", "NoExecute"), Make.Taint("b", "NoExecute")]).ShouldBe(TimeSpan.FromSeconds(20));

    [Fact]
    public void A_toleration_without_a_time_is_for_ever()
    {
        EvictionTime.Of([new V1Toleration { OperatorProperty = "Exists" }], [Unreachable]).ShouldBeNull();
        EvictionTime.Of([For(Unreachable.Key, -5)], [Unreachable]).ShouldBe(TimeSpan.Zero);
    }
}
