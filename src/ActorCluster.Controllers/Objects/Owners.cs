using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Objects;

/// <summary>Owner references: who manages an object.</summary>
internal static class Owners
{
    public static V1OwnerReference? ControllerOf(IKubernetesObject<V1ObjectMeta> item)
    {
        if (item.Metadata.OwnerReferences is not { } owners) return null;
        foreach (var owner in owners)
        {
            if (owner.Controller == true) return owner;
        }

        return null;
    }

    public static bool IsControlledBy(IKubernetesObject<V1ObjectMeta> item, IKubernetesObject<V1ObjectMeta> owner) =>
        ControllerOf(item)?.Uid == owner.Metadata.Uid;

    /// <summary>The reference that a controller puts on what it makes.</summary>
    public static V1OwnerReference ControllerReference(IKubernetesObject<V1ObjectMeta> owner, string apiVersion, string kind) => new()
    {
        ApiVersion = apiVersion,
        Kind = kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
