using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;
using static ActorCluster.ApiServer.Tests.Pipeline.ApplySpecs;

namespace ActorCluster.ApiServer.Tests.Pipeline;

/// <summary>Who wrote what is noted on every write.</summary>
public sealed class ManagedFieldsSpecs
{
    [Fact]
    public async Task A_creator_owns_what_it_set_and_what_was_filled_in_for_it()
    {
        await using var api = await TestApi.StartAsync();
        var map = TestApi.Good(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), new ApiRequestOptions { FieldManager = "maker" }));
        Fields(map, "maker").ShouldBe("""{"f:data":{".":{},"f:a":{}}}""");
        Entry(map, "maker").GetString("operation").ShouldBe("Update");
    }

    [Theory]
    [InlineData("system:node:worker-1", "kubelet")]
    [InlineData("system:serviceaccount:kube-system:replicaset-controller", "kube-controller-manager")]
    [InlineData("system:kube-scheduler", "kube-scheduler")]
    [InlineData("system:apiserver", "kube-apiserver")]
    public async Task A_part_of_the_cluster_that_doesnt_say_is_known_by_its_user(string user, string manager)
    {
        await using var api = await TestApi.StartAsync();
        var map = TestApi.Good(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), new ApiRequestOptions { User = user }));
        Owners(map).Single().GetString("manager").ShouldBe(manager);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("operator", 1)]
    public async Task What_the_clusters_own_controllers_make_for_an_owner_is_not_kept_track_of(string? manager, int owners)
    {
        await using var api = await TestApi.StartAsync();
        const string made = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u, controller: true}]}}";
        Owners(TestApi.Good(await api.CreateAsync("configmaps", made, new ApiRequestOptions { FieldManager = manager }))).Count.ShouldBe(owners);
        var applied = TestApi.Good(await ApplyAsync(api, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, data: {b: m}}", "me"));
        Fields(applied, "me").ShouldBe("""{"f:data":{"f:b":{}}}""");
        Fields(applied, manager ?? "before-first-apply").ShouldContain("f:ownerReferences");
    }

    [Fact]
    public async Task A_patch_takes_only_what_it_changes_and_when()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreateAsync("configmaps", Manifests.ConfigMap("c", "a: b, x: z"), new ApiRequestOptions { FieldManager = "maker" });
        api.Clock.Advance(TimeSpan.FromMinutes(1));

        var map = TestApi.Good(await api.PatchAsync("configmaps", "c", """{"data":{"a":"c","x":"z","n":"m"}}""", options: new ApiRequestOptions { FieldManager = "editor" }));

        Fields(map, "editor").ShouldBe("""{"f:data":{"f:a":{},"f:n":{}}}""");
        Entry(map, "editor").GetString("time").ShouldBe("2026-01-02T03:05:05Z");
        Fields(map, "maker").ShouldBe("""{"f:data":{".":{},"f:x":{}}}""");
        Entry(map, "maker").GetString("time").ShouldBe("2026-01-02T03:04:05Z");
    }

    [Fact]
    public async Task A_status_that_is_written_is_noted_with_its_sub_resource_and_a_binding_isnt()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("p"));
        TestApi.Good(await api.SendAsync(new ApiRequest(ApiVerb.Create, new("", "pods"), "default", "p", "binding",
            Body: """{"kind":"Binding","apiVersion":"v1","metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}"""u8.ToArray(), Options: new ApiRequestOptions { User = "system:kube-scheduler" })));
        Owners(await api.ReadAsync("pods", "p")).ShouldHaveSingleItem();

        await api.PatchAsync("pods", "p", """{"spec":{"nodeName":"other"},"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"}]}}""", subresource: "status",
            options: new ApiRequestOptions { User = "system:node:n" });

        var pod = await api.ReadAsync("pods", "p");
        Entry(pod, "kubelet").GetString("subresource").ShouldBe("status");
        Fields(pod, "kubelet").ShouldBe("""{"f:status":{"f:phase":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.0.0.1\"}":{".":{},"f:ip":{}}}}}""");
    }

    [Theory]
    [InlineData("""{"metadata":{"managedFields":[]}}""")]
    [InlineData("""{"metadata":{"managedFields":[{}]}}""")]
    public async Task Owners_are_forgotten_when_a_client_says_so_and_not_kept_any_more(string patch)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        Owners(TestApi.Good(await api.PatchAsync("configmaps", "c", patch))).ShouldBeEmpty();
        Owners(TestApi.Good(await api.PatchAsync("configmaps", "c", """{"data":{"n":"m"}}"""))).ShouldBeEmpty();

        var applied = TestApi.Good(await ApplyAsync(api, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, data: {n: m}}", "me"));
        Fields(applied, "before-first-apply").ShouldBe("""{"f:data":{".":{},"f:a":{},"f:n":{}}}""");
    }

    [Fact]
    public async Task A_client_may_rename_an_owner_and_one_that_knows_no_owners_keeps_them()
    {
        await using var api = await TestApi.StartAsync();
        var map = TestApi.Good(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), new ApiRequestOptions { FieldManager = "old" }));
        Owners(map).Single()["manager"] = "new";
        Owners(TestApi.Good(await api.UpdateAsync("configmaps", map))).Single().GetString("manager").ShouldBe("new");

        var plain = await api.ReadAsync("configmaps", "c");
        plain.GetObject("metadata")!.Remove("managedFields");
        Owners(TestApi.Good(await api.UpdateAsync("configmaps", plain))).Single().GetString("manager").ShouldBe("new");
        Owners(TestApi.Good(await api.PatchAsync("configmaps", "c", """{"metadata":{"managedFields":[{"manager":"x","operation":"Odd"}]}}"""))).Single().GetString("manager").ShouldBe("new");
    }

    [Fact]
    public async Task A_write_that_comes_to_nothing_is_not_written_for_its_time()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("p"));
        var options = new ApiRequestOptions { FieldManager = "m" };
        var first = TestApi.Good(await api.PatchAsync("pods", "p", """{"status":{"reason":"a"}}""", subresource: "status", options: options));
        api.Clock.Advance(TimeSpan.FromMinutes(1));

        var second = TestApi.Good(await api.PatchAsync("pods", "p", """{"spec":{"priority":7},"status":{"reason":"a"}}""", subresource: "status", options: options));

        second.TextAt("metadata", "resourceVersion").ShouldBe(first.TextAt("metadata", "resourceVersion"));
    }
}
