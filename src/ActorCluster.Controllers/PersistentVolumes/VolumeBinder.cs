using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Writes what binds a volume and a claim to each other: the volume first, so that whoever is interrupted can see how to go on
/// (bind and unbindVolume in pkg/controller/volume/persistentvolume/pv_controller.go). Writes only what isn't so already.</summary>
internal sealed class VolumeBinder(KubeClient client, EventRecorder events)
{
    public async Task BindAsync(V1PersistentVolume volume, V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        volume = await ReserveAsync(volume, claim, cancellationToken);
        volume = await SetPhaseAsync(volume, "Bound", cancellationToken);
        if (claim.Spec.VolumeName != volume.Metadata.Name || VolumeAnnotations.Get(claim, VolumeAnnotations.BindCompleted) is null)
        {
            var chosen = string.IsNullOrEmpty(claim.Spec.VolumeName);
            claim = await client.UpdateAsync(claim with
            {
                Metadata = VolumeAnnotations.With(claim.Metadata, [(VolumeAnnotations.BindCompleted, "yes"), .. chosen ? [(VolumeAnnotations.BoundByController, "yes")] : Array.Empty<(string, string?)>()]),
                Spec = claim.Spec with { VolumeName = volume.Metadata.Name },
            }, ct: cancellationToken);
        }
        await SetBoundAsync(claim, volume, cancellationToken);
    }

    /// <summary>Makes the volume the claim's.</summary>
    public async Task<V1PersistentVolume> ReserveAsync(V1PersistentVolume volume, V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef?.Uid == claim.Metadata.Uid && VolumeMatching.IsMeantFor(volume, claim)) return volume;
        var chosen = volume.Spec.ClaimRef is null;
        return await client.UpdateAsync(volume with
        {
            Metadata = chosen ? VolumeAnnotations.With(volume.Metadata, (VolumeAnnotations.BoundByController, "yes")) : volume.Metadata,
            Spec = volume.Spec with { ClaimRef = ReferenceTo(claim) },
        }, ct: cancellationToken);
    }

    /// <summary>What the controller chose is free again; what a user reserved stays reserved.</summary>
    public async Task UnbindAsync(V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        var chosen = VolumeAnnotations.Get(volume, VolumeAnnotations.BoundByController) is not null;
        var free = await client.UpdateAsync(volume with
        {
            Metadata = VolumeAnnotations.With(volume.Metadata, (VolumeAnnotations.BoundByController, null)),
            Spec = volume.Spec with { ClaimRef = chosen ? null : volume.Spec.ClaimRef with { Uid = null } },
        }, ct: cancellationToken);
        await SetPhaseAsync(free, "Available", cancellationToken);
    }

    /// <param name="complaint">For the event that goes with a phase that is news: its reason and text.</param>
    public async Task<V1PersistentVolume> SetPhaseAsync(V1PersistentVolume volume, string phase, CancellationToken cancellationToken, (string Reason, string Message)? complaint = null)
    {
        if (volume.Status?.Phase == phase) return volume;
        var status = (volume.Status ?? new V1PersistentVolumeStatus()) with { Phase = phase, Message = complaint?.Message };
        var written = await client.UpdateAsync(volume with { Status = status }, "status", cancellationToken);
        if (complaint is { } what) events.Record(written, "Warning", what.Reason, what.Message);
        return written;
    }

    /// <param name="complaint">For the event that goes with a phase that is news: its reason and text.</param>
    public async Task SetPhaseAsync(V1PersistentVolumeClaim claim, string phase, CancellationToken cancellationToken, (string Reason, string Message)? complaint = null)
    {
        if (claim.Status?.Phase == phase) return;
        // What isn't bound has neither modes nor a size.
        await client.UpdateAsync(claim with { Status = (claim.Status ?? new V1PersistentVolumeClaimStatus()) with { Phase = phase, AccessModes = null, Capacity = null } }, "status", cancellationToken);
        if (complaint is { } what) events.Record(claim, "Warning", what.Reason, what.Message);
    }

    public static V1ObjectReference ReferenceTo(V1PersistentVolumeClaim claim) => new()
    {
        ApiVersion = ApiVersions.Core,
        Kind = "PersistentVolumeClaim",
        NamespaceProperty = claim.Metadata.NamespaceProperty,
        Name = claim.Metadata.Name,
        Uid = claim.Metadata.Uid,
        ResourceVersion = claim.Metadata.ResourceVersion,
    };

    private async Task SetBoundAsync(V1PersistentVolumeClaim claim, V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (claim.Status is { Phase: "Bound" }) return;
        var status = (claim.Status ?? new V1PersistentVolumeClaimStatus()) with { Phase = "Bound", AccessModes = volume.Spec.AccessModes, Capacity = volume.Spec.Capacity };
        await client.UpdateAsync(claim with { Status = status }, "status", cancellationToken);
    }
}
