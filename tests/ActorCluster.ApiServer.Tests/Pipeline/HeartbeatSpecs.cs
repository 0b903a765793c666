using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using static ActorCluster.ApiServer.Tests.Pipeline.ApplySpecs;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>A lease that is renewed takes a short way: what comes of it is what comes of every patch.</summary>
public sealed partial class HeartbeatSpecs
{
    private const string Leases = "leases.coordination.k8s.io";
    private static readonly ApiRequestOptions Kubelet = new() { User = "system:node:worker-1" };

    /// <summary>A strategic merge patch of a lease means the same, and never takes the short way.</summary>
    [Theory]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:05:05.000000Z"}}""")]
    [InlineData("""{"spec":{"holderIdentity":"worker-1","leaseDurationSeconds":40,"renewTime":"2026-01-02T03:05:05.123456Z"}}""")]
    [InlineData("""{ "spec" : { "renewTime" : "2026-01-02T03:05:05.000000Z" , "holderIdentity" : "worker-1" } }""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:05:05.000000Z","renewTime":"2026-01-02T03:05:06.000000Z"}}""")]
    [InlineData("""{"spec":{"holderIdentity":"worker-2","renewTime":"2026-01-02T03:05:05.000000Z"}}""")]
    [InlineData("""{"spec":{"leaseDurationSeconds":41,"renewTime":"2026-01-02T03:05:05.000000Z"}}""")]
    [InlineData("""{"spec":{"leaseTransitions":1,"renewTime":"2026-01-02T03:05:05.000000Z"}}""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:05:05Z"}}""")]
    [InlineData("""{"spec":{"renewTime":null}}""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:04:05.000000Z"}}""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-32T03:04:05.000000Z"}}""")]
    [InlineData("""{"spec":{"renewTime":5}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"b"}},"spec":{"renewTime":"2026-01-02T03:05:05.000000Z"}}""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:05:05.000000Z"},"metadata":{"resourceVersion":"1"}}""")]
    [InlineData("""{"spec":{"renewTime":"2026-01-02T03:05:05.000000Z"}""")]
    public async Task A_renewal_is_what_any_other_patch_of_that_meaning_is(string patch)
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        await CreateAsync(api, "along");
        api.Clock.Advance(TimeSpan.FromMinutes(1));
        for (var round = 0; round < 2; round++)
        {
            var renewed = await api.PatchAsync(Leases, "short", patch, options: Kubelet);
            var patched = await api.PatchAsync(Leases, "along", patch, PatchType.Strategic, options: Kubelet);
            renewed.StatusCode.ShouldBe(patched.StatusCode);
            Comparable(renewed).ShouldBe(Comparable(patched));
            Comparable(await api.GetAsync(Leases, "short")).ShouldBe(Comparable(await api.GetAsync(Leases, "along")));
            var stored = await api.GetAsync(Leases, "short");
            if (renewed.IsSuccess) renewed.Body.ToArray().ShouldBe(stored.Body.ToArray());
        }
    }

    [Fact]
    public async Task Each_renewal_has_a_revision_of_its_own_that_a_watch_is_told()
    {
        await using var api = await TestApi.StartAsync();
        var made = await CreateAsync(api, "short");
        await using var watch = api.Pipeline.WatchAsync(new WatchRequest(new("coordination.k8s.io", "leases"), "default", made.TextAt("metadata", "resourceVersion")), CancellationToken.None).GetAsyncEnumerator();
        for (var second = 10; second < 15; second++)
        {
            var renewed = await api.PatchAsync(Leases, "short", $$$"""{"spec":{"renewTime":"2026-01-02T03:05:{{{second}}}.000000Z"} }""", options: Kubelet);
            (await watch.MoveNextAsync()).ShouldBeTrue();
            watch.Current.Type.ShouldBe(WatchEventType.Modified);
            watch.Current.Object.ToArray().ShouldBe(renewed.Body.ToArray());
            TestApi.Good(renewed).TextAt("spec", "renewTime").ShouldBe($"2026-01-02T03:05:{second}.000000Z");
        }
    }

    /// <summary>What was found out by one renewal serves the next, unless anything is other than it was then.</summary>
    [Theory]
    [InlineData("""{"spec":{"holderIdentity":"worker-1","renewTime":"TIME"}}""", "kubelet")]
    [InlineData("""{"spec":{"holderIdentity":"worker-2","renewTime":"TIME"}}""", "kubelet")]
    [InlineData("""{"spec":{"holderIdentity":"worker-1","leaseTime":"TIME"}}""", "kubelet")]
    [InlineData("""{"spec":{"holderIdentity":"worker-1","renewTime":"TIME"}}""", "editor")]
    public async Task What_follows_renewals_is_what_any_other_patch_of_that_meaning_is(string last, string manager)
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        await CreateAsync(api, "along");
        for (var minute = 10; minute < 30; minute++)
        {
            api.Clock.Advance(TimeSpan.FromSeconds(7));
            // The last time: what is no time, too, and what is as long as one.
            var time = minute switch { 26 => "2026-01-02T03:61:05.000000Z", 27 => "2026-01-02T03:27:05+00:00000", _ => $"2026-01-02T03:{minute}:05.000000Z" };
            var patch = (minute < 22 ? """{"spec":{"holderIdentity":"worker-1","renewTime":"TIME"}}""" : last).Replace("TIME", time, StringComparison.Ordinal);
            var options = new ApiRequestOptions { FieldManager = minute < 22 ? "kubelet" : manager };
            var renewed = await api.PatchAsync(Leases, "short", patch, options: options);
            var patched = await api.PatchAsync(Leases, "along", patch, PatchType.Strategic, options: options);
            renewed.StatusCode.ShouldBe(patched.StatusCode);
            Comparable(renewed).ShouldBe(Comparable(patched));
        }
    }

    [Fact]
    public async Task Who_follows_leases_in_the_APIs_process_is_told_where_a_renewals_time_is()
    {
        await using var api = await TestApi.StartAsync();
        var made = await CreateAsync(api, "short");
        await using var watch = api.Pipeline.WatchAsync(new WatchRequest(new("coordination.k8s.io", "leases"), "default", made.TextAt("metadata", "resourceVersion")), CancellationToken.None).GetAsyncEnumerator();
        for (var second = 10; second < 30; second++)
        {
            TestApi.Good(await api.PatchAsync(Leases, "short", $$$"""{"spec":{"renewTime":"2026-01-02T03:05:{{{second}}}.000000Z"}}""", options: Kubelet));
            (await watch.MoveNextAsync()).ShouldBeTrue();
            var change = watch.Current.Renewed.ShouldNotBeNull();
            change.Previous!.Revision.ShouldBeLessThan(change.Current!.Revision);
            Encoding.UTF8.GetString(watch.Current.Object.Span[change.Current.Renewal!.Heartbeat!.Value]).ShouldBe($"2026-01-02T03:05:{second}.000000Z");
        }
        TestApi.Good(await api.PatchAsync(Leases, "short", """{"metadata":{"labels":{"a":"b"}}}""", options: Kubelet));
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Renewed.ShouldBeNull();
        TestApi.Good(await api.PatchAsync(Leases, "short", """{"spec":{"renewTime":"2026-01-02T03:06:05.000000Z"}}""", options: Kubelet));
        TestApi.Good(await api.DeleteAsync(Leases, "short"));
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Renewed.ShouldNotBeNull();
        (await watch.MoveNextAsync()).ShouldBeTrue();
        (watch.Current.Type, watch.Current.Renewed).ShouldBe((WatchEventType.Deleted, null));
    }

    [Fact]
    public async Task Who_renews_what_others_have_written_too_takes_it_from_them()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        TestApi.Good(await api.PatchAsync(Leases, "short", """{"spec":{"renewTime":"2026-01-02T03:05:05.000000Z"}}""", options: new ApiRequestOptions { FieldManager = "editor" }));
        var renewed = TestApi.Good(await api.PatchAsync(Leases, "short", """{"spec":{"renewTime":"2026-01-02T03:06:05.000000Z"}}""", options: Kubelet));
        Owners(renewed).Single().GetString("manager").ShouldBe("kubelet");
        Fields(renewed, "kubelet").ShouldContain("f:renewTime");
    }

    private static async Task<JsonObject> CreateAsync(TestApi api, string name) => TestApi.Good(await api.CreateAsync(Leases, """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: THIS, labels: {renewTime: managedFields}}
        spec: {holderIdentity: worker-1, leaseDurationSeconds: 40, renewTime: "2026-01-02T03:04:05.000000Z"}
        """.Replace("THIS", name, StringComparison.Ordinal), Kubelet));

    /// <summary>All but what two objects can't have in common.</summary>
    private static string Comparable(ApiResponse response) =>
        Own().Replace(Encoding.UTF8.GetString(response.Body.Span).Replace("short", "along", StringComparison.Ordinal), "$1$2");

    [GeneratedRegex("""(uid|resourceVersion)(\\*":\\*")[^"\\]*""")]
    private static partial Regex Own();
}
