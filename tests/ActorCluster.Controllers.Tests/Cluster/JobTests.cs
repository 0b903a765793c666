using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Jobs;
using ActorCluster.Controllers.Tests.Fakes;
using ActorCluster.Controllers.Tests.Jobs;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Cluster;

/// <summary>Jobs with all other controllers.</summary>
public class JobTests : PatientTestKit
{
    private static V1Job New(V1Job job, bool labelled = false)
    {
        Make.Unsaved(job).Status = null;
        if (labelled) job.Spec.ManualSelector = true;
        else job.Spec.Selector = null;
        return job;
    }

    private static V1Job? Find(TestCluster cluster) => cluster.Api.Find<V1Job>("default", "pi");

    private static Task<V1Pod?> EndAsync(TestCluster cluster, V1Pod pod, string phase) => cluster.Client.PatchAsync<V1Pod>(
        "default", pod.Metadata.Name, new JsonObject { ["status"] = new JsonObject { ["phase"] = phase, ["conditions"] = new JsonArray() } }, "status");

    [Fact]
    public async Task A_job_runs_its_pods_to_the_end_and_holds_them_no_longer()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(JobMake.Job(3, 2)));
        for (var ended = 0; ended < 3; ended++)
        {
            await cluster.Api.UntilAsync(() => Find(cluster)?.Status?.Ready == Math.Min(2, 3 - ended));
            await EndAsync(cluster, cluster.Pods().First(pod => pod.Status.Phase == "Running"), "Succeeded");
            await cluster.Api.UntilAsync(() => (Find(cluster)!.Status.Succeeded ?? 0) == ended + 1);
        }

        await cluster.Api.UntilAsync(() => JobFacts.Finish(Find(cluster)!)?.Type == "Complete");
        Find(cluster)!.Status.CompletionTime.ShouldNotBeNull();
        cluster.Pods().ShouldAllBe(pod => !JobPodFacts.IsTracked(pod));
        await cluster.Api.UntilAsync(() => cluster.Api.List<Corev1Event>().Any(e => e.Reason == "Completed" && e.Message == "Job completed"));
    }

    [Fact]
    public async Task A_job_that_has_failed_takes_its_other_pods_with_it()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(JobMake.Job(2, 2, backoffLimit: 0)));
        await cluster.Api.UntilAsync(() => Find(cluster)?.Status?.Ready == 2);
        var pods = cluster.Pods();
        await EndAsync(cluster, pods[0], "Failed");
        await cluster.Api.UntilAsync(() => JobFacts.Finish(Find(cluster)!)?.Reason == "BackoffLimitExceeded");
        (Find(cluster)!.Status.Failed, Find(cluster)!.Status.Terminating).ShouldBe((2, 0));
        cluster.Pods().Select(pod => pod.Metadata.Name).ShouldBe([pods[0].Metadata.Name]);
    }

    [Fact]
    public async Task A_suspended_job_has_no_pods_and_gets_them_when_it_is_resumed()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 2);
        await cluster.Client.CreateAsync(New(JobMake.Job(2, 2)));
        await cluster.Api.UntilAsync(() => Find(cluster)?.Status?.Ready == 2);
        await cluster.Client.PatchAsync<V1Job>("default", "pi", JsonNode.Parse("""{"spec":{"suspend":true}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Pods().Count == 0 && JobFacts.True(Find(cluster)!.Status, "Suspended") is not null);
        (Find(cluster)!.Status.StartTime, Find(cluster)!.Status.Failed).ShouldBe((null, null));
        await cluster.Client.PatchAsync<V1Job>("default", "pi", JsonNode.Parse("""{"spec":{"suspend":false}}""")!);
        await cluster.Api.UntilAsync(() => Find(cluster)!.Status.Ready == 2 && JobFacts.True(Find(cluster)!.Status, "Suspended") is null);
    }

    [Fact]
    public async Task Orphans_are_adopted_and_held_and_what_no_longer_matches_is_let_go()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var orphan = Make.Pod("orphan", "job=pi");
        orphan.Metadata.Uid = orphan.Metadata.ResourceVersion = null;
        orphan.Metadata.CreationTimestamp = null;
        orphan.Spec.RestartPolicy = "Never";
        await cluster.Client.CreateAsync(orphan);
        // What the scheduler has seen, the job controller sees: it makes no pod of its own.
        await cluster.Api.UntilAsync(() => cluster.Pods().Single().Status.Phase == "Running");
        await cluster.Client.CreateAsync(New(JobMake.Job(), labelled: true));
        await cluster.Api.UntilAsync(() => cluster.Pods().Single(pod => pod.Metadata.Name == "orphan") is var adopted && JobPodFacts.IsTracked(adopted) && adopted.Metadata.OwnerReferences?.Count == 1);
        await cluster.Client.PatchAsync<V1Pod>("default", "orphan", JsonNode.Parse("""{"metadata":{"labels":null}}""")!);
        await cluster.Api.UntilAsync(() => cluster.Pods().Single(pod => pod.Metadata.Name == "orphan") is var free && !JobPodFacts.IsTracked(free) && (free.Metadata.OwnerReferences?.Count ?? 0) == 0);
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    public async Task A_deleted_job_takes_its_pods_with_it(string policy)
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(New(JobMake.Job(2, 2)));
        await cluster.Api.UntilAsync(() => Find(cluster)?.Status?.Ready == 2);
        await cluster.Client.DeleteAsync<V1Job>("default", "pi", new DeleteOptions(PropagationPolicy: policy));
        await cluster.Api.UntilAsync(() => Find(cluster) is null && cluster.Pods().Count == 0);
    }

    [Fact]
    public async Task A_finished_job_is_gone_when_its_time_is_over()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var job = New(JobMake.Job());
        job.Spec.TtlSecondsAfterFinished = 0;
        await cluster.Client.CreateAsync(job);
        await cluster.Api.UntilAsync(() => Find(cluster)?.Status?.Ready == 1);
        await EndAsync(cluster, cluster.Pods()[0], "Succeeded");
        await cluster.Api.UntilAsync(() => Find(cluster) is null && cluster.Pods().Count == 0);
    }
}
