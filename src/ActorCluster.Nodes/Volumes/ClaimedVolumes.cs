using System.Collections.Immutable;
using ActorCluster.Api.Pods;
using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Nodes.Volumes;

/// <summary>The volumes behind a pod's claims, by the names that the pod gives them.</summary>
internal static class ClaimedVolumes
{
    public static readonly ImmutableDictionary<string, V1PersistentVolume> None = ImmutableDictionary.Create<string, V1PersistentVolume>(StringComparer.Ordinal);

    public static bool IsClaimed(V1Volume volume) => volume.PersistentVolumeClaim is not null || volume.Ephemeral is not null;

    /// <exception cref="VolumeSetUpException">A claim is missing, not bound, or not the pod's to use.</exception>
    /// <exception cref="ApiUnavailableException"/>
    public static async Task<ImmutableDictionary<string, V1PersistentVolume>> ReadAsync(KubeClient client, V1Pod pod)
    {
        var found = None;
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(IsClaimed)) found = found.Add(volume.Name, await ReadAsync(client, pod, volume));
        return found;
    }

    /// <summary>In the words of pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go.</summary>
    private static async Task<V1PersistentVolume> ReadAsync(KubeClient client, V1Pod pod, V1Volume volume)
    {
        var ns = pod.Metadata.NamespaceProperty;
        var name = ClaimNames.Of(pod, volume)!;
        if (await client.GetAsync<V1PersistentVolumeClaim>(ns, name) is not { } claim)
            throw Unprocessed($"failed to fetch PVC from API server: persistentvolumeclaims \"{name}\" not found");
        if (volume.Ephemeral is not null && claim.Metadata.OwnerReferences?.Any(owner => owner.Controller == true && owner.Uid == pod.Metadata.Uid) != true)
            throw Unprocessed($"PVC {ns}/{name} was not created for pod {ns}/{pod.Metadata.Name} (pod is not owner)");
        if (claim.Metadata.DeletionTimestamp is not null) throw Unprocessed("PVC is being deleted");
        if (claim.Status?.Phase != "Bound" || string.IsNullOrEmpty(claim.Spec.VolumeName)) throw Unprocessed("PVC is not bound");
        if (await client.GetAsync<V1PersistentVolume>("", claim.Spec.VolumeName) is not { } bound)
            throw Unprocessed($"failed to fetch PV \"{claim.Spec.VolumeName}\" from API server: persistentvolumes \"{claim.Spec.VolumeName}\" not found");
        return bound.Spec.ClaimRef?.Uid == claim.Metadata.Uid
            ? bound
            : throw Unprocessed($"PV {bound.Metadata.Name} spec.claimRef.uid \"{bound.Spec.ClaimRef?.Uid}\" is not equal to PVC's UID \"{claim.Metadata.Uid}\"");

        VolumeSetUpException Unprocessed(string why) => new(
            $"Unable to attach or mount volumes: unmounted volumes=[{volume.Name}], unattached volumes=[], failed to process volumes=[{volume.Name}]: error processing PVC {ns}/{name}: {why}");
    }
}
