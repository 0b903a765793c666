using ActorCluster.Controllers.PodAutoscaling;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.PodAutoscaling;

public class ReplicaCalculatorTests
{
    private readonly ReplicaCalculator _calculator = new(0.1, 0.1, Make.Noon);

    private static V1Pod Pod(string name, bool? ready = true, string cpu = "100m", int ageSeconds = 3600)
    {
        var pod = Make.Pod(name, cpu: cpu, ready: ready, ageSeconds: ageSeconds);
        pod.Status.StartTime = Make.Noon.AddSeconds(-ageSeconds).UtcDateTime;
        return pod;
    }

    private static Dictionary<string, PodUsage> Usage(params (string Pod, long Milli)[] usage) =>
        usage.ToDictionary(entry => entry.Pod, entry => new PodUsage(entry.Milli, Make.Noon, TimeSpan.FromSeconds(15)));

    private ReplicaProposal ForHalf(IReadOnlyList<V1Pod> pods, params (string, long)[] usage) => _calculator.ForUtilization(pods.Count, 50, "cpu", null, pods, Usage(usage));

    [Fact]
    public void Pods_that_use_twice_as_much_as_they_should_are_doubled() =>
        ForHalf([Pod("a"), Pod("b")], ("a", 120), ("b", 80)).ShouldBe(new ReplicaProposal(4, 100, 100));

    [Fact]
    public void Within_the_tolerance_nothing_changes()
    {
        ForHalf([Pod("a"), Pod("b")], ("a", 55), ("b", 55)).Replicas.ShouldBe(2);
        ForHalf([Pod("a"), Pod("b"), Pod("c")], ("a", 10), ("b", 10), ("c", 10)).Replicas.ShouldBe(1);
    }

    [Fact]
    public void A_pod_without_a_sample_argues_against_a_change()
    {
        ForHalf([Pod("a"), Pod("b")], ("a", 100)).Replicas.ShouldBe(2);
        ForHalf([Pod("a"), Pod("b")], ("a", 10)).Replicas.ShouldBe(2);
        ForHalf([Pod("a"), Pod("b")], ("a", 200)).Replicas.ShouldBe(4);
    }

    [Fact]
    public void A_pod_that_starts_counts_as_idle_while_others_are_busy()
    {
        ForHalf([Pod("a"), Pod("b", ready: false, ageSeconds: 20)], ("a", 110), ("b", 900)).Replicas.ShouldBe(2);
        ForHalf([Pod("a"), Pod("b", ready: null)], ("a", 300)).Replicas.ShouldBe(6);
    }

    [Fact]
    public void What_can_not_be_calculated_is_said_in_upstreams_words()
    {
        Should.Throw<MetricException>(() => ForHalf([])).Message.ShouldBe("no pods returned by selector while calculating replica count");
        Should.Throw<MetricException>(() => ForHalf([Pod("a", cpu: "")], ("a", 1))).Message.ShouldBe("missing request for cpu in container main of Pod a");
        Should.Throw<MetricException>(() => ForHalf([Pod("a", ready: false, ageSeconds: 5)], ("a", 1))).Message.ShouldBe("did not receive metrics for targeted pods (pods might be unready)");
    }

    [Fact]
    public void An_average_is_brought_to_its_value() =>
        _calculator.ForAverage(2, 1000, "memory", [Pod("a"), Pod("b")], Usage(("a", 3000), ("b", 1000))).ShouldBe(new ReplicaProposal(4, null, 2000));
}
