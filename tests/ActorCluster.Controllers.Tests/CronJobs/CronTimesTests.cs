using ActorCluster.Api.Batch;
using ActorCluster.Controllers.CronJobs;
using ActorCluster.Controllers.Tests.Fakes;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.CronJobs;

public class CronTimesTests
{
    internal static V1CronJob CronJob(string schedule = "*/10 * * * *", int createdMinutesAgo = 5, int? lastMinutesAgo = null, int? deadline = null, string? zone = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "tick", NamespaceProperty = "default", Uid = "uid-of-tick", CreationTimestamp = Make.Noon.AddMinutes(-createdMinutesAgo).UtcDateTime },
        Spec = new V1CronJobSpec
        {
            Schedule = schedule,
            TimeZone = zone,
            StartingDeadlineSeconds = deadline,
            JobTemplate = new V1JobTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = Make.Labels("a=b") },
                Spec = new V1JobSpec { Template = Make.Template("app=tick", "busybox") },
            },
        },
        Status = new V1CronJobStatus { LastScheduleTime = lastMinutesAgo is { } minutes ? Make.Noon.AddMinutes(-minutes).UtcDateTime : null },
    };

    private static CronTimes Of(V1CronJob cronJob, int secondsPastNoon) =>
        CronTimes.Of(cronJob, Make.Noon.AddSeconds(secondsPastNoon), CronSchedule.Parse(cronJob.Spec.Schedule));

    [Fact]
    public void Nothing_is_due_before_the_first_time_after_its_creation() => Of(CronJob(createdMinutesAgo: 5), -1).Due.ShouldBeNull();

    [Fact]
    public void The_last_time_that_has_passed_is_due()
    {
        Of(CronJob(), 0).Due.ShouldBe(Make.Noon);
        Of(CronJob(createdMinutesAgo: 65), 30).ShouldBe(new CronTimes(Make.Noon.AddMinutes(-65), Make.Noon, 7));
        Of(CronJob(createdMinutesAgo: 600, lastMinutesAgo: 10), 30).Missed.ShouldBe(0);
    }

    [Fact]
    public void More_than_a_hundred_missed_times_are_too_many_but_the_last_is_due_all_the_same()
    {
        var times = Of(CronJob("* * * * *", createdMinutesAgo: 102), 0);
        (times.Due, times.Missed, times.IsTooMany).ShouldBe((Make.Noon, 102, true));
        Of(CronJob("* * * * *", createdMinutesAgo: 100), 0).IsTooMany.ShouldBeFalse();
    }

    [Fact]
    public void Times_that_are_later_than_their_deadline_do_not_count()
    {
        Of(CronJob("* * * * *", createdMinutesAgo: 1000, deadline: 200), 0).IsTooMany.ShouldBeFalse();
        Of(CronJob(createdMinutesAgo: 25, deadline: 60), 90).Due.ShouldBeNull();
    }

    [Fact]
    public void A_schedule_without_times_is_said_to_be_none() => Should.Throw<FormatException>(() => Of(CronJob("0 0 31 2 *"), 0));

    [Fact]
    public void The_next_look_is_a_little_after_the_next_time()
    {
        var schedule = CronSchedule.Parse("*/10 * * * *");
        CronTimes.UntilNext(CronJob(), Make.Noon.AddMinutes(-1), schedule).ShouldBe(TimeSpan.FromSeconds(60.1));
        CronTimes.UntilNext(CronJob(lastMinutesAgo: 0), Make.Noon.AddMinutes(1), schedule).ShouldBe(TimeSpan.FromSeconds(540.1));
    }

    [Fact]
    public void A_job_is_named_after_its_time_and_says_it_in_its_own_time_zone()
    {
        var cronJob = CronJob(zone: "Asia/Kolkata");
        var job = CronJobJobs.At(cronJob, Make.Noon, CronSchedule.Parse(cronJob.Spec.Schedule, "Asia/Kolkata"));
        job.Metadata.Name.ShouldBe($"tick-{Make.Noon.ToUnixTimeSeconds() / 60}");
        job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"].ShouldBe("2026-01-01T17:30:00+05:30");
        job.Metadata.Labels["a"].ShouldBe("b");
        job.Metadata.OwnerReferences.ShouldHaveSingleItem().Kind.ShouldBe("CronJob");
        CronJobJobs.At(cronJob, Make.Noon, CronSchedule.Parse(cronJob.Spec.Schedule)).Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"].ShouldBe("2026-01-01T12:00:00Z");
    }

    [Fact]
    public void The_oldest_finished_jobs_beyond_the_limits_go()
    {
        var cronJob = CronJob();
        (cronJob.Spec.SuccessfulJobsHistoryLimit, cronJob.Spec.FailedJobsHistoryLimit) = (1, 0);
        V1Job[] jobs = [Finished("new", "Complete", 1), Finished("old", "Complete", 9), Finished("bad", "Failed", 5), Finished("runs", "Suspended", 30)];
        CronJobJobs.Expired(cronJob, jobs).Select(job => job.Metadata.Name).ShouldBe(["old", "bad"]);
    }

    private static V1Job Finished(string name, string condition, int startedMinutesAgo) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Uid = "uid-of-" + name },
        Status = new V1JobStatus
        {
            StartTime = Make.Noon.AddMinutes(-startedMinutesAgo).UtcDateTime,
            Conditions = [new V1JobCondition { Type = condition, Status = "True" }],
        },
    };
}
