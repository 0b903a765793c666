using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;

namespace ActorCluster.ApiServer.Tests.Fuzz;

/// <summary>Requests as clients send them, to be spoilt: a creation of each recorded manifest, and each other verb and form.</summary>
internal static class RealRequests
{
    private const string Json = "application/json";
    private const string Apply = "application/apply-patch+yaml";

    public static IReadOnlyList<FuzzedRequest> All { get; } = [.. Creations(), .. Others()];

    private static IEnumerable<FuzzedRequest> Creations()
    {
        var registry = ResourceRegistry.BuiltIn();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "create"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var yaml = File.ReadAllText(file);
            var json = YamlDocuments.ToJson(yaml);
            var manifest = (JsonObject)JsonNode.Parse(json.Span)!;
            var parts = manifest.GetString("apiVersion")!.Split('/');
            var definition = registry.FindKind(parts.Length == 2 ? parts[0] : "", manifest.GetString("kind")!)!;
            var home = parts.Length == 2 ? $"/apis/{parts[0]}/{parts[1]}" : $"/api/{parts[0]}";
            var path = $"{home}/{(definition.Namespaced ? "namespaces/default/" : "")}{definition.Name.Plural}";
            yield return new FuzzedRequest("POST", path, Json, json.ToArray());
            yield return new FuzzedRequest("POST", path + "?fieldValidation=Strict", "application/yaml", Encoding.UTF8.GetBytes(yaml));
            if (manifest.TextAt("metadata", "name") is { } name) yield return new FuzzedRequest("PATCH", $"{path}/{name}?fieldManager=fuzz&force=true", Apply, Encoding.UTF8.GetBytes(yaml));
        }
    }

    private static IEnumerable<FuzzedRequest> Others()
    {
        const string pods = "/api/v1/namespaces/default/pods";
        const string maps = "/api/v1/namespaces/default/configmaps";
        const string deployments = "/apis/apps/v1/namespaces/default/deployments";
        foreach (var path in (string[])
        [
            $"{pods}?limit=2&labelSelector=app%3Dweb,tier%20notin%20(a,b)&fieldSelector=spec.nodeName%3Dworker-1,status.phase!%3DRunning", $"{maps}?resourceVersion=5&resourceVersionMatch=NotOlderThan",
            $"{maps}?limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIsInN0YXJ0IjoiZGVmYXVsdC9hIn0", $"{pods}/web?pretty=true", $"{pods}?watch=true&timeoutSeconds=0&allowWatchBookmarks=true&resourceVersion=1",
            "/apis", "/api/v1", "/openapi/v2", "/openapi/v3/apis/apps/v1", "/version", "/readyz?verbose", $"{deployments}/web/scale", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods",
            $"{pods}/web/log?container=main&tailLines=3&sinceSeconds=5&limitBytes=100", "/api/v1/nodes/worker-1/proxy/healthz", "/api/v1/namespaces/default/services/https:web:443/proxy/a/b?c=d",
        ]) yield return new FuzzedRequest("GET", path, Json, []);
        yield return Text("PATCH", $"{deployments}/web", "application/strategic-merge-patch+json", """{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nginx:2","$patch":"merge"},{"name":"old","$patch":"delete"}]}}}}""");
        yield return Text("PATCH", $"{pods}/web", "application/strategic-merge-patch+json", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a/b"],"$setElementOrder/finalizers":["c/d"],"labels":{"$retainKeys":["a"],"a":"b"}}}""");
        yield return Text("PATCH", $"{maps}/settings", "application/merge-patch+json", """{"data":{"a":"b","c":null},"metadata":{"managedFields":[{}]}}""");
        yield return Text("PATCH", $"{maps}/settings", "application/json-patch+json", """[{"op":"test","path":"/data/a","value":"b"},{"op":"copy","from":"/data","path":"/metadata/labels"},{"op":"move","from":"/data/a","path":"/data/~1b~0"},{"op":"add","path":"/metadata/finalizers/-","value":"x/y"},{"op":"remove","path":"/data"},{"op":"replace","path":"","value":{}}]""");
        yield return Text("PATCH", $"{deployments}/web/scale", "application/merge-patch+json", """{"spec":{"replicas":3}}""");
        yield return Text("PATCH", $"{pods}/web/status?fieldManager=kubelet", "application/strategic-merge-patch+json", """{"status":{"conditions":[{"type":"Ready","status":"True"}],"podIPs":[{"ip":"10.0.0.1"}]}}""");
        yield return Text("PATCH", $"{pods}/web/ephemeralcontainers", "application/strategic-merge-patch+json", """{"spec":{"ephemeralContainers":[{"name":"debugger","image":"busybox"}]}}""");
        yield return Text("PATCH", $"{pods}/web/resize", "application/strategic-merge-patch+json", """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"2"}}}]}}""");
        yield return Text("PUT", $"{maps}/settings", Json, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","resourceVersion":"1","uid":"u","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"web","uid":"u","controller":true}]},"data":{"a":"b"},"binaryData":{"c":"AAA="}}""");
        yield return Text("POST", $"{pods}/web/eviction", Json, """{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web"},"deleteOptions":{"gracePeriodSeconds":5,"preconditions":{"uid":"u"}}}""");
        yield return Text("POST", $"{pods}/web/binding", Json, """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"web"},"target":{"kind":"Node","name":"worker-1"}}""");
        yield return Text("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", Json, """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["a"],"expirationSeconds":3600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web"}}}""");
        yield return Text("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Json, """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""");
        yield return Text("POST", "/apis/authentication.k8s.io/v1/tokenreviews", Json, """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"a.b.c"}}""");
        yield return Text("DELETE", $"{maps}/settings", Json, """{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","gracePeriodSeconds":0,"preconditions":{"resourceVersion":"3"},"dryRun":["All"]}""");
        yield return Text("DELETE", $"{pods}?labelSelector=a%3Db&dryRun=All&gracePeriodSeconds=1&propagationPolicy=Orphan", Json, "");
        // A ConfigMap as client-go sends it: magic, then runtime.Unknown with the object inside.
        yield return new FuzzedRequest("POST", maps, "application/vnd.kubernetes.protobuf", [.. "k8s\0"u8, 10, 15, 10, 2, .. "v1"u8, 18, 9, .. "ConfigMap"u8, 18, 19, 10, 8, 10, 6, .. "proto1"u8, 18, 7, 10, 1, .. "a"u8, 18, 2, .. "bc"u8, 26, 0, 34, 0]);
    }

    private static FuzzedRequest Text(string method, string path, string type, string body) => new(method, path, type, Encoding.UTF8.GetBytes(body));
}
