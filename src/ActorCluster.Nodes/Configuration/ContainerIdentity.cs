using ActorCluster.Containers.FileSystem;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>Who a container's processes are, by its security context and its pod's (pkg/securitycontext/util.go, pkg/kubelet/kuberuntime/security_context.go).</summary>
internal static class ContainerIdentity
{
    public static int? UserId(V1Pod pod, V1Container container) => (int?)(container.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser);

    public static int? GroupId(V1Pod pod, V1Container container) => (int?)(container.SecurityContext?.RunAsGroup ?? pod.Spec.SecurityContext?.RunAsGroup);

    /// <summary>fsGroup among them.</summary>
    public static IReadOnlyList<int> Groups(V1Pod pod) =>
        [.. (pod.Spec.SecurityContext?.SupplementalGroups ?? []).Append(pod.Spec.SecurityContext?.FsGroup).OfType<long>().Select(id => (int)id)];

    /// <summary>What a status says of it.</summary>
    public static V1ContainerUser Describe(ProcessUser user) =>
        new() { Linux = new V1LinuxContainerUser { Uid = user.UserId, Gid = user.GroupId, SupplementalGroups = [.. user.Groups.Select(group => (long?)group)] } };

    public static int? FileGroup(V1Pod pod) => (int?)pod.Spec.SecurityContext?.FsGroup;

    /// <summary>The user that all containers of a pod share, if each says whom it runs as (FsUserFrom in pkg/volume/util); null otherwise.</summary>
    public static int? SharedUserId(V1Pod pod)
    {
        var users = (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).Select(container => UserId(pod, container)).Distinct().ToList();
        return users is [var only] ? only : null;
    }

    /// <exception cref="PodConfigurationException">It must not run as root, and would.</exception>
    public static void CheckNonRoot(V1Pod pod, V1Container container, int imageUserId)
    {
        if ((container.SecurityContext?.RunAsNonRoot ?? pod.Spec.SecurityContext?.RunAsNonRoot) != true) return;
        var name = $"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
        if (UserId(pod, container) is { } user)
        {
            if (user == 0) throw new PodConfigurationException($"container's runAsUser breaks non-root policy (pod: \"{name}\", container: {container.Name})");
        }
        else if (imageUserId == 0)
        {
            throw new PodConfigurationException($"container has runAsNonRoot and image will run as root (pod: \"{name}\", container: {container.Name})");
        }
    }
}
