using System.IO.Pipelines;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Requests for resources: HTTP to pipeline requests, and the answers in the form that was asked for.</summary>
internal sealed class ResourceHandler(ApiPipeline pipeline, CancellationToken stopping)
{
    private const int FlushEvery = 64 * 1024;
    private static readonly StreamPipeWriterOptions Compressing = new(minimumBufferSize: FlushEvery, leaveOpen: true);
    private readonly WatchHandler _watches = new(pipeline, stopping);

    public async Task HandleAsync(HttpContext context, ResourcePath path, ClientIdentity identity)
    {
        if (path.Rest.Length > 0) throw StatusException.UnknownPath();
        var representation = Representation.Negotiate(context.Request);
        var verb = Verb(context.Request, path);
        var patch = verb == ApiVerb.Patch ? Patch(context.Request) : PatchType.None;
        var options = RequestOptions.Read(context.Request, identity, verb, patch);
        var request = new ApiRequest(verb, path.Resource, path.Namespace, path.Name, path.Subresource, path.Version, Options: options);
        // Without a body there is nothing to watch by: HEAD is answered as for a list.
        if (verb is ApiVerb.Get or ApiVerb.List && HttpMethods.IsGet(context.Request.Method) && path.Subresource.Length == 0 && RequestOptions.Flag(context.Request.Query, "watch") == true)
        {
            await _watches.HandleAsync(context, request, representation);
            return;
        }
        if (verb == ApiVerb.List)
        {
            await ListAsync(context, request, representation);
            return;
        }
        request = request with { PatchType = patch };
        if (verb is not ApiVerb.Get) request = request with { Body = await RequestBody.ReadAsync(context, patch == PatchType.Apply ? text => CheckDuplicates(context, text, options.FieldValidation) : null) };
        var response = await pipeline.SendAsync(request, context.RequestAborted);
        Answers.AddWarnings(context, response.Warnings);
        if (!response.IsSuccess) Answers.AddRetryAfter(context, response.Body);
        var body = response.Body;
        var isObject = verb is not (ApiVerb.Delete or ApiVerb.DeleteCollection) && path.Subresource is ("" or "status" or "scale");
        if (response.IsSuccess && isObject && representation.Kind != RepresentationKind.Object) body = Rendering(context, request, representation).One(body);
        await Answers.WriteAsync(context, response.StatusCode, body);
    }

    /// <summary>Lists go out as they are stored, one object after the other, without being gathered first.</summary>
    private async Task ListAsync(HttpContext context, ApiRequest request, Representation representation)
    {
        var list = pipeline.List(RequestScope.Resolve(pipeline.Registry, request));
        Answers.AddWarnings(context, list.Scope.Warnings);
        if (representation.Kind != RepresentationKind.Object)
        {
            await Answers.WriteAsync(context, 200, Rendering(context, request, representation).List(list.Metadata(), list.Items));
            return;
        }
        context.Response.ContentType = Answers.Json;
        context.Response.Headers.CacheControl = "no-cache, private";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        if (list.Items.Sum(i => (long)i.Json.Length) < Answers.CompressFrom || !Answers.AcceptsGzip(context.Request))
        {
            await SendAsync(list, context.Response.BodyWriter, context.RequestAborted);
            return;
        }
        await using var compressed = Answers.Compressed(context);
        var output = PipeWriter.Create(compressed, Compressing);
        await SendAsync(list, output, context.RequestAborted);
        await output.CompleteAsync();
    }

    private static async Task SendAsync(ObjectList list, PipeWriter output, CancellationToken cancellationToken)
    {
        var unflushed = list.WriteHead(output);
        for (var i = 0; i < list.Items.Count; i++)
        {
            unflushed += list.WriteItem(output, i);
            if (unflushed < FlushEvery) continue;
            await output.FlushAsync(cancellationToken);
            unflushed = 0;
        }
        ObjectList.WriteTail(output);
        await output.FlushAsync(cancellationToken);
    }

    private Rendering Rendering(HttpContext context, ApiRequest request, Representation representation)
    {
        var facets = RequestScope.Resolve(pipeline.Registry, request).Facets;
        var printer = facets.Subresources.FirstOrDefault(subresource => subresource.Name == request.Subresource)?.Printer ?? facets.Printer;
        return new(printer, representation, RequestOptions.Text(context.Request.Query, "includeObject") ?? "Metadata", pipeline.Simulation.Clock.GetUtcNow());
    }

    private static ApiVerb Verb(HttpRequest request, ResourcePath path)
    {
        var named = path.Name.Length > 0;
        return request.Method switch
        {
            "GET" or "HEAD" => named ? ApiVerb.Get : ApiVerb.List,
            "POST" when !named || path.Subresource.Length > 0 => ApiVerb.Create,
            "PUT" when named => ApiVerb.Update,
            "PATCH" when named => ApiVerb.Patch,
            "DELETE" => named ? ApiVerb.Delete : ApiVerb.DeleteCollection,
            _ => throw StatusException.MethodNotAllowed(),
        };
    }

    /// <summary>What an applied configuration says twice (applyPatcher in endpoints/handlers/patch.go).</summary>
    private static void CheckDuplicates(HttpContext context, string yaml, string? fieldValidation)
    {
        if (fieldValidation is not ("Strict" or "Warn")) return;
        var duplicates = YamlDuplicates.Find(yaml);
        if (duplicates.Count == 0) return;
        const string fault = "error converting YAML to JSON: yaml: unmarshal errors:";
        if (fieldValidation == "Strict") throw StatusException.BadRequest($"error strict decoding YAML: {fault}\n{string.Join('\n', duplicates.Select(d => "  " + d))}");
        Answers.AddWarnings(context, [$"{fault} {string.Join("; ", duplicates)}"]);
    }

    private static PatchType Patch(HttpRequest request) => RequestBody.MediaType(request.ContentType) switch
    {
        "application/json-patch+json" => PatchType.Json,
        "application/merge-patch+json" => PatchType.Merge,
        "application/strategic-merge-patch+json" => PatchType.Strategic,
        "application/apply-patch+yaml" => PatchType.Apply,
        _ => throw StatusException.UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"),
    };
}
