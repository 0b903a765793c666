using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.StatefulSets;

/// <summary>Makes the claims of a StatefulSet's pods before the pods, and keeps their owners by the set's policy (pkg/controller/statefulset/stateful_pod_control.go).</summary>
internal sealed class StatefulClaimControl(KubeClient client, EventRecorder events, Informer<V1PersistentVolumeClaim> claims)
{
    private static readonly StatefulEventWording Wording = new();

    /// <summary>Makes the claims that a pod lacks.</summary>
    /// <returns>Why the pod can't be made yet; null if nothing is in the way.</returns>
    public async Task<Exception?> EnsureAsync(V1StatefulSet set, int ordinal, CancellationToken cancellationToken)
    {
        var pod = StatefulPods.NameOf(set, ordinal);
        Exception? failure = null;
        foreach (var (_, claim) in StatefulClaims.Of(set, ordinal))
        {
            var there = claims.Get(claim.Metadata.NamespaceProperty, claim.Metadata.Name);
            if (there is null) failure ??= await CreateAsync(set, pod, claim, cancellationToken);
            else if (there.Metadata.DeletionTimestamp is not null) failure ??= new ClaimNotReadyException($"pvc {claim.Metadata.Name} is being deleted");
        }
        if (failure is not null and not ApiUnavailableException)
            events.Record(set, "Warning", "FailedCreate", Wording.Failed(PodChange.Create, set, new V1Pod { Metadata = new V1ObjectMeta { Name = pod } }, failure.Message));
        return failure;
    }

    /// <summary>A claim of the pod goes with one that is gone; until then, there is to be no successor.</summary>
    public bool IsStale(V1StatefulSet set, int ordinal) => StatefulClaims.Of(set, ordinal).Any(claim =>
        claims.Get(claim.Claim.Metadata.NamespaceProperty, claim.Claim.Metadata.Name) is { } there && StatefulClaims.IsStale(set, there, StatefulPods.NameOf(set, ordinal)));

    /// <summary>Lets the set, a pod or nobody own the pod's claims.</summary>
    public async Task KeepOwnersAsync(V1StatefulSet set, V1Pod pod, bool isBeyond, CancellationToken cancellationToken)
    {
        foreach (var (_, claim) in StatefulClaims.Of(set, StatefulPods.OrdinalOf(set, pod)!.Value))
        {
            if (claims.Get(claim.Metadata.NamespaceProperty, claim.Metadata.Name) is not { } there || StatefulClaims.OwnersOf(set, there, pod, isBeyond) is not { } owners) continue;
            if (StatefulClaims.HasOtherController(set, there, pod))
            {
                events.Record(set, "Warning", "ConflictingController",
                    $"PersistentVolumeClaim {there.Metadata.Name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim");
            }
            await OwnerPatch.SetAsync(client, there, owners, cancellationToken);
        }
    }

    private async Task<Exception?> CreateAsync(V1StatefulSet set, string pod, V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(claim, cancellationToken);
            events.Record(set, "Normal", "SuccessfulCreate", $"Create Claim {claim.Metadata.Name} Pod {pod} in StatefulSet {set.Metadata.Name} success");
            return null;
        }
        catch (ApiStatusException there) when (there.IsAlreadyExists)
        {
            // The cache doesn't show it yet.
            return null;
        }
        catch (ApiUnavailableException unavailable)
        {
            return unavailable;
        }
        catch (ApiStatusException refused)
        {
            events.Record(set, "Warning", "FailedCreate", $"Create Claim {claim.Metadata.Name} for Pod {pod} in StatefulSet {set.Metadata.Name} failed error: {refused.Message}");
            return new ClaimNotReadyException($"failed to create PVC {claim.Metadata.Name}: {refused.Message}");
        }
    }

    /// <summary>A pod has to wait for its claim.</summary>
    private sealed class ClaimNotReadyException(string message) : Exception(message);
}
