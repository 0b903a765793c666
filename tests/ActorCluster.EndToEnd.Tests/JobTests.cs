using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Jobs and CronJobs, as their user sees them by kubectl.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class JobTests(SharedCluster shared)
{
    private const string Failing = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: failing}
        spec:
          completionMode: Indexed
          completions: 2
          parallelism: 2
          backoffLimitPerIndex: 0
          template:
            spec:
              restartPolicy: Never
              containers: [{name: main, image: busybox, command: [sh, -c, "test $JOB_COMPLETION_INDEX = 0"]}]
        """;

    private static readonly string Example = Path.Combine(AppContext.BaseDirectory, "configs", "jobs.yml");

    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task The_pieces_of_a_job_are_done_and_a_cron_job_gives_its_jobs_by_hand_as_well()
    {
        (await _cluster.KubectlAsync("apply", "-f", Example)).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=complete", "job/pieces", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("logs", "-l", "batch.kubernetes.io/job-name=pieces")).ShouldSucceed().Lines.Order()
            .ShouldBe(Enumerable.Range(0, 6).Select(piece => $"piece {piece} on pieces-{piece}"));
        var row = (await _cluster.KubectlAsync("get", "job", "pieces", "--no-headers")).ShouldSucceed().Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        row[..3].ShouldBe(["pieces", "Complete", "6/6"]);
        (await _cluster.KubectlAsync("describe", "job", "pieces")).ShouldSucceed().Output.ShouldContain("0 Active (0 Ready) / 6 Succeeded / 0 Failed");

        (await _cluster.KubectlAsync("create", "job", "by-hand", "--from=cronjob/tick")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=complete", "job/by-hand", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("get", "cronjob", "tick", "--no-headers")).ShouldSucceed().Output.ShouldContain("Europe/Berlin");

        (await _cluster.KubectlAsync("delete", "-f", Example)).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=delete", "pod", "-l", "batch.kubernetes.io/job-name=pieces", "--timeout=240s")).ShouldSucceed();
        // What was made by hand is the cron job's as well.
        (await _cluster.KubectlAsync("wait", "--for=delete", "job/by-hand", "--timeout=240s")).ShouldSucceed();
    }

    [Fact]
    public async Task A_job_fails_by_the_piece_that_can_not_be_done()
    {
        (await _cluster.KubectlWithInputAsync(Failing, "apply", "-f", "-")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=condition=failed", "job/failing", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("get", "job", "failing", "-o", "jsonpath={.status.completedIndexes} {.status.failedIndexes} {.status.conditions[?(@.type=='Failed')].reason}"))
            .ShouldSucceed().Output.Trim().ShouldBe("0 1 FailedIndexes");
        (await _cluster.KubectlAsync("delete", "job", "failing")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=delete", "pod", "-l", "job-name=failing", "--timeout=240s")).ShouldSucceed();
    }
}
