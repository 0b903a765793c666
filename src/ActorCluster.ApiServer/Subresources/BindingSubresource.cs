using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Schema;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.ApiServer.Subresources;

/// <summary>binding of pods: the scheduler's decision, which can be made once (pkg/registry/core/pod/storage/storage.go).</summary>
internal sealed class BindingSubresource(ObjectWriter writer) : ISubresource
{
    public string Name => "binding";

    public async Task<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        if (scope.Request.Verb != ApiVerb.Create) throw SubresourceAnswers.NotSupported(scope);
        var binding = BodyDecoder.Decode(scope.Request.Body.Span, ModelSchema.Of<V1Binding>(), "Binding", "v1", scope.Options.FieldValidation, scope.Warnings);
        var errors = new FieldErrors();
        if (binding.TextAt("target", "kind") is not (null or "" or "Node"))
        {
            errors.NotSupported("target.kind", binding.TextAt("target", "kind"), "Node", "<empty>");
        }
        if (binding.TextAt("target", "name") is not { Length: > 0 }) errors.Required("target.name");
        if (errors.Count > 0) throw StatusException.Invalid("", "Binding", scope.Request.Name, errors);

        await writer.UpdateAsync(scope, UpdateMode.Trusted, (_, copy) => Bind(scope, copy(), binding), cancellationToken);
        return scope.Respond(201, SubresourceAnswers.Success);
    }

    private JsonObject Bind(RequestScope scope, JsonObject pod, JsonObject binding)
    {
        var name = scope.Request.Name;
        var metadata = ObjectMetadata.Of(pod);
        var expected = ObjectMetadata.Of(binding).Uid;
        if (expected.Length > 0 && expected != metadata.Uid) throw Conflict(scope, $"Precondition failed: UID in precondition: {expected}, UID in object meta: {metadata.Uid}");
        if (metadata.IsDeleting) throw Conflict(scope, $"pod {name} is being deleted, cannot be assigned to a host");
        var spec = pod.Ensure("spec");
        if (spec.GetString("nodeName") is { Length: > 0 } node) throw Conflict(scope, $"pod {name} is already assigned to node \"{node}\"");
        if (spec.GetArray("schedulingGates") is { Count: > 0 }) throw Conflict(scope, $"pod {name} has non-empty .spec.schedulingGates");
        spec["nodeName"] = binding.TextAt("target", "name");
        foreach (var (key, value) in ObjectMetadata.Of(binding).Annotations ?? []) metadata.Json.Ensure("annotations")[key] = value;
        PodConditions.SetTrue(pod, "PodScheduled", writer.Now);
        pod.Ensure("status").Remove("nominatedNodeName");
        return pod;
    }

    private static StatusException Conflict(RequestScope scope, string why) =>
        StatusException.Conflict(scope.Resource with { Plural = "pods/binding" }, scope.Request.Name, why);
}
