using System.Text;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class DeletionSpecs
{
    private static async Task BindAsync(TestApi api, string pod, string node = "n1") => TestApi.Good(await api.SendAsync(new ApiRequest(
        ApiVerb.Create, new ResourceName("", "pods"), "default", pod, "binding",
        Body: Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"Binding","metadata":{"name":"{{{pod}}}"},"target":{"kind":"Node","name":"{{{node}}}"}}"""))));

    [Fact]
    public async Task An_unscheduled_pod_goes_at_once_and_is_the_answer()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("a"));

        TestApi.Good(await api.DeleteAsync("pods", "a")).GetString("kind").ShouldBe("Pod");

        TestApi.Refused(await api.GetAsync("pods", "a"), 404).GetString("message").ShouldBe("pods \"a\" not found");
    }

    [Fact]
    public async Task A_running_pod_is_marked_and_goes_when_its_node_says_so()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("a"));
        await BindAsync(api, "a");

        var marked = TestApi.Good(await api.DeleteAsync("pods", "a"));

        marked.IntegerAt("metadata", "deletionGracePeriodSeconds").ShouldBe(30);
        marked.TextAt("metadata", "deletionTimestamp").ShouldBe(ObjectMetadata.FormatTime(TestApi.Start.AddSeconds(30)));
        TestApi.Good(await api.DeleteAsync("pods", "a", new ApiRequestOptions { GracePeriodSeconds = 0 }));
        TestApi.Refused(await api.GetAsync("pods", "a"), 404);
    }

    [Fact]
    public async Task The_grace_period_can_be_shortened_but_not_prolonged()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("a"));
        await BindAsync(api, "a");
        TestApi.Good(await api.DeleteAsync("pods", "a"));

        TestApi.Good(await api.DeleteAsync("pods", "a", new ApiRequestOptions { GracePeriodSeconds = 60 })).IntegerAt("metadata", "deletionGracePeriodSeconds").ShouldBe(30);
        var shortened = TestApi.Good(await api.DeleteAsync("pods", "a", new ApiRequestOptions { GracePeriodSeconds = 5 }));

        shortened.IntegerAt("metadata", "deletionGracePeriodSeconds").ShouldBe(5);
        shortened.TextAt("metadata", "deletionTimestamp").ShouldBe(ObjectMetadata.FormatTime(TestApi.Start.AddSeconds(5)));
    }

    [Fact]
    public async Task An_object_with_a_finalizer_stays_until_it_is_taken_off()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c", metadata: ", finalizers: [example.com/hold]"));

        TestApi.Good(await api.DeleteAsync("configmaps", "c")).At("metadata", "deletionTimestamp").ShouldNotBeNull();
        (await api.ReadAsync("configmaps", "c")).IntegerAt("metadata", "deletionGracePeriodSeconds").ShouldBe(0);
        TestApi.Refused(await api.PatchAsync("configmaps", "c", """{"metadata":{"finalizers":["example.com/hold","example.com/new"]}}"""), 422)
            .GetString("message")!.ShouldContain("no new finalizers can be added if the object is being deleted, found new finalizers []string{\"example.com/new\"}");

        TestApi.Good(await api.PatchAsync("configmaps", "c", """{"metadata":{"finalizers":null}}"""));
        TestApi.Refused(await api.GetAsync("configmaps", "c"), 404);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task The_propagation_policy_is_left_to_the_garbage_collector_as_a_finalizer(string policy, string finalizer)
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var marked = TestApi.Good(await api.DeleteAsync("deployments.apps", "web", body: $$"""{"propagationPolicy":"{{policy}}"}"""));

        ObjectMetadata.Of(marked).Finalizers.ShouldBe([finalizer]);
        ObjectMetadata.Of(marked).IsDeleting.ShouldBeTrue();
    }

    [Fact]
    public async Task A_deletion_at_once_is_answered_with_what_went()
    {
        await using var api = await TestApi.StartAsync();
        var deployment = await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var status = TestApi.Good(await api.DeleteAsync("deployments.apps", "web"));

        status.GetString("status").ShouldBe("Success");
        status.GetObject("details")!.ToJsonString().ShouldBe($$"""{"name":"web","group":"apps","kind":"deployments","uid":"{{deployment.TextAt("metadata", "uid")}}"}""");
    }

    [Fact]
    public async Task Preconditions_must_hold()
    {
        await using var api = await TestApi.StartAsync();
        var obj = await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));
        var uid = obj.TextAt("metadata", "uid");

        TestApi.Refused(await api.DeleteAsync("configmaps", "c", new ApiRequestOptions { PreconditionUid = "other" }), 409).GetString("message")
            .ShouldBe($"Operation cannot be fulfilled on configmaps \"c\": Precondition failed: UID in precondition: other, UID in object meta: {uid}");
        TestApi.Refused(await api.DeleteAsync("configmaps", "c", body: """{"preconditions":{"resourceVersion":"1"}}"""), 409);
        TestApi.Good(await api.DeleteAsync("configmaps", "c", new ApiRequestOptions { PreconditionUid = uid }));
    }

    [Fact]
    public async Task A_namespace_goes_when_its_last_finalizer_does()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: going}}");

        var terminating = TestApi.Good(await api.DeleteAsync("namespaces", "going"));
        terminating.TextAt("status", "phase").ShouldBe("Terminating");

        ((System.Text.Json.Nodes.JsonObject)terminating["spec"]!).Remove("finalizers");
        TestApi.Good(await api.UpdateAsync("namespaces", terminating, "finalize"));
        TestApi.Refused(await api.GetAsync("namespaces", "going"), 404);
    }

    [Fact]
    public async Task The_systems_namespaces_stay()
    {
        await using var api = await TestApi.StartAsync();

        TestApi.Refused(await api.DeleteAsync("namespaces", "kube-system"), 403).GetString("message")
            .ShouldBe("namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
    }

    [Fact]
    public async Task A_collection_is_deleted_as_far_as_its_selector_goes()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var name in (string[])["a", "b", "c"]) await api.CreatedAsync("configmaps", Manifests.ConfigMap(name, metadata: $", labels: {{is: {name}}}"));

        TestApi.Good(await api.SendAsync(new ApiRequest(
            ApiVerb.DeleteCollection, new ResourceName("", "configmaps"), "default", Options: new ApiRequestOptions { LabelSelector = "is in (a,c)" })));

        (await api.NamesAsync("configmaps")).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Eviction_deletes_the_pod()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("a"));
        await BindAsync(api, "a");

        var answer = await api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "pods"), "default", "a", "eviction",
            Body: Encoding.UTF8.GetBytes("""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"},"deleteOptions":{"gracePeriodSeconds":3}}""")));

        answer.StatusCode.ShouldBe(201);
        (await api.ReadAsync("pods", "a")).IntegerAt("metadata", "deletionGracePeriodSeconds").ShouldBe(3);
    }

    [Fact]
    public async Task A_pod_is_bound_once()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("pods", Manifests.Pod("a"));
        await BindAsync(api, "a");

        var pod = await api.ReadAsync("pods", "a");
        pod.TextAt("spec", "nodeName").ShouldBe("n1");
        pod.GetObject("status").GetObjects("conditions").Single().GetString("type").ShouldBe("PodScheduled");
        var again = await api.SendAsync(new ApiRequest(ApiVerb.Create, new ResourceName("", "pods"), "default", "a", "binding",
            Body: Encoding.UTF8.GetBytes("""{"target":{"name":"n2"}}""")));
        TestApi.Refused(again, 409).GetString("message").ShouldBe("Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to node \"n1\"");
    }
}
