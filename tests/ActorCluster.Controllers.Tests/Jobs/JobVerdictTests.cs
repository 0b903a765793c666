using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Jobs;

public class JobVerdictTests
{
    private static (string Type, string Reason, string Message)? Verdict(V1Job job, params V1Pod[] pods) =>
        JobVerdict.Of(JobMake.View(job, pods), Make.Noon) is { } verdict ? (verdict.Type, verdict.Reason, verdict.Message) : null;

    private static V1PodFailurePolicyRule OnExit(string action, string op, params int[] codes) =>
        new() { Action = action, OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = op, Values = codes } };

    private static V1Job WithPolicy(V1Job job, params V1PodFailurePolicyRule[] rules)
    {
        job.Spec.PodFailurePolicy = new V1PodFailurePolicy { Rules = rules };
        return job;
    }

    [Fact]
    public void A_job_fails_when_more_pods_have_failed_than_may()
    {
        var job = JobMake.Job(backoffLimit: 1);
        Verdict(job, JobMake.Pod("a", "Failed")).ShouldBeNull();
        Verdict(job, JobMake.Pod("a", "Failed"), JobMake.Pod("b", "Failed")).ShouldBe(("FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit"));
    }

    [Fact]
    public void Restarts_in_the_pods_count_where_they_happen()
    {
        var pod = JobMake.Pod("a");
        pod.Status.ContainerStatuses = [new V1ContainerStatus { Name = "main", RestartCount = 2 }];
        Verdict(JobMake.Job(backoffLimit: 2, restart: "OnFailure"), pod)!.Value.Reason.ShouldBe("BackoffLimitExceeded");
        Verdict(JobMake.Job(backoffLimit: 3, restart: "OnFailure"), pod).ShouldBeNull();
        Verdict(JobMake.Job(backoffLimit: 2), pod).ShouldBeNull();
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_job_fails_when_it_was_active_for_too_long(int deadline, bool fails)
    {
        var job = JobMake.Job();
        job.Spec.ActiveDeadlineSeconds = deadline;
        Verdict(job).HasValue.ShouldBe(fails);
        job.Spec.Suspend = true;
        Verdict(job).ShouldBeNull();
    }

    [Fact]
    public void What_was_decided_before_stands()
    {
        var job = JobMake.Job();
        job.Status.Conditions = [new V1JobCondition { Type = "FailureTarget", Status = "True", Reason = "BackoffLimitExceeded", Message = "too many" }];
        Verdict(job).ShouldBe(("Failed", "BackoffLimitExceeded", "too many"));
    }

    [Fact]
    public void The_first_rule_of_the_failure_policy_that_matches_decides()
    {
        V1Pod[] failed = [JobMake.Pod("a", "Failed", exitCode: 42), JobMake.Pod("b", "Failed", exitCode: 7)];
        Verdict(WithPolicy(JobMake.Job(backoffLimit: 5), OnExit("Ignore", "In", 7), OnExit("FailJob", "In", 7, 42)), failed)
            .ShouldBe(("FailureTarget", "PodFailurePolicy", "Container main for pod default/a failed with exit code 42 matching FailJob rule at index 1"));
        Verdict(WithPolicy(JobMake.Job(backoffLimit: 0), OnExit("Ignore", "NotIn", 1)), failed).ShouldBeNull();
        Verdict(WithPolicy(JobMake.Job(backoffLimit: 1), OnExit("Count", "In", 7)), failed)!.Value.Reason.ShouldBe("BackoffLimitExceeded");
    }

    [Fact]
    public void A_condition_of_the_pod_can_decide_as_well()
    {
        var pod = JobMake.Pod("a", "Failed");
        pod.Status.Conditions = [new V1PodCondition { Type = "DisruptionTarget", Status = "True" }];
        var rule = new V1PodFailurePolicyRule { Action = "FailJob", OnPodConditions = [new V1PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" }] };
        Verdict(WithPolicy(JobMake.Job(), rule), pod)!.Value.Message.ShouldBe("Pod default/a has condition DisruptionTarget matching FailJob rule at index 0");
    }

    [Fact]
    public void Indexes_fail_alone_until_all_have_ended_or_too_many_have_failed()
    {
        var job = JobMake.Job(3, 3, indexed: true, perIndex: 1);
        V1Pod[] pods = [JobMake.Pod("a", "Failed", index: 0, failures: 1), JobMake.Pod("b", "Succeeded", index: 1), JobMake.Pod("c", "Failed", index: 2)];
        var view = JobMake.View(job, pods);
        view.FailedIndexes!.ToString().ShouldBe("0");
        view.Replaceable.Keys.ShouldBe([2]);
        Verdict(job, pods).ShouldBeNull();
        pods[2] = JobMake.Pod("c", "Succeeded", index: 2);
        Verdict(job, pods).ShouldBe(("FailureTarget", "FailedIndexes", "Job has failed indexes"));
        job.Spec.MaxFailedIndexes = 0;
        Verdict(job, pods[0]).ShouldBe(("FailureTarget", "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"));
    }

    [Fact]
    public void An_index_can_be_given_up_at_once()
    {
        var job = WithPolicy(JobMake.Job(2, 2, indexed: true, perIndex: 5), OnExit("FailIndex", "In", 42));
        JobMake.View(job, JobMake.Pod("a", "Failed", index: 1, exitCode: 42)).FailedIndexes!.ToString().ShouldBe("1");
    }

    [Theory]
    [InlineData("0,2", null, "0,2", true)]
    [InlineData("0,2", null, "0,1", false)]
    [InlineData("0-2", 2, "0,2", true)]
    [InlineData("0-2", 2, "0,3", false)]
    [InlineData(null, 2, "1,3", true)]
    [InlineData(null, 3, "1,3", false)]
    public void Some_indexes_can_be_enough(string? indexes, int? count, string succeeded, bool met)
    {
        var job = JobMake.Job(4, 4, indexed: true);
        job.Spec.SuccessPolicy = new V1SuccessPolicy { Rules = [new V1SuccessPolicyRule { SucceededIndexes = indexes, SucceededCount = count }] };
        job.Status.CompletedIndexes = succeeded;
        Verdict(job).ShouldBe(met ? ("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 0") : null);
    }

    [Theory]
    [InlineData(2, 0, 2, true)]
    [InlineData(2, 1, 2, false)]
    [InlineData(2, 0, 1, false)]
    [InlineData(null, 0, 1, true)]
    [InlineData(null, 1, 1, false)]
    public void A_job_is_complete_when_enough_have_succeeded_and_none_is_active(int? completions, int active, int succeeded, bool complete)
    {
        var view = JobMake.View(JobMake.Job(completions, 2), [.. Enumerable.Range(0, succeeded).Select(i => JobMake.Pod($"s{i}", "Succeeded"))]);
        (JobVerdict.Completion(view, active, Make.Noon)?.Reason == "CompletionsReached").ShouldBe(complete);
    }
}
