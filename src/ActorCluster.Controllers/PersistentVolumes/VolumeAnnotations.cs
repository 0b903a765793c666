using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Annotations of claims and volumes by which those who bind, provision and schedule tell each other
/// (k8s.io/component-helpers/storage/volume/pv_helpers.go).</summary>
internal static class VolumeAnnotations
{
    /// <summary>On a claim: it was bound once.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>The controller chose what is bound, and may take it back.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a volume: who made it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    /// <summary>On a claim: who is to make its volume.</summary>
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";
    public const string OldProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>On a claim: where the scheduler wants its volume.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>The annotation; null where there is none.</summary>
    public static string? Get(IKubernetesObject<V1ObjectMeta> item, string name) => item.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;

    /// <summary>The metadata with some annotations set, or removed where the value is null.</summary>
    public static V1ObjectMeta With(V1ObjectMeta metadata, params IEnumerable<(string Name, string? Value)> changes)
    {
        var annotations = new Dictionary<string, string>(metadata.Annotations ?? new Dictionary<string, string>());
        foreach (var (name, value) in changes)
        {
            if (value is null) annotations.Remove(name);
            else annotations[name] = value;
        }
        return metadata with { Annotations = annotations };
    }
}
