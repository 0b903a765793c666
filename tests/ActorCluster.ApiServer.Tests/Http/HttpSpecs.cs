using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Certificates;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Http;

public class HttpSpecs
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private static async Task<JsonObject> StatusAsync(HttpResponseMessage response, int code)
    {
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(code, body);
        var status = (JsonObject)JsonNode.Parse(body)!;
        status.GetString("kind").ShouldBe("Status");
        status.GetInteger("code").ShouldBe(code);
        return status;
    }

    [Fact]
    public async Task Without_a_certificate_of_the_cluster_only_health_and_version_are_told()
    {
        await using var server = await TestServer.StartAsync();
        using var others = ClusterCertificates.CreateInMemory(TimeProvider.System);
        foreach (var client in (HttpClient[])[server.NewClient(null), server.NewClient(others.Admin)])
        {
            using (client)
            {
                (await StatusAsync(await client.GetAsync("/api/v1/pods"), 401)).GetString("reason").ShouldBe("Unauthorized");
                (await StatusAsync(await client.GetAsync("/apis"), 401)).GetString("message").ShouldBe("Unauthorized");
                foreach (var path in (string[])["/healthz", "/livez", "/readyz", "/version"])
                {
                    (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
                }
            }
        }
    }

    [Fact]
    public async Task Metrics_count_the_requests_that_came()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 3; i++) await server.Client.GetAsync(Pods);
        await server.Client.GetAsync(Pods + "/none");
        await server.Client.GetAsync("/nonsense/a");
        await server.Client.GetAsync("/nonsense/b");
        await server.Client.DeleteAsync(ConfigMaps);

        using var response = await server.Client.GetAsync("/metrics");

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("# TYPE apiserver_request_total counter\n");
        text.ShouldContain("""apiserver_request_total{code="200",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 3""");
        text.ShouldContain("""apiserver_request_total{code="404",group="",resource="",scope="",subresource="",verb="GET",version=""} 3""");
        text.ShouldContain("""apiserver_request_total{code="200",group="",resource="configmaps",scope="namespace",subresource="",verb="DELETECOLLECTION",version="v1"} 1""");
    }

    [Theory]
    [InlineData("GET", "/nonsense", 404)]
    [InlineData("GET", "/api/v2/pods", 404)]
    [InlineData("GET", "/apis/apps/v1/gadgets", 404)]
    [InlineData("GET", "/apis/apps/v9/deployments", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/pods/a/nonsense", 404)]
    [InlineData("PUT", "/api/v1/namespaces/default/pods", 405)]
    [InlineData("POST", "/api/v1/namespaces/default/pods/a", 405)]
    [InlineData("BREW", "/api/v1/pods", 405)]
    [InlineData("POST", "/version", 405)]
    [InlineData("GET", "/api/v1/pods?limit=many", 400)]
    [InlineData("GET", "/api/v1/pods?labelSelector=%3D", 400)]
    [InlineData("GET", "/api/v1/pods?watch=true&resourceVersion=x", 400)]
    [InlineData("DELETE", "/api/v1/namespaces/default/pods/a?dryRun=Some", 422)]
    public async Task What_is_not_served_is_a_status(string method, string path, int code)
    {
        await using var server = await TestServer.StartAsync();

        await StatusAsync(await server.SendAsync(new HttpMethod(method), path, method is "POST" or "PUT" ? "{}" : null), code);
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("[1,2]", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("{\"metadata\":{\"name\":\"\\ud800\"}}", "application/json", 400)]
    [InlineData("kind: [", "application/yaml", 400)]
    [InlineData("k8s", "application/vnd.kubernetes.protobuf", 400)]
    [InlineData("{}", "text/csv", 415)]
    [InlineData("{\"data\":{\"a\":1}}", "application/json", 400)]
    [InlineData("{}", "application/json", 422)]
    public async Task A_body_that_can_not_be_an_object_is_refused(string body, string type, int code)
    {
        await using var server = await TestServer.StartAsync();

        await StatusAsync(await server.SendAsync(HttpMethod.Post, ConfigMaps, body, type), code);
    }

    [Fact]
    public async Task Broken_bytes_deep_nesting_and_huge_bodies_are_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var utf8 = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        utf8.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await StatusAsync(await server.Client.PostAsync(ConfigMaps, utf8), 400);

        await StatusAsync(await server.SendAsync(HttpMethod.Post, ConfigMaps, new string('[', 100_000)), 400);

        var huge = $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c"},"data":{"a":"{{{new string('x', 4 << 20)}}}"}}""";
        (await StatusAsync(await server.SendAsync(HttpMethod.Post, ConfigMaps, huge), 413)).GetString("message").ShouldBe("Request entity too large: limit is 3145728");
    }

    [Fact]
    public async Task A_body_of_unknown_length_may_be_as_long_as_one_of_known_length()
    {
        await using var server = await TestServer.StartAsync();

        await StatusAsync(await SendChunkedAsync(server, new byte[3 * 1024 * 1024]), 400);
        (await StatusAsync(await SendChunkedAsync(server, new byte[3 * 1024 * 1024 + 1]), 413)).GetString("reason").ShouldBe("RequestEntityTooLarge");
    }

    private static Task<HttpResponseMessage> SendChunkedAsync(TestServer server, byte[] body)
    {
        var content = new StreamContent(new MemoryStream(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = content, Headers = { TransferEncodingChunked = true } });
    }

    [Theory]
    [InlineData("POST", "", "application/json")]
    [InlineData("POST", "", "application/yaml")]
    [InlineData("PUT", "/m", "application/json")]
    [InlineData("PATCH", "/m", "application/json-patch+json")]
    [InlineData("PATCH", "/m", "application/merge-patch+json")]
    [InlineData("PATCH", "/m", "application/strategic-merge-patch+json")]
    [InlineData("PATCH", "/m?fieldManager=test", "application/apply-patch+yaml")]
    [InlineData("DELETE", "/m", "application/json")]
    public async Task Bodies_that_are_nested_too_deeply_are_refused_in_every_form(string method, string name, string type)
    {
        await using var server = await TestServer.StartAsync();
        (await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"m"}}""")).EnsureSuccessStatusCode();

        foreach (var piece in (string[])["[", "{\"a\":", "- "])
            await StatusAsync(await server.SendAsync(new HttpMethod(method), ConfigMaps + name, string.Concat(Enumerable.Repeat(piece, 50_000)), type), 400);
    }

    [Theory]
    [InlineData("application/yaml", "POST", "")]
    [InlineData("application/apply-patch+yaml", "PATCH", "/m?fieldManager=test")]
    [InlineData("application/merge-patch+json", "PATCH", "/m")]
    public async Task Bytes_that_are_no_characters_are_refused_in_every_form(string type, string method, string name)
    {
        await using var server = await TestServer.StartAsync();
        (await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"m"}}""")).EnsureSuccessStatusCode();
        using var content = new ByteArrayContent([.. """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":" """u8, 0xc3, 0x28, .. "\"}}"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        await StatusAsync(await server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), ConfigMaps + name) { Content = content }), 400);
    }

    [Fact]
    public async Task A_key_that_comes_twice_is_refused_warned_of_or_ignored_as_the_client_says()
    {
        await using var server = await TestServer.StartAsync();
        const string twice = """{"metadata":{"generateName":"m"},"data":{"a":"1","a":"2"}}""";

        (await StatusAsync(await server.SendAsync(HttpMethod.Post, ConfigMaps + "?fieldValidation=Strict", twice), 400)).GetString("message")!.ShouldEndWith("strict decoding error: duplicate field \"data.a\"");
        var warned = await server.SendAsync(HttpMethod.Post, ConfigMaps + "?fieldValidation=Warn", twice);
        warned.StatusCode.ShouldBe(HttpStatusCode.Created);
        warned.Headers.GetValues("Warning").Single().ShouldBe("299 - \"duplicate field \\\"data.a\\\"\"");
        var ignored = await server.SendAsync(HttpMethod.Post, ConfigMaps + "?fieldValidation=Ignore", twice);
        ignored.Headers.Contains("Warning").ShouldBeFalse();
        JsonNode.Parse(await ignored.Content.ReadAsStringAsync())!["data"]!["a"]!.GetValue<string>().ShouldBe("2");
    }

    [Fact]
    public async Task Yaml_is_as_good_as_json()
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.SendAsync(HttpMethod.Post, Pods, Manifests.Pod("a"), "application/yaml");

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Unknown_fields_come_as_a_warning_header()
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"c"},"dat":{}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.GetValues("Warning").ShouldBe(["299 - \"unknown field \\\"dat\\\"\""]);
    }

    [Fact]
    public async Task A_list_of_pods_as_a_table_has_the_columns_that_kubectl_shows()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("pods", Manifests.Pod("a"));
        server.Api.Clock.Advance(TimeSpan.FromSeconds(75));

        var table = await server.JsonAsync(Pods, Table);

        table.GetString("kind").ShouldBe("Table");
        table.GetString("apiVersion").ShouldBe("meta.k8s.io/v1");
        string.Join(' ', table.GetObjects("columnDefinitions").Select(c => c.GetString("name"))).ShouldBe("Name Ready Status Restarts Age IP Node Nominated Node Readiness Gates");
        var row = table.GetObjects("rows").Single();
        row["cells"]!.ToJsonString(JsonDocuments.CompactJson).ShouldBe("""["a","0/1","Pending","0","75s","<none>","<none>","<none>","<none>"]""");
        row.TextAt("object", "kind").ShouldBe("PartialObjectMetadata");
        row.TextAt("object", "metadata", "name").ShouldBe("a");
        (await server.JsonAsync(Pods + "?includeObject=Object", Table)).GetObjects("rows").Single().TextAt("object", "kind").ShouldBe("Pod");
    }

    [Fact]
    public async Task Metadata_alone_is_served_when_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("pods", Manifests.Pod("a"));

        var list = await server.JsonAsync(Pods, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");

        list.GetString("kind").ShouldBe("PartialObjectMetadataList");
        list.GetObjects("items").Single().ContainsKey("spec").ShouldBeFalse();
    }

    [Fact]
    public async Task Large_answers_are_compressed_for_those_who_can_read_it()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 4; i++) await server.Api.CreatedAsync("configmaps", Manifests.ConfigMap($"c{i}", $"a: {new string((char)('a' + i), 60_000)}"));

        var plain = await server.Client.GetStringAsync(ConfigMaps);
        using var request = new HttpRequestMessage(HttpMethod.Get, ConfigMaps);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await server.Client.SendAsync(request);

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var unzipped = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        (await reader.ReadToEndAsync()).ShouldBe(plain);
        ((JsonObject)JsonNode.Parse(plain)!).GetObjects("items").Count().ShouldBe(4);
    }

    [Fact]
    public async Task A_watch_streams_one_document_an_event_and_ends_with_its_time()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("configmaps", Manifests.ConfigMap("a"));
        using var response = await server.Client.GetAsync(ConfigMaps + "?watch=true&timeoutSeconds=60", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        (await NextAsync()).ShouldBe(("ADDED", "a"));
        await server.Api.CreatedAsync("configmaps", Manifests.ConfigMap("b"));
        (await NextAsync()).ShouldBe(("ADDED", "b"));
        TestApi.Good(await server.Api.DeleteAsync("configmaps", "a"));
        (await NextAsync()).ShouldBe(("DELETED", "a"));
        server.Api.Clock.Advance(TimeSpan.FromSeconds(61));
        (await reader.ReadLineAsync()).ShouldBeNull();

        async Task<(string?, string?)> NextAsync()
        {
            var line = (JsonObject)JsonNode.Parse((await reader.ReadLineAsync())!)!;
            return (line.GetString("type"), line.TextAt("object", "metadata", "name"));
        }
    }

    [Theory]
    [InlineData("watch=false")]
    [InlineData("watch=False")]
    [InlineData("watch=0")]
    public async Task A_list_that_is_said_to_be_no_watch_is_a_list(string query)
    {
        await using var server = await TestServer.StartAsync();

        (await server.Client.GetStringAsync($"{ConfigMaps}?{query}")).ShouldContain("\"kind\":\"ConfigMapList\"");
    }

    [Fact]
    public async Task A_watched_table_has_a_row_an_event()
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("pods", Manifests.Pod("a"));
        using var request = new HttpRequestMessage(HttpMethod.Get, Pods + "?watch=1");
        request.Headers.TryAddWithoutValidation("Accept", Table);
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var line = (JsonObject)JsonNode.Parse((await reader.ReadLineAsync())!)!;

        line.TextAt("object", "kind").ShouldBe("Table");
        line.GetObject("object").GetObjects("rows").Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("", "kubectl/v1.36.0 (linux/amd64)", "kubectl")]
    [InlineData("?fieldManager=me", "kubectl/v1.36.0", "me")]
    [InlineData("", "", "unknown")]
    public async Task A_writer_is_known_by_its_own_word_or_its_program(string query, string agent, string manager)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps + query) { Content = new StringContent(Encoding.UTF8.GetString(YamlDocuments.ToJson(Manifests.ConfigMap("c")).Span)) };
        request.Content.Headers.ContentType = new("application/json");
        if (agent.Length > 0) request.Headers.TryAddWithoutValidation("User-Agent", agent);

        var map = (JsonObject)JsonNode.Parse(await (await server.Client.SendAsync(request)).Content.ReadAsStringAsync())!;

        map.GetObject("metadata").GetObjects("managedFields").Single().GetString("manager").ShouldBe(manager);
    }

    [Theory]
    [InlineData("?fieldManager=me", "application/apply-patch+yaml", 201, "me")]
    [InlineData("?fieldManager=me&force=true", "application/merge-patch+json", 422, "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch")]
    [InlineData("?fieldManager=a%0Ab", "application/apply-patch+yaml", 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\nb\": invalid character U+000A (at position 1)")]
    public async Task An_apply_is_a_patch_of_its_own_type(string query, string type, int code, string says)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.SendAsync(HttpMethod.Patch, ConfigMaps + "/c" + query, "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", type);

        ((int)response.StatusCode).ShouldBe(code);
        var body = (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        (body.GetString("message") ?? body.GetObject("metadata").GetObjects("managedFields").Single().GetString("manager")).ShouldBe(says);
    }

    [Theory]
    [InlineData("Strict", 400)]
    [InlineData("Warn", 201)]
    [InlineData("Ignore", 201)]
    public async Task What_an_applied_configuration_says_twice_is_told_with_its_line(string validation, int code)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.SendAsync(HttpMethod.Patch, $"{ConfigMaps}/c?fieldManager=me&fieldValidation={validation}",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: b\n  a: c\n", "application/apply-patch+yaml");

        ((int)response.StatusCode).ShouldBe(code);
        const string said = "line 5: key \"a\" already set in map";
        if (validation == "Strict") ((JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!).GetString("message").ShouldBe($"error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  {said}");
        response.Headers.TryGetValues("Warning", out var warnings).ShouldBe(validation == "Warn");
        if (warnings is not null) warnings.Single().ShouldContain(said.Replace("\"", "\\\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("application/apply-patch+yaml", 422)]
    [InlineData("application/apply-patch+cbor", 415)]
    [InlineData("application/json", 415)]
    [InlineData("application/strategic-merge-patch+json", 200)]
    [InlineData("application/merge-patch+json", 200)]
    public async Task Patches_go_by_their_content_type(string type, int code)
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        var response = await server.SendAsync(HttpMethod.Patch, ConfigMaps + "/c", """{"data":{"x":"y"}}""", type);

        ((int)response.StatusCode).ShouldBe(code);
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/data/a","value":"c"}]""", 200)]
    [InlineData("""[{"op":"test","path":"/data/a","value":"z"}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/data/none"}]""", 422)]
    [InlineData("""{"op":"remove"}""", 400)]
    [InlineData("""[{"op":"add","path":"/data/b","value":7}]""", 422)]
    public async Task A_json_patch_fits_or_is_refused(string patch, int code)
    {
        await using var server = await TestServer.StartAsync();
        await server.Api.CreatedAsync("configmaps", Manifests.ConfigMap("c"));

        var response = await server.SendAsync(HttpMethod.Patch, ConfigMaps + "/c", patch, "application/json-patch+json");

        ((int)response.StatusCode).ShouldBe(code, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Protobuf_bodies_of_typed_clients_are_read()
    {
        await using var server = await TestServer.StartAsync();
        // Namespace{metadata{name: "proto", labels{"a":"b"}, creationTimestamp: zero}, spec{}, status{phase: ""}} as client-go writes it.
        byte[] label = [0x0a, 1, (byte)'a', 0x12, 1, (byte)'b'];
        byte[] metadata = [0x0a, 5, .. "proto"u8, 0x12, 0, 0x1a, 0, 0x38, 0, 0x42, 0, 0x5a, (byte)label.Length, .. label];
        byte[] raw = [0x0a, (byte)metadata.Length, .. metadata, 0x12, 0, 0x1a, 2, 0x0a, 0];
        byte[] type = [0x0a, 2, .. "v1"u8, 0x12, 9, .. "Namespace"u8];
        using var content = new ByteArrayContent([.. "k8s\0"u8, 0x0a, (byte)type.Length, .. type, 0x12, (byte)raw.Length, .. raw, 0x1a, 0, 0x22, 0]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.kubernetes.protobuf");

        var response = await server.Client.PostAsync("/api/v1/namespaces", content);

        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        (await server.Api.ReadAsync("namespaces", "proto")).TextAt("metadata", "labels", "a").ShouldBe("b");
    }

    [Fact]
    public async Task A_watch_that_may_have_no_body_leaves_the_connection_to_others()
    {
        await using var server = await TestServer.StartAsync();
        (await server.SendAsync(HttpMethod.Head, "/api/v1/pods?watch=true")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.SendAsync(HttpMethod.Get, "/api/v1/pods")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Discovery_tells_the_same_in_all_its_forms()
    {
        await using var server = await TestServer.StartAsync();

        var legacy = (await server.JsonAsync("/apis/apps/v1")).GetObjects("resources").Select(r => r.GetString("name")).ToList();
        var aggregated = (await server.JsonAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"))
            .GetObjects("items").Single(g => g.TextAt("metadata", "name") == "apps").GetObjects("versions").Single().GetObjects("resources").ToList();

        legacy.ShouldBe(["controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status"]);
        aggregated.SelectMany(r => r.GetObjects("subresources").Select(s => $"{r.GetString("resource")}/{s.GetString("subresource")}").Prepend(r.GetString("resource")))
            .ShouldBe(legacy);
        (await server.JsonAsync("/apis")).GetObjects("groups").Select(g => g.GetString("name")).ShouldBe(
        [
            "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io", "chaos-mesh.org", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io",
            "flowcontrol.apiserver.k8s.io", "metrics.k8s.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
        ]);
        (await server.JsonAsync("/api")).GetStrings("versions").ShouldBe(["v1"]);
        (await server.JsonAsync("/version")).GetString("minor").ShouldBe("36");
    }

    [Fact]
    public async Task A_discovery_document_that_the_client_has_is_not_sent_again()
    {
        await using var server = await TestServer.StartAsync();
        using var first = await server.Client.GetAsync("/apis/apps/v1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis/apps/v1");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await server.Client.SendAsync(request);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task OpenApi_declares_merge_keys_and_server_side_validation()
    {
        await using var server = await TestServer.StartAsync();
        var index = await server.JsonAsync("/openapi/v3");

        var apps = await server.JsonAsync(index.TextAt("paths", "apis/apps/v1", "serverRelativeURL")!);

        var patch = (JsonObject)apps.At("paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch")!;
        patch.GetObjects("parameters").Select(p => p.GetString("name")).ShouldContain("fieldValidation");
        patch.TextAt("x-kubernetes-group-version-kind", "kind").ShouldBe("Deployment");
        var schemas = (JsonObject)apps.At("components", "schemas")!;
        var containers = schemas.At("io.k8s.api.core.v1.PodSpec", "properties", "containers")!;
        ((JsonObject)containers).GetString("x-kubernetes-patch-merge-key").ShouldBe("name");
        // Every reference leads somewhere.
        var text = apps.ToJsonString(JsonDocuments.CompactJson);
        foreach (var reference in System.Text.RegularExpressions.Regex.Matches(text, "\"\\$ref\":\"#/components/schemas/([^\"]+)\"").Select(m => m.Groups[1].Value).Distinct())
        {
            schemas.ContainsKey(reference).ShouldBeTrue(reference);
        }
    }
}
