using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>status: the object, of which only the status (and labels and annotations) can be written.</summary>
internal sealed class StatusSubresource(ObjectReader reader, ObjectUpdater updater) : ISubresource
{
    public string Name => "status";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken) => scope.Request.Verb switch
    {
        ApiVerb.Get => scope.Respond(200, scope.Encode(reader.Get(scope))),
        ApiVerb.Update => await updater.UpdateAsync(scope, UpdateMode.Status, cancellationToken),
        ApiVerb.Patch => await updater.PatchAsync(scope, UpdateMode.Status, cancellationToken),
        _ => throw SubresourceAnswers.NotSupported(scope),
    };
}

/// <summary>finalize of namespaces: only spec.finalizers can be written; the namespace goes with its last finalizer.</summary>
internal sealed class FinalizeSubresource(ObjectUpdater updater) : ISubresource
{
    private static readonly UpdateMode Mode = new(false, (_, obj, old) =>
    {
        var finalizers = Api.Documents.JsonDocuments.At(obj, "spec", "finalizers")?.DeepClone();
        foreach (var name in obj.Select(p => p.Key).Where(k => k is not ("metadata" or "kind" or "apiVersion")).ToList()) obj.Remove(name);
        foreach (var (name, value) in old)
        {
            if (name is not "metadata") obj[name] = value?.DeepClone();
        }
        Api.Documents.JsonDocuments.Put(Api.Documents.JsonDocuments.Ensure(obj, "spec"), "finalizers", finalizers);
    }, (_, _, _, _) => { });

    public string Name => "finalize";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken) =>
        scope.Request.Verb == ApiVerb.Update
            ? await updater.UpdateAsync(scope, Mode, cancellationToken)
            : throw SubresourceAnswers.NotSupported(scope);
}
