using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class CronJobSpecs
{
    private const string CronJobs = "cronjobs.batch";

    private static string Tick(string spec) =>
        "{apiVersion: batch/v1, kind: CronJob, metadata: {name: tick}, spec: {" + spec
        + ", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}}}}";

    [Theory]
    [InlineData("", "spec.schedule: Required value")]
    [InlineData("CRON_TZ=UTC * * * * *", "spec.schedule: Invalid value: \"CRON_TZ=UTC * * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("61 * * * *", "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61")]
    public async Task A_schedule_must_be_one(string schedule, string message)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(CronJobs, Tick("schedule: '* * * * *'"));
        TestApi.Refused(await api.PatchAsync(CronJobs, "tick", $$$"""{"spec":{"schedule":"{{{schedule}}}"}}"""), 422).GetString("message")
            .ShouldBe($"CronJob.batch \"tick\" is invalid: {message}");
    }

    [Theory]
    [InlineData("", "timeZone must be nil or non-empty string")]
    [InlineData("../etc/passwd", "unknown time zone ../etc/passwd")]
    [InlineData("Local", "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    [InlineData("Mars/Olympus", "unknown time zone Mars/Olympus")]
    public async Task A_time_zone_must_be_one(string zone, string message)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(CronJobs, Tick("schedule: '* * * * *', timeZone: Asia/Shanghai"));
        TestApi.Refused(await api.PatchAsync(CronJobs, "tick", $$$"""{"spec":{"timeZone":"{{{zone}}}"}}"""), 422).GetString("message")
            .ShouldBe($"CronJob.batch \"tick\" is invalid: spec.timeZone: Invalid value: \"{zone}\": {message}");
    }
}
