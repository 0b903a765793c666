using k8s.Models;

namespace ActorCluster.Controllers.Tests.Fakes;

/// <summary>Volumes, claims to them, and pods that use these.</summary>
internal static class MakeVolume
{
    public static V1PersistentVolumeClaim Claim(string name, string size = "1Gi", string? storageClass = "", string mode = "ReadWriteOnce") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-of-" + name },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = [mode],
            StorageClassName = storageClass,
            Resources = new V1VolumeResourceRequirements { Requests = Size(size) },
        },
    };

    public static V1PersistentVolume Volume(string name, string size = "1Gi", string? storageClass = "", string? node = null, string policy = "Retain") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Uid = "uid-of-" + name },
        Spec = new V1PersistentVolumeSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Capacity = Size(size),
            StorageClassName = storageClass,
            PersistentVolumeReclaimPolicy = policy,
            HostPath = new V1HostPathVolumeSource { Path = "/mnt/" + name },
            NodeAffinity = node is null ? null : new V1VolumeNodeAffinity
            {
                Required = new V1NodeSelector
                {
                    NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [new V1NodeSelectorRequirement { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = [node] }] }],
                },
            },
        },
        Status = new V1PersistentVolumeStatus { Phase = "Available" },
    };

    public static V1StorageClass Class(string name, string binding, string policy = "Delete", bool growing = false) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Provisioner = "rancher.io/local-path",
        VolumeBindingMode = binding,
        ReclaimPolicy = policy,
        AllowVolumeExpansion = growing,
    };

    public static V1Pod Pod(string name, string claim)
    {
        var pod = Make.Unsaved(Make.Pod(name));
        pod.Spec = pod.Spec with { Volumes = [new V1Volume { Name = "data", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim } }] };
        return pod;
    }

    public static Dictionary<string, ResourceQuantity> Size(string size) => new() { ["storage"] = new(size) };
}
