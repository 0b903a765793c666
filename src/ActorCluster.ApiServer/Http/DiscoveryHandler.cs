using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.OpenApi;
using ActorCluster.ApiServer.Discovery;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Everything that is no resource: discovery, OpenAPI, version and health.</summary>
internal sealed class DiscoveryHandler(DiscoveryDocuments documents, Func<bool> isReady)
{
    private const string Aggregated = "APIGroupDiscoveryList";
    private static readonly string[] HealthPaths = ["/healthz", "/livez", "/readyz"];
    private static readonly string[] RootPaths =
    [
        .. ((string[])["/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version", .. IssuerHandler.Paths]).Order(StringComparer.Ordinal),
    ];

    private static readonly JsonSerializerOptions Indented = new(JsonDocuments.CompactJson) { WriteIndented = true };

    private static readonly byte[] Version = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.0+actorcluster",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    }, Indented);

    /// <summary>What anybody may ask without a certificate.</summary>
    public static bool IsPublic(PathString path) => path == "/version" || HealthPaths.Any(h => path.StartsWithSegments(h));

    /// <exception cref="StatusException">No such path, or a method that isn't served.</exception>
    public async Task HandleAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").TrimEnd('/');
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) throw StatusException.MethodNotAllowed();
        switch (path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case []:
                await Answers.WriteAsync(context, 200, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject { ["paths"] = JsonDocuments.ArrayOf(RootPaths) }));
                break;
            case ["api"]:
                if (!await TryAggregatedAsync(context, core: true)) await WriteAsync(context, documents.CoreVersions());
                break;
            case ["apis"]:
                if (!await TryAggregatedAsync(context, core: false)) await WriteAsync(context, documents.GroupList());
                break;
            case ["api", var version]:
                await WriteAsync(context, documents.Resources("", version));
                break;
            case ["apis", var group]:
                await WriteAsync(context, documents.Group(group));
                break;
            case ["apis", var group, var version]:
                await WriteAsync(context, documents.Resources(group, version));
                break;
            case ["version"]:
                await Answers.WriteAsync(context, 200, Version);
                break;
            case ["openapi", "v2"]:
                var accepted = MediaRange.Of(context.Request).FirstOrDefault(r => r.IsJson || r.Type == OpenApiProtobuf.MediaType)
                    ?? throw StatusException.NotAcceptable(Answers.Json, OpenApiProtobuf.MediaType);
                if (accepted.IsJson) await WriteAsync(context, documents.OpenApiV2());
                else await WriteAsync(context, documents.OpenApiV2Protobuf(), "application/octet-stream");
                break;
            case ["openapi", "v3"]:
                await WriteAsync(context, documents.OpenApiV3Index());
                break;
            case ["openapi", "v3", .. var rest]:
                await WriteAsync(context, documents.OpenApiV3(string.Join('/', rest)));
                break;
            case [("healthz" or "livez" or "readyz") and var kind, ..]:
                await HealthAsync(context, kind);
                break;
            default:
                throw StatusException.UnknownPath();
        }
    }

    private async Task<bool> TryAggregatedAsync(HttpContext context, bool core)
    {
        foreach (var range in MediaRange.Of(context.Request).Where(r => r.IsJson))
        {
            if (range.Parameter("as") is null) return false;
            if (range.Parameter("as") != Aggregated || range.Parameter("g") != "apidiscovery.k8s.io" || range.Parameter("v") is not (("v2" or "v2beta1") and var version)) continue;
            await WriteAsync(context, documents.Aggregated(core, version), $"application/json;g=apidiscovery.k8s.io;v={version};as={Aggregated}");
            return true;
        }
        return false;
    }

    private static async Task WriteAsync(HttpContext context, TaggedDocument? document, string contentType = Answers.Json)
    {
        if (document is null) throw StatusException.UnknownPath();
        var tag = $"\"{document.Tag}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            context.Response.StatusCode = 304;
            return;
        }
        await Answers.WriteAsync(context, 200, document.Body, contentType);
    }

    private async Task HealthAsync(HttpContext context, string kind)
    {
        var ready = kind == "livez" || isReady();
        var text = ready ? "ok" : "not ok";
        if (context.Request.Query.ContainsKey("verbose") || !ready)
        {
            text = $"[+]ping ok\n{(ready ? "[+]store ok" : "[-]store failed: reason withheld")}\n{kind} check {(ready ? "passed" : "failed")}\n";
        }
        await Answers.WriteAsync(context, ready ? 200 : 500, Encoding.ASCII.GetBytes(text), "text/plain; charset=utf-8");
    }
}
