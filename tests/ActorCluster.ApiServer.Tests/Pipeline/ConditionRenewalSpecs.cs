using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Store;
using static ActorCluster.ApiServer.Tests.Pipeline.ApplySpecs;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>A node's report that only renews its conditions takes a short way: what comes of it is what comes of every patch.</summary>
public sealed partial class ConditionRenewalSpecs
{
    private const string Nodes = "nodes";
    private static readonly ApiRequestOptions Kubelet = new() { User = "system:node:worker-1" };

    private static readonly string[] Patches =
    [
        """[{"type":"MemoryPressure","lastHeartbeatTime":"2026-01-02T03:09:05Z"},{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""",
        """[{"lastHeartbeatTime":"2026-01-02T03:09:05Z","type":"Ready"}]""",
        """[ { "type" : "Ready" , "lastHeartbeatTime" : "2026-01-02T03:09:05Z" } ]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z"},{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:10:05Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z","lastHeartbeatTime":"2026-01-02T03:10:05Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z","status":"False"}]""",
        """[{"type":"Ready","lastTransitionTime":"2026-01-02T03:09:05Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":null}]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05.5Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-02-29T03:09:05Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:04:05Z"}]""",
        """[{"type":"Ready","lastHeartbeatTime":7}]""",
        """[{"type":"Ready"}]""",
        """[{"type":"Other","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""",
        """[{"type":"Timeless","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""",
        """[{"type":"Re\u0061dy","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""",
        """[{"lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""",
        "[]",
    ];

    public static TheoryData<string> AllPatches => [.. Patches];

    /// <summary>What also names the metadata, without saying anything of them, never takes the short way.</summary>
    [Theory]
    [MemberData(nameof(AllPatches))]
    public async Task A_renewal_of_conditions_is_what_any_other_patch_of_that_meaning_is(string conditions)
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        await CreateAsync(api, "along");
        for (var round = 0; round < 3; round++)
        {
            api.Clock.Advance(TimeSpan.FromMinutes(round));
            // The second time what is said is nothing new; the third time it is, for what it says of the time.
            var patch = round < 2 ? conditions : conditions.Replace("03:09", "03:19", StringComparison.Ordinal);
            var renewed = await PatchAsync(api, "short", $$$"""{"status":{"conditions":{{{patch}}}}}""");
            var patched = await PatchAsync(api, "along", $$$"""{"status":{"conditions":{{{patch}}}},"metadata":{}}""");
            renewed.StatusCode.ShouldBe(patched.StatusCode);
            Comparable(renewed).Replace(""","metadata":{}""", "").ShouldBe(Comparable(patched).Replace(""","metadata":{}""", ""));
            Comparable(await api.GetAsync(Nodes, "short")).ShouldBe(Comparable(await api.GetAsync(Nodes, "along")));
        }
    }

    [Fact]
    public async Task What_a_node_reports_while_nothing_is_new_needs_no_document()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        api.Clock.Advance(TimeSpan.FromMinutes(1));
        var key = new ObjectKey(new("", Nodes), "", "short");
        Renewal("""[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""").ShouldNotBeNull();
        Renewal("""[{"type":"Timeless","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]""").ShouldBeNull();

        UnversionedJson? Renewal(string conditions)
        {
            var request = new ApiRequest(ApiVerb.Patch, key.Resource, "", key.Name, "status", Body: Encoding.UTF8.GetBytes($$$"""{"status":{"conditions":{{{conditions}}}}}"""), PatchType: PatchType.Strategic, Options: Kubelet);
            var scope = RequestScope.Resolve(api.Pipeline.Registry, request);
            return ConditionRenewal.TryApply(scope, api.Pipeline.Store.Snapshot.Get(key)!, OwnershipKeeper.NameOf(scope), ObjectMetadata.FormatTime(api.Clock.GetUtcNow()))?.Json;
        }
    }

    [Fact]
    public async Task Others_keep_what_they_own_of_a_node_whose_conditions_are_renewed()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        TestApi.Good(await api.PatchAsync(Nodes, "short", """{"status":{"conditions":[{"type":"Other","status":"True","lastHeartbeatTime":"2026-01-02T03:05:05Z"}]}}""", PatchType.Strategic, "status", new ApiRequestOptions { FieldManager = "editor" }));
        var renewed = TestApi.Good(await PatchAsync(api, "short", """{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]}}"""));
        Fields(renewed, "editor").ShouldContain("Other");
        Times(renewed)["Ready"].ShouldBe("2026-01-02T03:09:05Z");
        Times(renewed)["Other"].ShouldBe("2026-01-02T03:05:05Z");
    }

    [Fact]
    public async Task Who_renews_a_condition_that_others_have_written_too_takes_it_from_them()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        TestApi.Good(await api.PatchAsync(Nodes, "short", """{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:05:05Z"}]}}""", PatchType.Strategic, "status", new ApiRequestOptions { FieldManager = "editor" }));
        var renewed = TestApi.Good(await PatchAsync(api, "short", """{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:09:05Z"}]}}"""));
        Owners(renewed).ShouldNotContain(owner => owner.GetString("manager") == "editor");
    }

    [Fact]
    public async Task Who_follows_nodes_in_the_APIs_process_is_told_where_the_new_times_are()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "short");
        await using var watch = api.Pipeline.WatchAsync(new WatchRequest(new("", Nodes), ResourceVersion: (await api.ReadAsync(Nodes, "short", "")).TextAt("metadata", "resourceVersion")), CancellationToken.None).GetAsyncEnumerator();
        for (var minute = 10; minute < 30; minute++)
        {
            TestApi.Good(await PatchAsync(api, "short", $$$"""{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:{{{minute}}}:05Z"},{"type":"MemoryPressure","lastHeartbeatTime":"2026-01-02T03:{{{minute}}}:07Z"}]}}"""));
            (await watch.MoveNextAsync()).ShouldBeTrue();
            var renewal = watch.Current.Renewed.ShouldNotBeNull().Current!.Renewal!;
            var told = watch.Current.Object;
            renewal.Conditions.Select(condition => (condition.Type, Encoding.UTF8.GetString(told.Span[condition.Heartbeat])))
                .ShouldBe([("Ready", $"2026-01-02T03:{minute}:05Z"), ("MemoryPressure", $"2026-01-02T03:{minute}:07Z")]);
        }
    }

    private static Dictionary<string, string?> Times(JsonObject node) =>
        node.GetObject("status").GetObjects("conditions").ToDictionary(condition => condition.GetString("type")!, condition => condition.GetString("lastHeartbeatTime"));

    private static Task<ApiResponse> PatchAsync(TestApi api, string name, string patch) => api.PatchAsync(Nodes, name, patch, PatchType.Strategic, "status", Kubelet);

    /// <summary>A node that has reported once since it came, as all do.</summary>
    private static async Task CreateAsync(TestApi api, string name)
    {
        TestApi.Good(await api.CreateAsync(Nodes, """
            apiVersion: v1
            kind: Node
            metadata: {name: THIS, labels: {conditions: managedFields}}
            status:
              capacity: {cpu: "4"}
              conditions:
              - {type: MemoryPressure, status: "False", lastHeartbeatTime: "2026-01-02T03:03:05Z", lastTransitionTime: "2026-01-02T03:03:05Z", reason: Fine, message: "is \"fine\""}
              - {type: Timeless, status: "False"}
              - {type: Ready, status: "True", lastHeartbeatTime: "2026-01-02T03:03:05Z", lastTransitionTime: "2026-01-02T03:03:05Z"}
              addresses: [{type: Hostname, address: THIS}]
            """.Replace("THIS", name, StringComparison.Ordinal), Kubelet));
        TestApi.Good(await PatchAsync(api, name, """{"status":{"conditions":[{"type":"MemoryPressure","lastHeartbeatTime":"2026-01-02T03:04:05Z"},{"type":"Ready","lastHeartbeatTime":"2026-01-02T03:04:05Z"}]}}"""));
    }

    /// <summary>All but what two objects can't have in common.</summary>
    private static string Comparable(ApiResponse response) =>
        Own().Replace(Encoding.UTF8.GetString(response.Body.Span).Replace("short", "along", StringComparison.Ordinal), "$1$2");

    [GeneratedRegex("""(uid|resourceVersion)(\\*":\\*")[^"\\]*""")]
    private static partial Regex Own();
}
