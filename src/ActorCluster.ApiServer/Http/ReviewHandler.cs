using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Authentication;
using ActorCluster.ApiServer.Authorization;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Http;

/// <summary>Reviews: questions that are posted like objects and come back with their answer, and are stored nowhere (pkg/registry/authentication and authorization).</summary>
internal sealed class ReviewHandler(ApiPipeline pipeline)
{
    public bool Handles(ResourcePath path) => pipeline.Registry.Find(path.Resource) is { IsReview: true };

    public async Task HandleAsync(HttpContext context, ResourcePath path, ClientIdentity identity)
    {
        if (path.Name.Length > 0 || path.Rest.Length > 0) throw StatusException.UnknownPath();
        if (!HttpMethods.IsPost(context.Request.Method)) throw StatusException.MethodNotAllowed();
        Representation.Negotiate(context.Request, isStored: false);
        var options = RequestOptions.Read(context.Request, identity);
        var scope = RequestScope.Resolve(pipeline.Registry, new ApiRequest(
            ApiVerb.Create, path.Resource, path.Namespace, Version: path.Version, Body: await RequestBody.ReadAsync(context), Options: options));
        var review = scope.DecodeBody();
        ObjectWriter.SetNamespace(scope, review);
        review["status"] = scope.Definition.Kind switch
        {
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = identity.ToUserInfo() },
            "TokenReview" => await ReviewAsync(review),
            var kind => AccessReviews.Answer(kind, review) ?? throw StatusException.UnknownPath(),
        };
        (review["kind"], review["apiVersion"]) = (scope.Definition.Kind, scope.ApiVersion);
        ObjectMetadata.Of(review).CreationTimestamp = ObjectMetadata.FormatTime(pipeline.Simulation.Clock.GetUtcNow());
        Answers.AddWarnings(context, scope.Warnings);
        await Answers.WriteAsync(context, StatusCodes.Status201Created, JsonSerializer.SerializeToUtf8Bytes<JsonNode>(review, JsonDocuments.CompactJson));
    }

    private async Task<JsonObject> ReviewAsync(JsonObject review)
    {
        if (review.TextAt("spec", "token") is not { Length: > 0 } token) throw StatusException.BadRequest("token is required for TokenReview in authentication");
        string[] audiences = [.. review.GetObject("spec").GetStrings("audiences")];
        var verdict = await pipeline.Tokens.CheckAsync(token, audiences.Length > 0 ? audiences : [ServiceAccountTokens.Issuer]);
        return verdict.Identity is { } known
            ? new JsonObject { ["authenticated"] = true, ["user"] = known.ToUserInfo(), ["audiences"] = JsonDocuments.ArrayOf([.. verdict.Audiences]) }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = $"[invalid bearer token, {verdict.Fault}]" };
    }
}
