using ActorCluster.Api.Pods;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.PersistentVolumes;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Volumes;

/// <summary>What pods' claims have to do with where pods go (pkg/scheduler/framework/plugins/volumebinding): bound volumes say which nodes can have the pod,
/// and claims that wait for a pod get their volumes where it goes.</summary>
internal sealed class PodVolumes
{
    private const string NoMatch = "node(s) didn't find available persistent volumes to bind";
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    private readonly KubeClient _client;
    private readonly VolumeBinder _binder;
    private readonly Informer<V1PersistentVolumeClaim> _claims;
    private readonly Informer<V1PersistentVolume> _volumes;
    private readonly Informer<V1StorageClass> _classes;
    private readonly InformerIndex<V1Pod> _podsByClaim;

    public PodVolumes(ControllerServices services, KubeClient client, EventRecorder events)
    {
        _client = client;
        _binder = new VolumeBinder(client, events);
        _podsByClaim = services.Informers.PodsByClaim();
        _claims = services.Informers.Of<V1PersistentVolumeClaim>();
        _volumes = services.Informers.Of<V1PersistentVolume>();
        _classes = services.Informers.Of<V1StorageClass>();
    }

    /// <param name="tryPod">Called with "ns/name" of a pod whose claim has changed.</param>
    /// <param name="tryAll">Called when volumes or classes have changed, which may help any pod.</param>
    public void Attach(Action<string> tryPod, Action tryAll)
    {
        _claims.Changed += (before, after) =>
        {
            var claim = (after ?? before)!;
            foreach (var pod in _podsByClaim.Get(KeyOf(claim)).Where(pod => !PodFacts.IsScheduled(pod))) tryPod(PodFacts.KeyOf(pod));
        };
        _volumes.Changed += (before, after) =>
        {
            if (after is not null && before?.Status?.Phase != after.Status?.Phase) tryAll();
        };
        _classes.Changed += (_, after) =>
        {
            if (after is not null) tryAll();
        };
    }

    /// <summary>Why the pod can go nowhere for now, in upstream's words; null: its claims are in order.</summary>
    public string? Prevents(V1Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (ClaimNames.Of(pod, volume) is not { } name) continue;
            if (_claims.Get(pod.Metadata.NamespaceProperty, name) is not { } claim)
                return volume.Ephemeral is null ? $"persistentvolumeclaim \"{name}\" not found" : $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\"";
            if (claim.Status?.Phase == "Lost") return $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"";
            if (claim.Metadata.DeletionTimestamp is not null) return $"persistentvolumeclaim \"{name}\" is being deleted";
        }
        return ClaimsOf(pod).Any(claim => !VolumeMatching.IsFullyBound(claim) && !Waits(claim)) ? "pod has unbound immediate PersistentVolumeClaims" : null;
    }

    /// <summary>Why the pod's volumes can't be used on a node, in upstream's words; empty if they can.</summary>
    public IReadOnlyList<string> Reject(V1Pod pod, V1Node node)
    {
        if (pod.Spec.Volumes is not { Count: > 0 }) return [];
        SortedSet<string> reasons = new(StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (var claim in ClaimsOf(pod))
        {
            if (VolumeMatching.IsFullyBound(claim))
            {
                if (_volumes.Get("", claim.Spec.VolumeName) is not { } volume) reasons.Add("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
                else if (!VolumeMatching.IsReachable(volume, node)) reasons.Add("node(s) didn't match PersistentVolume's node affinity");
            }
            else if (VolumeAnnotations.Get(claim, VolumeAnnotations.SelectedNode) is { } selected)
            {
                if (selected != node.Metadata.Name) reasons.Add(NoMatch);
            }
            else if (VolumeMatching.Find(claim, _volumes.List(), node, taken) is { } match) taken.Add(match.Metadata.Name);
            else if (!CanBeMade(claim, node)) reasons.Add(NoMatch);
        }
        return [.. reasons];
    }

    /// <summary>The pod's claims that no two pods may use at a time, as "ns/name".</summary>
    public IReadOnlyList<string> ClaimsForOnePod(V1Pod pod) => [.. PodClaims.Shared(pod).Where(key => Find(key)?.Spec.AccessModes?.Contains("ReadWriteOncePod") == true)];

    /// <summary>Whether every claim of the pod has its volume.</summary>
    public bool AreBound(V1Pod pod) => pod.Spec.Volumes is not { Count: > 0 } || ClaimsOf(pod).All(VolumeMatching.IsFullyBound);

    /// <summary>Asks for the volumes of claims that have waited for the pod, on the node that it goes to. Once they are bound, the claims' changes bring the pod back.</summary>
    public async Task ClaimAsync(V1Pod pod, V1Node node, CancellationToken cancellationToken)
    {
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (var claim in ClaimsOf(pod).Where(claim => !VolumeMatching.IsFullyBound(claim)))
        {
            if (VolumeAnnotations.Get(claim, VolumeAnnotations.SelectedNode) is not null) continue;
            if (VolumeMatching.Find(claim, _volumes.List(), node, taken) is { } match)
            {
                taken.Add(match.Metadata.Name);
                await _binder.ReserveAsync(match, claim, cancellationToken);
            }
            else
            {
                await _client.UpdateAsync(claim with { Metadata = VolumeAnnotations.With(claim.Metadata, (VolumeAnnotations.SelectedNode, node.Metadata.Name)) }, ct: cancellationToken);
            }
        }
    }

    private IEnumerable<V1PersistentVolumeClaim> ClaimsOf(V1Pod pod) => PodClaims.Of(pod).Select(Find).OfType<V1PersistentVolumeClaim>();

    private V1PersistentVolumeClaim? Find(string key)
    {
        var (ns, name) = ObjectNames.Split(key);
        return _claims.Get(ns, name);
    }

    private bool Waits(V1PersistentVolumeClaim claim) => string.IsNullOrEmpty(claim.Spec.VolumeName) && ClassOf(claim)?.VolumeBindingMode == "WaitForFirstConsumer";

    private bool CanBeMade(V1PersistentVolumeClaim claim, V1Node node) =>
        ClassOf(claim) is { Provisioner: not NoProvisioner } storageClass
        && (storageClass.AllowedTopologies is not { Count: > 0 } topologies || topologies.Any(term => (term.MatchLabelExpressions ?? []).All(label =>
            node.Metadata.Labels is { } labels && labels.TryGetValue(label.Key, out var value) && label.Values.Contains(value))));

    private V1StorageClass? ClassOf(V1PersistentVolumeClaim claim) => VolumeMatching.ClassOf(claim) is { Length: > 0 } name ? _classes.Get("", name) : null;

    private static string KeyOf(V1PersistentVolumeClaim claim) => ObjectNames.Join(claim.Metadata.NamespaceProperty, claim.Metadata.Name);
}
