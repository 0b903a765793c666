using ActorCluster.Api.Pods;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Makes the claims of pods' ephemeral volumes, which live as long as their pods (pkg/controller/volume/ephemeral). Keys are "ns/name" of pods.</summary>
internal sealed class EphemeralVolumeReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1PersistentVolumeClaim> _claims;

    public EphemeralVolumeReconciler(ControllerServices services)
    {
        _client = services.ClientFor("ephemeral-volume-controller");
        _events = services.EventsFor(_client, "ephemeral_volume");
        _pods = services.Informers.Of<V1Pod>();
        _claims = services.Informers.Of<V1PersistentVolumeClaim>();
    }

    public string Name => "ephemeral-volume-controller";

    public void Attach(IReconcileQueue queue)
    {
        _pods.Changed += (before, after) =>
        {
            if (before is null && after is not null && HasEphemeral(after)) queue.Add(PodFacts.KeyOf(after));
        };
        _claims.Changed += (before, after) =>
        {
            if (after is null && Owners.ControllerOf(before!) is { Kind: "Pod" } owner) queue.Add(ObjectNames.Join(before!.Metadata.NamespaceProperty, owner.Name));
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || PodFacts.IsDeleting(pod)) return ReconcileResult.Done;
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(volume => volume.Ephemeral?.VolumeClaimTemplate is not null)) await EnsureAsync(pod, volume, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task EnsureAsync(V1Pod pod, V1Volume volume, CancellationToken cancellationToken)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, ClaimNames.Of(pod, volume)!);
        if (_claims.Get(ns, name) is { } there)
        {
            if (Owners.ControllerOf(there)?.Uid == pod.Metadata.Uid) return;
            var fault = $"PVC {ns}/{name} was not created for pod {ns}/{pod.Metadata.Name} (pod is not owner)";
            _events.Record(pod, "Warning", "FailedBinding", $"ephemeral volume {volume.Name}: {fault}");
            return;
        }
        var template = volume.Ephemeral.VolumeClaimTemplate;
        try
        {
            await _client.CreateAsync(new V1PersistentVolumeClaim
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    NamespaceProperty = ns,
                    Labels = template.Metadata?.Labels,
                    Annotations = template.Metadata?.Annotations,
                    OwnerReferences = [Owners.ControllerReference(pod, ApiVersions.Core, "Pod")],
                },
                Spec = template.Spec,
            }, cancellationToken);
        }
        catch (ApiStatusException refused) when (!refused.IsAlreadyExists)
        {
            _events.Record(pod, "Warning", "FailedBinding", $"ephemeral volume {volume.Name}: create PVC {name}: {refused.Message}");
            throw;
        }
    }

    private static bool HasEphemeral(V1Pod pod) => pod.Spec.Volumes?.Any(volume => volume.Ephemeral is not null) == true;
}
