using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Schema;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>eviction of pods: a deletion that respects disruption budgets. There are no budgets among the resources yet, so that none refuses.</summary>
internal sealed class EvictionSubresource(ObjectDeleter deleter) : ISubresource
{
    public string Name => "eviction";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        if (scope.Request.Verb != ApiVerb.Create) throw SubresourceAnswers.NotSupported(scope);
        var eviction = BodyDecoder.Decode(scope.Request.Body.Span, ModelSchema.Of<V1Eviction>(), "Eviction", "policy/v1", scope.Options.FieldValidation, scope.Warnings);
        var options = eviction.GetObject("deleteOptions") ?? [];
        var deletion = scope with
        {
            Request = scope.Request with
            {
                Verb = ApiVerb.Delete,
                Subresource = "",
                Body = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(options, JsonDocuments.CompactJson),
            },
        };
        await deleter.DeleteAsync(deletion, cancellationToken);
        return scope.Respond(201, SubresourceAnswers.Success);
    }
}
