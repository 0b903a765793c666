using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Lets go of claims that no pod uses and of volumes that no claim has, once they are being deleted
/// (pkg/controller/volume/pvcprotection, pvprotection). Keys are "ns/name" for claims, "/name" for volumes.</summary>
internal sealed class VolumeProtectionReconciler(ControllerServices services) : IReconciler
{
    private const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    private const string VolumeFinalizer = "kubernetes.io/pv-protection";

    private readonly KubeClient _client = services.ClientFor("pvc-protection-controller");
    private readonly InformerIndex<V1Pod> _podsByClaim = services.Informers.PodsByClaim();
    private readonly Informer<V1PersistentVolumeClaim> _claims = services.Informers.Of<V1PersistentVolumeClaim>();
    private readonly Informer<V1PersistentVolume> _volumes = services.Informers.Of<V1PersistentVolume>();

    public string Name => "persistentvolumeclaim-protection-controller";

    public void Attach(IReconcileQueue queue)
    {
        _claims.Changed += (_, after) =>
        {
            if (after?.Metadata.DeletionTimestamp is not null) queue.Add(ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
        };
        _volumes.Changed += (_, after) =>
        {
            if (after?.Metadata.DeletionTimestamp is not null) queue.Add(ObjectNames.Join("", after.Metadata.Name));
        };
        services.Informers.Of<V1Pod>().Changed += (before, after) =>
        {
            if (after is not null) return;
            foreach (var claim in PodClaims.Of(before!)) queue.Add(claim);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (ns.Length == 0)
        {
            if (_volumes.Get("", name) is { Status.Phase: not "Bound" } volume) await LetGoAsync(volume, VolumeFinalizer, cancellationToken);
            return ReconcileResult.Done;
        }
        if (_claims.Get(ns, name) is not { } claim || claim.Metadata.DeletionTimestamp is null || IsUsed(_podsByClaim.Get(key))) return ReconcileResult.Done;
        // The cache may not show a pod yet that has been given a node since.
        if (!IsUsed((await _client.ListAsync<V1Pod>(ns, ct: cancellationToken)).Where(pod => PodClaims.Of(pod).Contains(key)))) await LetGoAsync(claim, ClaimFinalizer, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>A pod that has no node yet will not start while the claim is being deleted.</summary>
    private static bool IsUsed(IEnumerable<V1Pod> pods) => pods.Any(PodFacts.IsScheduled);

    private async Task LetGoAsync<T>(T item, string finalizer, CancellationToken cancellationToken) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (item.Metadata.DeletionTimestamp is null || item.Metadata.Finalizers?.Contains(finalizer) != true) return;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = item.Metadata.Uid,
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. item.Metadata.Finalizers.Where(other => other != finalizer).Select(other => (JsonNode?)other)]),
            },
        };
        await _client.PatchAsync<T>(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name, patch, ct: cancellationToken);
    }
}
