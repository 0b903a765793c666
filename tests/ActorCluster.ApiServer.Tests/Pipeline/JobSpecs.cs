using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class JobSpecs
{
    private const string Jobs = "jobs.batch";
    private const string Immutable = "field is immutable";

    private static string Job(string spec = "") =>
        "{apiVersion: batch/v1, kind: Job, metadata: {name: pi}, spec: {" + spec + "template: {spec: {restartPolicy: Never, containers: [{name: main, image: perl}]}}}}";

    private static async Task RefusedAsync(TestApi api, string patch, string message, string subresource = "") =>
        TestApi.Refused(await api.PatchAsync(Jobs, "pi", patch, subresource: subresource), 422).GetString("message").ShouldBe($"Job.batch \"pi\" is invalid: {message}");

    private static async Task StatusRefusedAsync(TestApi api, string status, string message) => await RefusedAsync(api, $$"""{"status":{{status}}}""", message, "status");

    private static async Task StatusAsync(TestApi api, string status) => TestApi.Good(await api.PatchAsync(Jobs, "pi", $$"""{"status":{{status}}}""", subresource: "status"));

    [Fact]
    public async Task A_running_job_can_be_suspended_and_scaled_but_is_the_same_job()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job());
        TestApi.Good(await api.PatchAsync(Jobs, "pi", """{"spec":{"suspend":true,"parallelism":3,"backoffLimit":1,"activeDeadlineSeconds":5}}""")).IntegerAt("metadata", "generation").ShouldBe(2);
        await RefusedAsync(api, """{"spec":{"completions":3}}""", $"spec.completions: Invalid value: 3: {Immutable}");
        await RefusedAsync(api, """{"spec":{"managedBy":"example.com/me"}}""", $"spec.managedBy: Invalid value: \"example.com/me\": {Immutable}");
    }

    [Fact]
    public async Task An_indexed_job_grows_and_shrinks_in_tandem()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job("completionMode: Indexed, completions: 2, parallelism: 2, "));
        await RefusedAsync(api, """{"spec":{"completions":3}}""", "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism");
        TestApi.Good(await api.PatchAsync(Jobs, "pi", """{"spec":{"completions":3,"parallelism":3}}"""));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("suspend: true, ", true)]
    public async Task Where_pods_go_and_what_they_ask_for_may_change_while_it_is_suspended(string spec, bool allowed)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job(spec));
        var answer = await api.PatchAsync(Jobs, "pi", """{"spec":{"template":{"metadata":{"annotations":{"a":"b"}},"spec":{"nodeSelector":{"a":"b"},"affinity":{"nodeAffinity":{}}}}}}""");
        answer.IsSuccess.ShouldBe(allowed);
        var image = await api.PatchAsync(Jobs, "pi", """{"spec":{"template":{"spec":{"activeDeadlineSeconds":3}}}}""");
        TestApi.Refused(image, 422).GetString("message")!.ShouldEndWith(Immutable);
    }

    [Fact]
    public async Task A_started_job_that_was_suspended_may_not_be_changed_before_its_pods_are_gone()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job());
        await StatusAsync(api, """{"startTime":"2026-01-02T03:04:05Z","active":1}""");
        TestApi.Good(await api.PatchAsync(Jobs, "pi", """{"spec":{"suspend":true}}"""));
        const string patch = """{"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}}""";
        TestApi.Refused(await api.PatchAsync(Jobs, "pi", patch), 422);
        await StatusAsync(api, """{"active":0,"startTime":null,"conditions":[{"type":"Suspended","status":"True"}]}""");
        TestApi.Good(await api.PatchAsync(Jobs, "pi", patch));
    }

    [Fact]
    public async Task The_end_of_a_job_is_checked()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job());
        await StatusRefusedAsync(api, """{"conditions":[{"type":"Complete","status":"True"}]}""",
            "[status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition, "
            + "status.startTime: Required value: startTime is required for finished job, status.completionTime: Required value: completionTime is required for Complete jobs]");
        await StatusRefusedAsync(api, """{"startTime":"2026-01-02T03:04:05Z","active":1,"terminating":1,"conditions":[{"type":"Failed","status":"True"}]}""",
            "[status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition, "
            + "status.active: Invalid value: 1: active>0 is invalid for finished job, status.terminating: Invalid value: 1: terminating>0 is invalid for finished job]");
        const string good = """
            {"startTime":"2026-01-02T03:04:05Z","completionTime":"2026-01-02T03:05:05Z","succeeded":1,
             "conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}
            """;
        await StatusAsync(api, good);
        await StatusRefusedAsync(api, """{"conditions":[{"type":"SuccessCriteriaMet","status":"True"}],"completionTime":null}""",
            "status.conditions: Invalid value: cannot disable the terminal Complete=True condition");
        await StatusRefusedAsync(api, """{"startTime":"2026-01-02T03:04:06Z","succeeded":0}""",
            "[status.startTime: Invalid value: \"2026-01-02T03:04:06Z\": field is immutable for unsuspended job once set, "
            + "status.succeeded: Invalid value: 0: cannot decrease the succeeded counter]");
    }

    [Fact]
    public async Task The_indexes_in_a_status_are_checked()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job("completionMode: Indexed, completions: 5, backoffLimitPerIndex: 1, "));
        await StatusRefusedAsync(api, """{"completedIndexes":"0-2,7"}""", "status.completedIndexes: Invalid value: \"0-2,7\": error parsing completedIndexes: too large index: \"7\"");
        await StatusRefusedAsync(api, """{"completedIndexes":"0-2","failedIndexes":"2,3"}""",
            "status.failedIndexes: Invalid value: \"2,3\": failedIndexes and completedIndexes overlap at index: 2");
        await StatusAsync(api, """{"completedIndexes":"0-2","failedIndexes":"3"}""");
    }

    [Fact]
    public async Task Pods_that_are_not_counted_yet_are_named_once()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job());
        await StatusRefusedAsync(api, """{"uncountedTerminatedPods":{"succeeded":["a",""],"failed":["a"]}}""",
            "[status.uncountedTerminatedPods.succeeded[1]: Invalid value: \"\": must not be empty, status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\"]");
    }

    [Fact]
    public async Task A_deletion_that_says_nothing_leaves_the_pods()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Jobs, Job());
        var marked = TestApi.Good(await api.DeleteAsync(Jobs, "pi"));
        (marked.At("metadata") as JsonObject).GetStrings("finalizers").ShouldBe(["orphan"]);
    }
}
