using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>The kind of object that a controller controls others for.</summary>
internal sealed record OwnerKind(string ApiVersion, string Kind)
{
    public static readonly OwnerKind Deployment = new(ApiVersions.Apps, "Deployment");
    public static readonly OwnerKind ReplicaSet = new(ApiVersions.Apps, "ReplicaSet");
    public static readonly OwnerKind ReplicationController = new(ApiVersions.Core, "ReplicationController");
    public static readonly OwnerKind Job = new(ApiVersions.Batch, "Job");
    public static readonly OwnerKind CronJob = new(ApiVersions.Batch, "CronJob");
    public static readonly OwnerKind DaemonSet = new(ApiVersions.Apps, "DaemonSet");
    public static readonly OwnerKind StatefulSet = new(ApiVersions.Apps, "StatefulSet");

    /// <summary>The reference that goes on what <paramref name="owner"/> makes or adopts.</summary>
    public V1OwnerReference Reference(IKubernetesObject<V1ObjectMeta> owner) => Owners.ControllerReference(owner, ApiVersion, Kind);

    /// <summary>The controlling owner, if it is of this kind.</summary>
    public V1OwnerReference? Of(IKubernetesObject<V1ObjectMeta> item) =>
        Owners.ControllerOf(item) is { } owner && owner.Kind == Kind && owner.ApiVersion == ApiVersion ? owner : null;
}
