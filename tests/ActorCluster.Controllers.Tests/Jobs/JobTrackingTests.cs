using System.Collections.Immutable;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Jobs;

public class JobTrackingTests
{
    private static readonly V1JobCondition Failing = JobFacts.NewCondition("FailureTarget", "True", "BackoffLimitExceeded", "too many", Make.Noon);
    private static readonly V1JobCondition Met = JobFacts.NewCondition("SuccessCriteriaMet", "True", "CompletionsReached", "enough", Make.Noon);

    private static JobTracking Track(V1Job job, V1JobCondition? verdict, params V1Pod[] pods) =>
        JobTracking.Of(JobMake.View(job, pods), ObjectCopy.Deep(job.Status), verdict, Make.Noon);

    [Fact]
    public void Pods_that_have_ended_are_named_before_they_are_let_go_and_counted_after_that()
    {
        var tracking = Track(JobMake.Job(3, 3), null, JobMake.Pod("s", "Succeeded"), JobMake.Pod("f", "Failed"), JobMake.Pod("a"));
        JobMake.Names(tracking.Release).ShouldBe(["s", "f"]);
        var status = tracking.Status;
        status.UncountedTerminatedPods.Succeeded.ShouldBe(["uid-of-s"]);
        status.UncountedTerminatedPods.Failed.ShouldBe(["uid-of-f"]);
        (status.Succeeded, status.Failed).ShouldBe((null, null));

        JobTracking.Count(status, tracking.Tracked.Remove("uid-of-s"));
        (status.Succeeded, status.Failed).ShouldBe((1, null));
        status.UncountedTerminatedPods.Failed.ShouldBe(["uid-of-f"]);
    }

    [Fact]
    public void A_pod_that_was_let_go_by_an_earlier_look_is_counted_once()
    {
        var job = JobMake.Job(3, 3);
        job.Status.UncountedTerminatedPods = new V1UncountedTerminatedPods { Succeeded = ["uid-of-s", "uid-of-gone"] };
        var view = JobMake.View(job, JobMake.Pod("s", "Succeeded", tracked: false));
        view.Succeeded.ShouldBe(2);
        var tracking = JobTracking.Of(view, ObjectCopy.Deep(job.Status), null, Make.Noon);
        tracking.Release.ShouldBeEmpty();
        (tracking.Status.Succeeded, tracking.Status.UncountedTerminatedPods.Succeeded).ShouldBe((2, null));
    }

    [Fact]
    public void Of_an_indexed_job_the_indexes_are_enough()
    {
        var job = JobMake.Job(5, 5, indexed: true);
        job.Status.CompletedIndexes = "1";
        var tracking = Track(job, null, JobMake.Pod("c", "Succeeded", index: 3), JobMake.Pod("b", "Succeeded", index: 2), JobMake.Pod("again", "Succeeded", index: 1));
        JobMake.Names(tracking.Release).ShouldBe(["again", "b", "c"]);
        (tracking.Status.CompletedIndexes, tracking.Status.Succeeded, tracking.Status.UncountedTerminatedPods.Succeeded).ShouldBe(("1-3", 3, null));
    }

    [Fact]
    public void The_last_failure_of_an_index_stays_until_its_successor_is_there()
    {
        var job = JobMake.Job(1, 1, indexed: true, perIndex: 3);
        var failed = JobMake.Pod("f", "Failed", index: 0);
        Track(job, null, failed).Release.ShouldBeEmpty();
        JobMake.Names(Track(job, null, failed, JobMake.Pod("next", index: 0, failures: 1)).Release).ShouldBe(["f"]);
    }

    [Fact]
    public void Pods_whose_failure_is_ignored_go_uncounted()
    {
        var job = JobMake.Job();
        job.Spec.PodFailurePolicy = new V1PodFailurePolicy
        {
            Rules = [new V1PodFailurePolicyRule { Action = "Ignore", OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = "In", Values = [1] } }],
        };
        var tracking = Track(job, null, JobMake.Pod("f", "Failed"));
        (tracking.Release.Count, tracking.Status.UncountedTerminatedPods.Failed).ShouldBe((1, null));
    }

    [Fact]
    public void When_a_job_fails_all_that_did_not_succeed_has_failed_and_it_ends_when_all_is_counted_and_gone()
    {
        var tracking = Track(JobMake.Job(3, 3), Failing, JobMake.Pod("going", deleting: true), JobMake.Pod("s", "Succeeded"));
        tracking.Status.Conditions.Select(c => c.Type).ShouldBe(["FailureTarget"]);
        tracking.Final!.Type.ShouldBe("Failed");
        var status = tracking.Status with { Terminating = 1 };
        JobTracking.Count(status, tracking.Tracked.Remove("uid-of-s"));
        JobTracking.TryFinish(status, tracking.Final).ShouldBeFalse();
        JobTracking.Count(status, ImmutableHashSet<string>.Empty);
        JobTracking.TryFinish(status, tracking.Final).ShouldBeFalse();
        status.Terminating = 0;
        JobTracking.TryFinish(status, tracking.Final).ShouldBeTrue();
        (status.Succeeded, status.Failed, status.CompletionTime).ShouldBe((1, 1, null));
        status.Conditions.Select(c => (c.Type, c.Reason)).ShouldBe([("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]);
    }

    [Fact]
    public void A_job_that_has_succeeded_has_a_time_of_completion()
    {
        var tracking = Track(JobMake.Job(), Met);
        JobTracking.TryFinish(tracking.Status, tracking.Final).ShouldBeTrue();
        (tracking.Status.Conditions[^1].Type, tracking.Status.CompletionTime).ShouldBe(("Complete", Make.Noon.UtcDateTime));
    }

    [Fact]
    public void One_look_names_only_so_many_and_the_job_does_not_end_with_it()
    {
        var pods = Enumerable.Range(0, 600).Select(i => JobMake.Pod($"s{i}", "Succeeded")).ToArray();
        var tracking = Track(JobMake.Job(600, 600), Met, pods);
        (tracking.Release.Count, tracking.Status.UncountedTerminatedPods.Succeeded.Count, tracking.Final).ShouldBe((500, 500, null));
    }

    [Fact]
    public void An_indexed_pod_knows_its_index_and_how_often_it_has_failed()
    {
        var view = JobMake.View(JobMake.Job(3, 3, indexed: true, perIndex: 5), JobMake.Pod("f", "Failed", index: 1, failures: 2));
        var pod = JobPods.For(view, 1);
        (pod.Metadata.GenerateName, pod.Spec.Hostname).ShouldBe(("pi-1-", "pi-1"));
        (pod.Metadata.Labels[JobPodFacts.IndexAnnotation], pod.Metadata.Annotations[JobPodFacts.IndexAnnotation]).ShouldBe(("1", "1"));
        JobPodFacts.FailuresBefore(pod).ShouldBe(3);
        pod.Metadata.Finalizers.ShouldBe([JobPodFacts.TrackingFinalizer]);
        pod.Spec.Containers[0].Env.ShouldHaveSingleItem().Name.ShouldBe("JOB_COMPLETION_INDEX");
        view.Job.Spec.Template.Metadata.Labels.ShouldNotContainKey(JobPodFacts.IndexAnnotation);
        JobPods.For(JobMake.View(JobMake.Job(3) with { Metadata = new V1ObjectMeta { Name = new string('x', 60) } }), 12).Metadata.GenerateName.ShouldBe(new string('x', 54) + "-12-");
    }
}
