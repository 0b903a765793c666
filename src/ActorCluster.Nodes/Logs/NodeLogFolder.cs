using System.Collections.Immutable;
using ActorCluster.Nodes.Pods;
using k8s.Models;

namespace ActorCluster.Nodes.Logs;

/// <summary>
/// A node's folder of logs, /var/log elsewhere: pods/NAMESPACE_POD_UID/CONTAINER/RESTART.log, and containers/POD_NAMESPACE_CONTAINER-ID.log for each container's
/// latest instance (pkg/kubelet/kuberuntime/helpers.go and legacy.go). Pure.
/// </summary>
/// <param name="pods">All pods of the node.</param>
/// <param name="containers">What is known of the containers that matter for the path that is asked for.</param>
internal sealed class NodeLogFolder(IEnumerable<V1Pod> pods, IEnumerable<ContainerAccess> containers)
{
    private const string Pods = "pods";
    private const string Containers = "containers";

    private readonly SortedSet<string> _folders = new([Containers, Pods, .. pods.Select(pod => $"{Pods}/{NameOf(pod)}")], StringComparer.Ordinal);
    private readonly SortedDictionary<string, ContainerLog> _files = new(containers.SelectMany(FilesOf).ToDictionary(), StringComparer.Ordinal);

    /// <summary>The folder of one pod's logs, below "pods".</summary>
    public static string NameOf(V1Pod pod) => $"{pod.Metadata.NamespaceProperty}_{pod.Metadata.Name}_{pod.Metadata.Uid}";

    /// <summary>The containers that must be known before <paramref name="path"/> can be found, by pod.</summary>
    public static IEnumerable<(V1Pod Pod, string Container)> Needs(IEnumerable<V1Pod> pods, string path) => path.Split('/') switch
    {
        [Containers, ..] => pods.SelectMany(NamesOf),
        [Pods, var folder, ..] => pods.Where(pod => NameOf(pod) == folder).SelectMany(NamesOf),
        _ => [],
    };

    /// <param name="path">Without a slash at either end; "" is the folder itself.</param>
    public ContainerLog? File(string path) => _files.GetValueOrDefault(path);

    /// <summary>The names in a folder, those of folders with a slash at the end; null: there is no such folder.</summary>
    public ImmutableArray<string>? Folder(string path)
    {
        var prefix = path.Length == 0 ? "" : path + "/";
        var below = _folders.Select(folder => folder + "/").Concat(_files.Keys).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (below.Count == 0) return null;
        return [.. below.Select(name => FirstOf(name[prefix.Length..])).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];
    }

    private static string FirstOf(string path) => path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? path[..(slash + 1)] : path;

    private static IEnumerable<(V1Pod Pod, string Container)> NamesOf(V1Pod pod) =>
        (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers).Select(container => container.Name)
        .Concat((pod.Spec.EphemeralContainers ?? []).Select(container => container.Name))
        .Select(name => (pod, name));

    private static IEnumerable<KeyValuePair<string, ContainerLog>> FilesOf(ContainerAccess container)
    {
        if (container is not { State: { } state, Instance: { } instance }) yield break;
        var metadata = container.Pod.Metadata;
        var folder = $"{Pods}/{NameOf(container.Pod)}/{state.Name}";
        yield return new($"{folder}/{state.RestartCount}.log", instance.Log);
        if (container.PreviousLog is { } previous && previous != instance.Log && state.RestartCount > 0) yield return new($"{folder}/{state.RestartCount - 1}.log", previous);
        if ((state.ContainerId ?? state.Last?.ContainerId)?.Split("//")[^1] is { Length: > 0 } id)
            yield return new($"{Containers}/{metadata.Name}_{metadata.NamespaceProperty}_{state.Name}-{id}.log", instance.Log);
    }
}
