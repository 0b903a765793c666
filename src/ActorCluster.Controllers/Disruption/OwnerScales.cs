using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Metadata;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Disruption;

/// <summary>How many pods the owners of pods want (the finders in pkg/controller/disruption): from the caches where there is one, else by the scale
/// sub-resource of whatever the owner is.</summary>
internal sealed class OwnerScales(ControllerServices services, MetadataInformers metadata, string user)
{
    private readonly Informer<V1Deployment> _deployments = services.Informers.Of<V1Deployment>();
    private readonly Informer<V1ReplicaSet> _replicaSets = services.Informers.Of<V1ReplicaSet>();
    private readonly Informer<V1StatefulSet> _statefulSets = services.Informers.Of<V1StatefulSet>();

    /// <returns>The sum over the owners, and the pods that have none.</returns>
    /// <exception cref="ApiStatusException">An owner's scale can't be told.</exception>
    /// <exception cref="InvalidOperationException">An owner is not there, or has no scale.</exception>
    public async Task<(int Sum, IReadOnlyList<string> Unmanaged)> OfAsync(IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var scales = new Dictionary<string, int>();
        var seen = new HashSet<string>();
        List<string> unmanaged = [];
        foreach (var pod in pods)
        {
            if (Owners.ControllerOf(pod) is not { } owner) unmanaged.Add(pod.Metadata.Name);
            else if (seen.Add(owner.Uid))
            {
                var (uid, replicas) = await FindAsync(pod, owner, cancellationToken) ?? throw new InvalidOperationException($"found no controllers for pod \"{pod.Metadata.Name}\"");
                scales[uid] = replicas;
            }
        }

        return (scales.Values.Sum(), unmanaged);
    }

    private async Task<(string Uid, int Replicas)?> FindAsync(V1Pod pod, V1OwnerReference owner, CancellationToken cancellationToken)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (OwnerKind.ReplicaSet.Of(pod) is not null)
        {
            if (_replicaSets.Get(ns, owner.Name) is not { } set || set.Metadata.Uid != owner.Uid) return null;
            if (OwnerKind.Deployment.Of(set) is not { } above) return (set.Metadata.Uid, set.Spec.Replicas ?? 1);
            return _deployments.Get(ns, above.Name) is { } deployment && deployment.Metadata.Uid == above.Uid ? (above.Uid, deployment.Spec.Replicas ?? 1) : null;
        }

        if (OwnerKind.StatefulSet.Of(pod) is not null)
            return _statefulSets.Get(ns, owner.Name) is { } set && set.Metadata.Uid == owner.Uid ? (owner.Uid, set.Spec.Replicas ?? 1) : null;
        return await AskAsync(ns, owner, cancellationToken);
    }

    private async Task<(string Uid, int Replicas)?> AskAsync(string ns, V1OwnerReference owner, CancellationToken cancellationToken)
    {
        var api = services.Api;
        var resource = metadata.ResourceOf(ApiVersions.GroupOf(owner.ApiVersion), owner.Kind) ?? throw new InvalidOperationException($"no matches for kind \"{owner.Kind}\" in version \"{owner.ApiVersion}\"");
        var answer = await api.SendAsync(new ApiRequest(ApiVerb.Get, resource, ns, owner.Name, "scale", Options: new ApiRequestOptions { User = user }), cancellationToken);
        if (answer.StatusCode == 404)
        {
            var itself = await api.SendAsync(new ApiRequest(ApiVerb.Get, resource, ns, owner.Name, Options: new ApiRequestOptions { User = user }), cancellationToken);
            if (itself.IsSuccess) throw new InvalidOperationException($"{resource} does not implement the scale subresource");
            return null;
        }

        if (!answer.IsSuccess) throw ApiStatusException.From(answer.StatusCode, answer.Body);
        var scale = JsonNode.Parse(answer.Body.Span)!;
        var uid = (string?)scale["metadata"]?["uid"];
        return uid == owner.Uid ? (uid, (int?)scale["spec"]?["replicas"] ?? 0) : null;
    }
}
