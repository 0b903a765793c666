using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>What a sub-resource of some name does, for whatever resource lists it.</summary>
internal interface ISubresource
{
    string Name { get; }

    /// <exception cref="StatusException">Refused.</exception>
    Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken);
}

internal static class SubresourceAnswers
{
    /// <summary>A Status that says only that it worked.</summary>
    public static readonly byte[] Success = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = 201,
    }, JsonDocuments.CompactJson);

    public static StatusException NotSupported(RequestScope scope) =>
        StatusException.MethodNotSupported(scope.Resource with { Plural = $"{scope.Resource.Plural}/{scope.Request.Subresource}" }, scope.Request.Verb.ToString().ToLowerInvariant());
}
