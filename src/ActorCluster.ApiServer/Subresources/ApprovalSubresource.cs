using System.Text.Json.Nodes;
using ActorCluster.Api.Certificates;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>approval of certificate signing requests: only their conditions can be written (pkg/registry/certificates/certificates/strategy.go).</summary>
internal sealed class ApprovalSubresource(ObjectReader reader, ObjectUpdater updater, ObjectWriter writer) : ISubresource
{
    public string Name => "approval";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken) => scope.Request.Verb switch
    {
        ApiVerb.Get => scope.Respond(200, scope.Encode(reader.Get(scope))),
        ApiVerb.Update => await updater.UpdateAsync(scope, Mode(), cancellationToken),
        ApiVerb.Patch => await updater.PatchAsync(scope, Mode(), cancellationToken),
        _ => throw SubresourceAnswers.NotSupported(scope),
    };

    private UpdateMode Mode() => new(false,
        (strategy, obj, old) =>
        {
            ((CertificateSigningRequestStrategy)strategy).PrepareForApproval(obj, old);
            SetTimes(obj, old);
        },
        (_, obj, old, errors) => CertificateSigningRequestStrategy.ValidateApproval(obj, old, errors));

    /// <summary>A condition that doesn't say since when is since now, or since it was first there.</summary>
    private void SetTimes(JsonObject obj, JsonObject old)
    {
        foreach (var condition in obj.GetObject("status").GetObjects("conditions"))
        {
            condition.Default("lastUpdateTime", writer.Now);
            var before = old.GetObject("status").GetObjects("conditions").FirstOrDefault(c => c.GetString("type") == condition.GetString("type") && c.GetString("status") == condition.GetString("status"));
            condition.Default("lastTransitionTime", before?.GetString("lastTransitionTime") ?? writer.Now);
        }
    }
}
