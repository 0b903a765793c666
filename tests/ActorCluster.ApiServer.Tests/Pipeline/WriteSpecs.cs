using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class WriteSpecs
{
    [Fact]
    public async Task A_gRPC_probe_names_a_port_that_there_can_be()
    {
        await using var api = await TestApi.StartAsync();
        const string pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i, livenessProbe: {grpc: {port: PORT}}}]}}";
        TestApi.Refused(await api.CreateAsync("pods", pod.Replace("PORT", "0", StringComparison.Ordinal)), 422).GetString("message")!
            .ShouldContain("spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive");
        TestApi.Good(await api.CreateAsync("pods", pod.Replace("PORT", "5000", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_created_object_has_what_only_the_server_gives()
    {
        await using var api = await TestApi.StartAsync();

        var pod = await api.CreatedAsync("pods", Manifests.Pod("a"));

        pod.TextAt("metadata", "namespace").ShouldBe("default");
        Guid.TryParse(pod.TextAt("metadata", "uid"), out _).ShouldBeTrue();
        pod.TextAt("metadata", "creationTimestamp").ShouldBe("2026-01-02T03:04:05Z");
        pod.IntegerAt("metadata", "generation").ShouldBe(1);
        pod.TextAt("status", "phase").ShouldBe("Pending");
        long.Parse(pod.TextAt("metadata", "resourceVersion")!).ShouldBeGreaterThan(0);
        (await api.ReadAsync("pods", "a")).SameAs(pod).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_creator_may_not_set_is_dropped()
    {
        await using var api = await TestApi.StartAsync();

        var pod = await api.CreatedAsync("pods", Manifests.Pod("a", "status: {phase: Running, podIP: 1.2.3.4}"));

        pod.TextAt("status", "phase").ShouldBe("Pending");
        pod.At("status", "podIP").ShouldBeNull();
    }

    [Fact]
    public async Task A_second_object_of_the_name_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var status = TestApi.Refused(await api.CreateAsync("deployments.apps", Manifests.Deployment("web")), 409);

        status.GetString("reason").ShouldBe("AlreadyExists");
        status.GetString("message").ShouldBe("deployments.apps \"web\" already exists");
        status.GetObject("details")!.ToJsonString().ShouldBe("""{"name":"web","group":"apps","kind":"deployments"}""");
    }

    [Fact]
    public async Task Generated_names_differ()
    {
        await using var api = await TestApi.StartAsync();
        const string manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: job-}}";

        var names = new List<string>();
        for (var i = 0; i < 20; i++) names.Add((await api.CreatedAsync("configmaps", manifest)).TextAt("metadata", "name")!);

        names.ShouldAllBe(n => n.StartsWith("job-", StringComparison.Ordinal) && n.Length == 9);
        names.Distinct().Count().ShouldBe(20);
    }

    [Fact]
    public async Task An_update_with_an_old_resource_version_conflicts()
    {
        await using var api = await TestApi.StartAsync();
        var first = await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));
        TestApi.Good(await api.PatchAsync("configmaps", "c", """{"data":{"x":"1"}}"""));

        var status = TestApi.Refused(await api.UpdateAsync("configmaps", first), 409);

        status.GetString("reason").ShouldBe("Conflict");
        status.GetString("message").ShouldBe(
            "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please apply your changes to the latest version and try again");
    }

    [Fact]
    public async Task An_update_without_a_resource_version_overwrites()
    {
        await using var api = await TestApi.StartAsync();
        var obj = await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));
        TestApi.Good(await api.PatchAsync("configmaps", "c", """{"data":{"x":"1"}}"""));
        ObjectMetadata.Of(obj).ResourceVersion = "";

        TestApi.Good(await api.UpdateAsync("configmaps", obj));

        (await api.ReadAsync("configmaps", "c")).At("data")!.ToJsonString().ShouldBe("""{"a":"b"}""");
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        await using var api = await TestApi.StartAsync();
        var obj = await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        var updated = TestApi.Good(await api.UpdateAsync("configmaps", obj));

        updated.TextAt("metadata", "resourceVersion").ShouldBe(obj.TextAt("metadata", "resourceVersion"));
    }

    [Fact]
    public async Task Only_a_changed_spec_is_a_new_generation()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var labelled = TestApi.Good(await api.PatchAsync("deployments.apps", "web", """{"metadata":{"labels":{"a":"b"}}}"""));
        var scaled = TestApi.Good(await api.PatchAsync("deployments.apps", "web", """{"spec":{"replicas":5}}"""));

        labelled.IntegerAt("metadata", "generation").ShouldBe(1);
        scaled.IntegerAt("metadata", "generation").ShouldBe(2);
    }

    [Fact]
    public async Task The_status_is_written_through_its_subresource_only()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("deployments.apps", Manifests.Deployment("web"));

        var throughObject = TestApi.Good(await api.PatchAsync("deployments.apps", "web", """{"status":{"readyReplicas":3}}"""));
        var throughStatus = TestApi.Good(await api.PatchAsync("deployments.apps", "web", """{"spec":{"replicas":9},"status":{"readyReplicas":2}}""", subresource: "status"));

        throughObject.IntegerAt("status", "readyReplicas").ShouldBeNull();
        throughStatus.IntegerAt("status", "readyReplicas").ShouldBe(2);
        throughStatus.IntegerAt("spec", "replicas").ShouldBe(3);
        throughStatus.IntegerAt("metadata", "generation").ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_patches_all_take_effect()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => api.PatchAsync("configmaps", "c", $$$"""{"data":{"k{{{i}}}":"v"}}"""))));

        answers.ShouldAllBe(a => a.IsSuccess);
        ((JsonObject)(await api.ReadAsync("configmaps", "c")).At("data")!).Count.ShouldBe(41);
    }

    [Fact]
    public async Task A_patch_that_names_a_resource_version_conflicts_when_it_is_old()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        TestApi.Refused(await api.PatchAsync("configmaps", "c", """{"metadata":{"resourceVersion":"1"},"data":{"x":"y"}}"""), 409);
    }

    [Fact]
    public async Task A_dry_run_answers_and_leaves_no_trace()
    {
        await using var api = await TestApi.StartAsync();
        var dry = new ApiRequestOptions { DryRun = true };

        TestApi.Good(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), dry));
        TestApi.Refused(await api.GetAsync("configmaps", "c"), 404);

        await api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));
        TestApi.Good(await api.PatchAsync("configmaps", "c", """{"data":{"x":"y"}}""", options: dry)).At("data", "x").ShouldNotBeNull();
        TestApi.Good(await api.DeleteAsync("configmaps", "c", dry));
        (await api.ReadAsync("configmaps", "c")).At("data", "x").ShouldBeNull();
    }

    [Fact]
    public async Task Unknown_fields_are_refused_warned_of_or_ignored_as_asked()
    {
        await using var api = await TestApi.StartAsync();
        const string manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: c-, colour: red}, dat: {}}";

        var strict = TestApi.Refused(await api.CreateAsync("configmaps", manifest, new ApiRequestOptions { FieldValidation = "Strict" }), 400);
        var warned = await api.CreateAsync("configmaps", manifest, new ApiRequestOptions { FieldValidation = "Warn" });
        var ignored = await api.CreateAsync("configmaps", manifest, new ApiRequestOptions { FieldValidation = "Ignore" });

        strict.GetString("message").ShouldBe("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"metadata.colour\", unknown field \"dat\"");
        warned.Warnings.ShouldBe(["unknown field \"metadata.colour\"", "unknown field \"dat\""]);
        ignored.IsSuccess.ShouldBeTrue();
        ignored.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_object_of_another_kind_is_refused()
    {
        await using var api = await TestApi.StartAsync();

        TestApi.Refused(await api.CreateAsync("configmaps", Manifests.Pod("a")), 400).GetString("message")!.ShouldStartWith("Pod in version \"v1\" cannot be handled as a ConfigMap");
        TestApi.Refused(await api.CreateAsync("pods", "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}"), 400)
            .GetString("message").ShouldBe("the namespace of the provided object does not match the namespace sent on the request");
    }

    [Fact]
    public async Task Nothing_is_created_in_a_namespace_that_is_absent_or_going()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Refused(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), ns: "nowhere"), 404)
            .GetString("message").ShouldBe("namespaces \"nowhere\" not found");

        await api.CreatedAsync("namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: going}}");
        TestApi.Good(await api.DeleteAsync("namespaces", "going"));

        var status = TestApi.Refused(await api.CreateAsync("configmaps", Manifests.ConfigMap("c"), ns: "going"), 403);
        status.GetString("message").ShouldBe("configmaps \"c\" is forbidden: unable to create new content in namespace going because it is being terminated");
        status.GetObject("details").GetObjects("causes").Single().GetString("reason").ShouldBe("NamespaceTerminating");
    }

    [Fact]
    public async Task A_lease_is_created_by_its_first_update()
    {
        await using var api = await TestApi.StartAsync();
        var lease = (JsonObject)JsonNode.Parse("""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l","namespace":"default"},"spec":{"holderIdentity":"me"}}""")!;

        (await api.UpdateAsync("leases.coordination.k8s.io", lease)).StatusCode.ShouldBe(201);

        TestApi.Refused(await api.UpdateAsync("leases.coordination.k8s.io", lease), 422).GetString("message")
            .ShouldBe("Lease.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update");
    }

    [Fact]
    public async Task An_event_has_two_forms_and_one_place()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("events", """
            apiVersion: v1
            kind: Event
            metadata: {name: e}
            involvedObject: {kind: Pod, name: p, namespace: default}
            reason: Started
            message: it runs
            type: Normal
            count: 3
            """);

        var shown = await api.ReadAsync("events.events.k8s.io", "e");

        shown.GetString("apiVersion").ShouldBe("events.k8s.io/v1");
        shown.GetString("note").ShouldBe("it runs");
        shown.TextAt("regarding", "name").ShouldBe("p");
        shown.GetInteger("deprecatedCount").ShouldBe(3);
        (await api.NamesAsync("events", new ApiRequestOptions { FieldSelector = "involvedObject.name=p,reason=Started" })).ShouldBe(["e"]);
        (await api.NamesAsync("events.events.k8s.io", new ApiRequestOptions { FieldSelector = "regarding.name=p,reportingController!=kubelet,reason=Started" })).ShouldBe(["e"]);
        (await api.NamesAsync("events.events.k8s.io", new ApiRequestOptions { FieldSelector = "regarding.kind=Node" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_json_patch_finds_an_empty_status_where_there_is_none_yet()
    {
        const string claims = "resourceclaims.resource.k8s.io";
        await using var api = await TestApi.StartAsync();
        var claim = await api.CreatedAsync(claims, "metadata: { name: gpu }\nspec: { devices: { requests: [{ name: one, exactly: { deviceClassName: gpu.example.com } }] } }");

        var unchanged = TestApi.Good(await api.PatchAsync(claims, "gpu", """[{"op":"test","path":"/status","value":{}}]""", PatchType.Json, "status"));
        unchanged.ContainsKey("status").ShouldBeFalse();
        unchanged.TextAt("metadata", "resourceVersion").ShouldBe(claim.TextAt("metadata", "resourceVersion"));

        var patched = TestApi.Good(await api.PatchAsync(claims, "gpu", """[{"op":"add","path":"/status/allocation","value":{}}]""", PatchType.Json, "status"));
        patched.At("status", "allocation").ShouldNotBeNull();
        await api.CreatedAsync("configmaps", "metadata: { name: m }");
        TestApi.Refused(await api.PatchAsync("configmaps", "m", """[{"op":"add","path":"/status/a","value":{}}]""", PatchType.Json), 422);
    }

    [Fact]
    public async Task A_driver_that_an_update_names_twice_is_refused_as_such()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("csinodes.storage.k8s.io", "metadata: { name: node }\nspec: { drivers: [{ name: a.example.com, nodeID: node }] }");

        TestApi.Refused(await api.PatchAsync("csinodes.storage.k8s.io", "node", """{"spec":{"drivers":[{"name":"a.example.com","nodeID":"node"},{"name":"a.example.com","nodeID":"node"}]}}"""), 422)
            .GetString("message")!.ShouldContain("spec.drivers[1].name: Duplicate value: \"a.example.com\"");
    }
}
