using System.Text.Json.Nodes;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Tests.Shared;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>CronJobs with all other controllers, on virtual time.</summary>
public class CronJobTests : PatientTestKit
{
    private readonly FakeTimeProvider _clock = new(Make.Noon.AddSeconds(30));
    private readonly QuietWork _work;

    public CronJobTests() : base(QuietWork.Config) => _work = QuietWork.Of(Sys);

    private static List<string> Jobs(TestCluster cluster) => [.. cluster.Api.List<V1Job>().Select(job => job.Metadata.Name).Order(StringComparer.Ordinal)];

    private static string At(int minute) => $"tick-{Make.Noon.AddMinutes(minute).ToUnixTimeSeconds() / 60}";

    private static V1CronJobStatus Status(TestCluster cluster) => cluster.Api.Find<V1CronJob>("default", "tick")!.Status;

    private static List<string> Events(TestCluster cluster) => [.. cluster.Api.List<Corev1Event>().Where(e => e.InvolvedObject.Kind == "CronJob").Select(e => e.Reason)];

    [Theory]
    [InlineData("Allow", "1,2,3", "SuccessfulCreate")]
    [InlineData("Forbid", "1", "JobAlreadyActive")]
    [InlineData("Replace", "3", "SuccessfulDelete")]
    public async Task While_a_job_runs_the_next_comes_as_well_or_not_or_instead(string policy, string minutes, string reason)
    {
        await using var cluster = await StartAsync(spec => spec.ConcurrencyPolicy = policy);
        await PassAsync(TimeSpan.FromMinutes(3));
        List<string> expected = [.. minutes.Split(',').Select(minute => At(int.Parse(minute, System.Globalization.CultureInfo.InvariantCulture)))];
        Jobs(cluster).ShouldBe(expected);
        Status(cluster).Active.Select(reference => reference.Name).Order(StringComparer.Ordinal).ShouldBe(expected);
        Status(cluster).LastScheduleTime.ShouldBe(Make.Noon.AddMinutes(policy == "Forbid" ? 1 : 3).UtcDateTime);
        Events(cluster).ShouldContain(reason);
        cluster.Pods().Count.ShouldBe(expected.Count);
    }

    [Fact]
    public async Task A_suspended_cron_job_makes_no_jobs_and_only_the_last_that_it_missed_when_it_goes_on()
    {
        await using var cluster = await StartAsync(spec => spec.Suspend = true);
        await PassAsync(TimeSpan.FromMinutes(5));
        Jobs(cluster).ShouldBeEmpty();
        await PatchAsync(cluster, """{"spec":{"suspend":false}}""");
        Jobs(cluster).ShouldBe([At(5)]);
    }

    [Fact]
    public async Task Jobs_that_have_finished_are_struck_off_and_the_oldest_deleted()
    {
        await using var cluster = await StartAsync(spec => spec.SuccessfulJobsHistoryLimit = 1);
        for (var minute = 1; minute <= 2; minute++)
        {
            await PassAsync(TimeSpan.FromMinutes(1));
            foreach (var pod in cluster.Pods().Where(pod => pod.Status.Phase == "Running"))
                await cluster.Client.PatchAsync<V1Pod>("default", pod.Metadata.Name, JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!, "status");
            await _work.UntilQuietAsync();
        }

        Jobs(cluster).ShouldBe([At(2)]);
        Status(cluster).Active.ShouldBeNull();
        Status(cluster).LastSuccessfulTime.ShouldBe(cluster.Api.List<V1Job>()[0].Status.CompletionTime);
        JobFacts.Finish(cluster.Api.List<V1Job>()[0])!.Type.ShouldBe("Complete");
        Events(cluster).ShouldContain("SawCompletedJob");
    }

    [Fact]
    public async Task An_active_job_that_someone_deleted_is_struck_off()
    {
        await using var cluster = await StartAsync(_ => { });
        await PassAsync(TimeSpan.FromMinutes(1));
        await cluster.Client.DeleteAsync<V1Job>("default", At(1), new Contracts.Client.DeleteOptions(PropagationPolicy: "Background"));
        await _work.UntilQuietAsync();
        Status(cluster).Active.ShouldBeNull();
        Events(cluster).ShouldContain("MissingJob");
    }

    [Fact]
    public async Task Where_the_name_of_a_job_is_taken_the_next_time_has_its_job_all_the_same()
    {
        await using var cluster = await StartAsync(_ => { });
        var template = Make.Template("app=other", "busybox");
        template.Spec.RestartPolicy = "Never";
        await cluster.Client.CreateAsync(new V1Job { Metadata = new V1ObjectMeta { Name = At(1), NamespaceProperty = "default" }, Spec = new V1JobSpec { Template = template } });
        await PassAsync(TimeSpan.FromMinutes(1));
        Status(cluster).Active.ShouldBeNull();
        await PassAsync(TimeSpan.FromMinutes(1));
        Jobs(cluster).ShouldBe([At(1), At(2)]);
        Status(cluster).Active.Select(reference => reference.Name).ShouldBe([At(2)]);
    }

    [Fact]
    public async Task Another_schedule_counts_from_now_on()
    {
        await using var cluster = await StartAsync(spec => spec.Schedule = "0 0 1 1 *");
        await PassAsync(TimeSpan.FromMinutes(5));
        await PatchAsync(cluster, """{"spec":{"schedule":"*/2 * * * *"}}""");
        Jobs(cluster).ShouldBeEmpty();
        await PassAsync(TimeSpan.FromMinutes(1));
        Jobs(cluster).ShouldBe([At(6)]);
    }

    private async Task<TestCluster> StartAsync(Action<V1CronJobSpec> change)
    {
        var cluster = await TestCluster.StartAsync(Sys, nodes: 1, clock: _clock, work: _work);
        var template = Make.Template("app=tick", "busybox");
        template.Spec.RestartPolicy = "Never";
        var spec = new V1CronJobSpec { Schedule = "* * * * *", JobTemplate = new V1JobTemplateSpec { Spec = new V1JobSpec { Template = template } } };
        change(spec);
        await cluster.Client.CreateAsync(new V1CronJob { Metadata = new V1ObjectMeta { Name = "tick", NamespaceProperty = "default" }, Spec = spec });
        await _work.UntilQuietAsync();
        return cluster;
    }

    private async Task PatchAsync(TestCluster cluster, string patch)
    {
        await cluster.Client.PatchAsync<V1CronJob>("default", "tick", JsonNode.Parse(patch)!);
        await _work.UntilQuietAsync();
    }

    /// <summary>Time moves on only when everybody has done what there was to do.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var end = _clock.GetUtcNow() + time; _clock.GetUtcNow() < end;)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await _work.UntilQuietAsync();
        }
    }
}
