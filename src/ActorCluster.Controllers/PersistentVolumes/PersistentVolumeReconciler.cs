using ActorCluster.Api.Resources;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Binds claims and volumes to each other and reclaims volumes whose claims are gone
/// (pkg/controller/volume/persistentvolume). Keys are "claim:ns/name" and "volume:name".</summary>
/// <remarks>One at a time, as upstream: two claims would choose the same volume. A choice made of what was stale already ends in a conflict.</remarks>
internal sealed class PersistentVolumeReconciler : IReconciler
{
    private const string ClaimPrefix = "claim:";
    private const string VolumePrefix = "volume:";
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly VolumeBinder _binder;
    private readonly Informer<V1PersistentVolumeClaim> _claims;
    private readonly Informer<V1PersistentVolume> _volumes;
    private readonly Informer<V1StorageClass> _classes;
    private readonly InformerIndex<V1Pod> _podsByClaim;
    private IReconcileQueue? _queue;

    public PersistentVolumeReconciler(ControllerServices services)
    {
        _client = services.ClientFor("persistent-volume-binder");
        _events = services.EventsFor(_client, "persistentvolume-controller");
        _binder = new VolumeBinder(_client, _events);
        _podsByClaim = services.Informers.PodsByClaim();
        _claims = services.Informers.Of<V1PersistentVolumeClaim>();
        _volumes = services.Informers.Of<V1PersistentVolume>();
        _classes = services.Informers.Of<V1StorageClass>();
    }

    public string Name => "persistentvolume-binder-controller";

    public int Parallelism => 1;

    public void Attach(IReconcileQueue queue)
    {
        _queue = queue;
        _claims.Changed += (before, after) =>
        {
            queue.Add(KeyOf(after ?? before!));
            if (after is null && !string.IsNullOrEmpty(before!.Spec.VolumeName)) queue.Add(VolumePrefix + before.Spec.VolumeName);
        };
        _volumes.Changed += (before, after) =>
        {
            if (after is not null) queue.Add(VolumePrefix + after.Metadata.Name);
            if ((after ?? before)!.Spec.ClaimRef is { } claim) queue.Add(ClaimPrefix + ObjectNames.Join(claim.NamespaceProperty, claim.Name));
            else if (after?.Status?.Phase == "Available") QueueUnbound();
        };
        _classes.Changed += (_, after) =>
        {
            if (after is not null) QueueUnbound();
        };

        void QueueUnbound()
        {
            foreach (var claim in _claims.List().Where(claim => !VolumeMatching.IsFullyBound(claim))) queue.Add(KeyOf(claim));
        }
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (key.StartsWith(VolumePrefix, StringComparison.Ordinal))
        {
            if (_volumes.Get("", key[VolumePrefix.Length..]) is { } volume) await SyncAsync(volume, cancellationToken);
            return ReconcileResult.Done;
        }
        var (ns, name) = ObjectNames.Split(key[ClaimPrefix.Length..]);
        if (_claims.Get(ns, name) is not { } claim) return ReconcileResult.Done;
        if (VolumeAnnotations.Get(claim, VolumeAnnotations.BindCompleted) is not null) await SyncBoundAsync(claim, cancellationToken);
        else if (string.IsNullOrEmpty(claim.Spec.VolumeName)) await SyncUnboundAsync(claim, cancellationToken);
        else await SyncRequestedAsync(claim, claim.Spec.VolumeName, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>Any volume will do that suits.</summary>
    private async Task SyncUnboundAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Metadata.DeletionTimestamp is not null) return;
        var className = VolumeMatching.ClassOf(claim);
        var storageClass = className.Length == 0 ? null : _classes.Get("", className);
        var waits = storageClass?.VolumeBindingMode == "WaitForFirstConsumer";
        if (VolumeMatching.Find(claim, _volumes.List(), onlyPrebound: waits) is { } volume)
        {
            await _binder.BindAsync(volume, claim, cancellationToken);
            return;
        }
        if (claim.Spec.StorageClassName is null && DefaultClass() is { } fallback)
        {
            await _client.UpdateAsync(claim with { Spec = claim.Spec with { StorageClassName = fallback.Metadata.Name } }, ct: cancellationToken);
            return;
        }
        if (waits && VolumeAnnotations.Get(claim, VolumeAnnotations.SelectedNode) is null) RecordWaiting(claim);
        else if (className.Length == 0) _events.Record(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        else if (storageClass is null) _events.Record(claim, "Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
        else await AskForVolumeAsync(claim, storageClass.Provisioner, cancellationToken);
    }

    private void RecordWaiting(V1PersistentVolumeClaim claim)
    {
        var pods = _podsByClaim.Get(ObjectNames.Join(claim.Metadata.NamespaceProperty, claim.Metadata.Name)).Where(pod => !PodFacts.IsScheduled(pod)).Select(pod => pod.Metadata.Name).ToList();
        if (pods.Count == 0) _events.Record(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        else _events.Record(claim, "Normal", "WaitForPodScheduled", $"waiting for pod{(pods.Count == 1 ? "" : "s")} {string.Join(',', pods)} to be scheduled");
    }

    private async Task AskForVolumeAsync(V1PersistentVolumeClaim claim, string provisioner, CancellationToken cancellationToken)
    {
        if (provisioner == NoProvisioner)
        {
            _events.Record(claim, "Warning", "ProvisioningFailed", $"no volume plugin matched name: {provisioner}");
            return;
        }
        if (VolumeAnnotations.Get(claim, VolumeAnnotations.Provisioner) != provisioner)
        {
            claim = await _client.UpdateAsync(
                claim with { Metadata = VolumeAnnotations.With(claim.Metadata, (VolumeAnnotations.OldProvisioner, provisioner), (VolumeAnnotations.Provisioner, provisioner)) }, ct: cancellationToken);
        }
        _events.Record(claim, "Normal", "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. "
            + "If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    }

    /// <summary>The claim names its volume.</summary>
    private async Task SyncRequestedAsync(V1PersistentVolumeClaim claim, string name, CancellationToken cancellationToken)
    {
        if (_volumes.Get("", name) is not { } volume) await _binder.SetPhaseAsync(claim, "Pending", cancellationToken);
        else if (volume.Spec.ClaimRef is null && VolumeMatching.Mismatch(volume, claim) is { } why)
        {
            _events.Record(claim, "Warning", "VolumeMismatch", $"Cannot bind to requested volume \"{name}\": {why}");
            await _binder.SetPhaseAsync(claim, "Pending", cancellationToken);
        }
        else if (volume.Spec.ClaimRef is null || VolumeMatching.IsMeantFor(volume, claim)) await _binder.BindAsync(volume, claim, cancellationToken);
        else
        {
            _events.Record(claim, "Warning", "FailedBinding", $"volume \"{name}\" already bound to a different claim.");
            await _binder.SetPhaseAsync(claim, "Pending", cancellationToken);
        }
    }

    /// <summary>The claim was bound once: to what it has now, or its data is lost.</summary>
    private async Task SyncBoundAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(claim.Spec.VolumeName))
            await _binder.SetPhaseAsync(claim, "Lost", cancellationToken, ("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"));
        else if ((_volumes.Get("", claim.Spec.VolumeName) ?? await _client.GetAsync<V1PersistentVolume>("", claim.Spec.VolumeName, cancellationToken)) is not { } volume)
            await _binder.SetPhaseAsync(claim, "Lost", cancellationToken, ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"));
        else if (volume.Spec.ClaimRef is null || volume.Spec.ClaimRef.Uid == claim.Metadata.Uid) await _binder.BindAsync(volume, claim, cancellationToken);
        else await _binder.SetPhaseAsync(claim, "Lost", cancellationToken, ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly"));
    }

    private async Task SyncAsync(V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } reference)
        {
            await _binder.SetPhaseAsync(volume, "Available", cancellationToken);
            return;
        }
        // A claim that the cache doesn't have yet must not be taken for one that is gone.
        var claim = _claims.Get(reference.NamespaceProperty, reference.Name);
        if (claim?.Metadata.Uid != reference.Uid) claim = await _client.GetAsync<V1PersistentVolumeClaim>(reference.NamespaceProperty, reference.Name, cancellationToken);
        if (claim?.Metadata.Uid != reference.Uid) await ReclaimAsync(volume, cancellationToken);
        else if (string.IsNullOrEmpty(claim.Spec.VolumeName)) _queue!.Add(KeyOf(claim));
        else if (claim.Spec.VolumeName == volume.Metadata.Name) await _binder.SetPhaseAsync(volume, "Bound", cancellationToken);
        else if (VolumeAnnotations.Get(volume, VolumeAnnotations.ProvisionedBy) is not null && volume.Spec.PersistentVolumeReclaimPolicy == "Delete") await ReclaimAsync(volume, cancellationToken);
        else await _binder.UnbindAsync(volume, cancellationToken);
    }

    /// <summary>The claim is gone: the volume goes too, or waits for someone to look at it.</summary>
    private async Task ReclaimAsync(V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Status?.Phase is not ("Released" or "Failed")) volume = await _binder.SetPhaseAsync(volume, "Released", cancellationToken);
        if (volume.Metadata.DeletionTimestamp is not null) return;
        switch (volume.Spec.PersistentVolumeReclaimPolicy)
        {
            case "Recycle":
                await _binder.SetPhaseAsync(volume, "Failed", cancellationToken, ("VolumeFailedRecycle", "No recycler plugin found for the volume!"));
                break;
            // Who made the volume removes it; what nobody made, only a folder for short-lived things is removed (pkg/volume/hostpath).
            case "Delete" when VolumeAnnotations.Get(volume, VolumeAnnotations.ProvisionedBy) is null && volume.Spec.Csi is null:
                if (volume.Spec.HostPath?.Path.StartsWith("/tmp/", StringComparison.Ordinal) == true) await _client.DeleteAsync<V1PersistentVolume>("", volume.Metadata.Name, ct: cancellationToken);
                else
                {
                    var why = volume.Spec.HostPath is { } host
                        ? $"host_path deleter only supports /tmp/.+ but received provided {host.Path}"
                        : $"error getting deleter volume plugin for volume \"{volume.Metadata.Name}\": no deletable volume plugin matched";
                    await _binder.SetPhaseAsync(volume, "Failed", cancellationToken, ("VolumeFailedDelete", why));
                }
                break;
        }
    }

    private V1StorageClass? DefaultClass() =>
        _classes.List().Where(item => StorageClassResource.IsDefault(item.Metadata.Annotations))
            .OrderByDescending(item => item.Metadata.CreationTimestamp).ThenBy(item => item.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    private static string KeyOf(V1PersistentVolumeClaim claim) => ClaimPrefix + ObjectNames.Join(claim.Metadata.NamespaceProperty, claim.Metadata.Name);
}
