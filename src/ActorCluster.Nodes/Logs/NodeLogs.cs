using System.Globalization;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using k8s.Models;
using SharedVolumes = ActorCluster.Containers.FileSystem.Volumes;

namespace ActorCluster.Nodes.Logs;

/// <summary>
/// The logs of a node's containers as files, for pods that read them by a hostPath (log collectors): below "pods" in folders of their pods, and below
/// "containers" a link to each container's latest (pkg/kubelet/kuberuntime/helpers.go and legacy.go). Safe for concurrent use.
/// </summary>
internal sealed class NodeLogs
{
    /// <summary>Of one container, as the kubelet keeps the last one that ended.</summary>
    private const int Kept = 2;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, PodLogs> _pods = new(StringComparer.Ordinal);

    public NodeLogs(TimeProvider clock)
    {
        Dictionary<string, Shown> folders = new(StringComparer.Ordinal)
        {
            ["containers"] = new ShownFolder(() => Links().Select(link => link.Name).Order(StringComparer.Ordinal), name => Links().FirstOrDefault(link => link.Name == name).Link),
            ["pods"] = new ShownFolder(PodFolders, FindPod),
        };
        Volume = SharedVolumes.CreateShown("logs", clock, new ShownFolder(() => ["containers", "pods"], folders.GetValueOrDefault));
    }

    /// <summary>/var/log, with these two folders only.</summary>
    public IVolume Volume { get; }

    /// <param name="restarts">How often the container was started before.</param>
    /// <param name="containerId">With its runtime's name or without.</param>
    public void Add(V1Pod pod, string container, int restarts, string containerId, ContainerLog log)
    {
        lock (_gate)
        {
            if (!_pods.TryGetValue(NodeLogFolder.NameOf(pod), out var logs)) _pods[NodeLogFolder.NameOf(pod)] = logs = new(pod.Metadata.NamespaceProperty, pod.Metadata.Name, []);
            var earlier = logs.Containers.GetValueOrDefault(container, []);
            logs.Containers[container] =
                [.. earlier.Where(entry => entry.Restarts != restarts).TakeLast(Kept - 1), new Entry(restarts, containerId.Split("//")[^1], log)];
        }
    }

    /// <summary>The pod is gone, and its logs with it.</summary>
    public void Forget(V1Pod pod)
    {
        lock (_gate) _pods.Remove(NodeLogFolder.NameOf(pod));
    }

    private List<string> PodFolders()
    {
        lock (_gate) return [.. _pods.Keys];
    }

    private ShownFolder? FindPod(string name)
    {
        lock (_gate)
        {
            if (!_pods.TryGetValue(name, out var pod)) return null;
            return new ShownFolder(() => Names(pod), container => Entries(pod, container) is { Count: > 0 } entries ? FolderOf(entries) : null);
        }
    }

    private List<string> Names(PodLogs pod)
    {
        lock (_gate) return [.. pod.Containers.Keys];
    }

    private List<Entry> Entries(PodLogs pod, string container)
    {
        lock (_gate) return pod.Containers.GetValueOrDefault(container, []);
    }

    private static ShownFolder FolderOf(List<Entry> entries) => new(
        () => entries.Select(entry => entry.FileName).Order(StringComparer.Ordinal),
        name => entries.Find(entry => entry.FileName == name) is { } found ? new ShownFile(() => new LogFileStream(found.Log), () => found.Log.FileLength, found.Log.Changed) : null);

    private List<(string Name, Shown Link)> Links()
    {
        lock (_gate)
        {
            return
            [
                .. from pod in _pods
                   from container in pod.Value.Containers
                   let latest = container.Value[^1]
                   select ($"{pod.Value.Name}_{pod.Value.Namespace}_{container.Key}-{latest.ContainerId}.log", (Shown)new ShownLink($"/var/log/pods/{pod.Key}/{container.Key}/{latest.FileName}")),
            ];
        }
    }

    private sealed record PodLogs(string Namespace, string Name, SortedDictionary<string, List<Entry>> Containers);

    private sealed record Entry(int Restarts, string ContainerId, ContainerLog Log)
    {
        public string FileName { get; } = Restarts.ToString(CultureInfo.InvariantCulture) + ".log";
    }
}
