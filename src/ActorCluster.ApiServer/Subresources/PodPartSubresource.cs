using System.Text.Json.Nodes;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>ephemeralcontainers and resize of pods: the pod, of which one part of the spec can be written.</summary>
/// <param name="keep">Undoes all other changes.</param>
/// <param name="validate">Whether that part may change so; the pod as a whole is checked too.</param>
internal sealed class PodPartSubresource(
    string name, Action<JsonObject, JsonObject> keep, Action<JsonObject, JsonObject, FieldErrors> validate, ObjectReader reader, ObjectUpdater updater) : ISubresource
{
    private readonly UpdateMode _mode = new(false, (_, obj, old) => keep(obj, old), (strategy, obj, old, errors) =>
    {
        strategy.Validate(obj, errors);
        validate(obj, old, errors);
    })
    {
        Part = name,
    };

    public string Name => name;

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken) => scope.Request.Verb switch
    {
        ApiVerb.Get => scope.Respond(200, scope.Encode(reader.Get(scope))),
        ApiVerb.Update => await updater.UpdateAsync(scope, _mode, cancellationToken),
        ApiVerb.Patch => await updater.PatchAsync(scope, _mode, cancellationToken),
        _ => throw SubresourceAnswers.NotSupported(scope),
    };
}
