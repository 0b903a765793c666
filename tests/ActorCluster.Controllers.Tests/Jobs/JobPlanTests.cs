using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Jobs;

public class JobPlanTests
{
    private static JobPlan Plan(V1Job job, params V1Pod[] pods) => JobPlan.Of(JobMake.View(job, pods), Make.Noon);

    [Theory]
    [InlineData(5, 2, 0, 0, 2)]
    [InlineData(5, 2, 1, 4, 0)]
    [InlineData(5, 2, 0, 4, 1)]
    [InlineData(null, 3, 1, 0, 2)]
    [InlineData(null, 3, 1, 1, 0)]
    [InlineData(2000, 2000, 0, 0, 500)]
    public void As_many_run_as_may_and_are_needed(int? completions, int parallelism, int active, int succeeded, int created)
    {
        var pods = Enumerable.Range(0, active).Select(i => JobMake.Pod($"a{i}")).Concat(Enumerable.Range(0, succeeded).Select(i => JobMake.Pod($"s{i}", "Succeeded")));
        var plan = Plan(JobMake.Job(completions, parallelism), [.. pods]);
        (plan.Create.Count, plan.Delete.Count, plan.Wait).ShouldBe((created, 0, (TimeSpan?)null));
    }

    [Fact]
    public void Pods_that_are_too_many_go_and_none_comes_at_the_same_time()
    {
        var plan = Plan(JobMake.Job(5), JobMake.Pod("a"), JobMake.Pod("b"));
        (plan.Delete.Count, plan.Create.Count).ShouldBe((1, 0));
    }

    [Fact]
    public void A_suspended_job_loses_all_of_its_pods()
    {
        var job = JobMake.Job(5, 2);
        job.Spec.Suspend = true;
        JobMake.Names(Plan(job, JobMake.Pod("a"), JobMake.Pod("b"), JobMake.Pod("c", "Succeeded")).Delete).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void The_lowest_indexes_that_are_free_come_first() =>
        Plan(JobMake.Job(6, 4, indexed: true), JobMake.Pod("a", index: 1), JobMake.Pod("b", "Succeeded", index: 0)).Create.ShouldBe([2, 3, 4]);

    [Fact]
    public void Pods_with_an_index_that_another_has_or_the_job_has_not_go() =>
        JobMake.Names(Plan(JobMake.Job(3, 3, indexed: true), JobMake.Pod("a", index: 1), JobMake.Pod("twin", index: 1), JobMake.Pod("beyond", index: 3), JobMake.Pod("none")).Delete)
            .Length.ShouldBe(3);

    [Fact]
    public void A_pod_on_its_way_out_is_replaced_at_once_or_only_when_it_has_failed()
    {
        var job = JobMake.Job(3, 1);
        Plan(job, JobMake.Pod("going", deleting: true, tracked: false)).Create.Count.ShouldBe(1);
        job.Spec.PodReplacementPolicy = "Failed";
        Plan(job, JobMake.Pod("going", deleting: true, tracked: false)).Create.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, 4, 6)]
    [InlineData(2, 4, 16)]
    [InlineData(3, 4, 36)]
    [InlineData(20, 4, 596)]
    [InlineData(1, 11, null)]
    public void After_failures_the_next_pod_waits_longer_each_time(int failures, int secondsAgo, int? wait)
    {
        var pods = Enumerable.Range(0, failures).Select(i => JobMake.Pod($"f{i}", "Failed", ended: secondsAgo + failures - 1 - i));
        var plan = Plan(JobMake.Job(5, 1, backoffLimit: 100), [.. pods]);
        plan.Wait.ShouldBe(wait is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        plan.Create.Count.ShouldBe(wait is null ? 1 : 0);
    }

    [Fact]
    public void A_success_since_then_ends_the_wait() =>
        Plan(JobMake.Job(5, 1), JobMake.Pod("f", "Failed", ended: 5), JobMake.Pod("s", "Succeeded", ended: 2)).Create.Count.ShouldBe(1);

    [Fact]
    public void Indexes_with_a_limit_of_their_own_wait_each_for_itself()
    {
        var job = JobMake.Job(3, 3, indexed: true, perIndex: 2);
        Plan(job, JobMake.Pod("f", "Failed", index: 0, ended: 1), JobMake.Pod("a", index: 1)).Create.ShouldBe([2]);
        Plan(job, JobMake.Pod("f", "Failed", index: 0, ended: 1, failures: 1), JobMake.Pod("a", index: 1), JobMake.Pod("b", index: 2)).Wait.ShouldBe(TimeSpan.FromSeconds(19));
    }
}
