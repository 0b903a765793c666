using System.Collections.Concurrent;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using SharedVolumes = ActorCluster.Containers.FileSystem.Volumes;

namespace ActorCluster.Nodes.Volumes;

/// <summary>The files of each node of this process, in memory: what hostPath and local volumes show. A node that begins anew finds them again; they end with the
/// process. Safe for concurrent use.</summary>
internal sealed class NodeDisks(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, IVolume> _disks = new(StringComparer.Ordinal);

    public IVolume Of(string node) => _disks.GetOrAdd(node, static (_, clock) => SharedVolumes.CreateEmptyDir("host", clock), clock);

    /// <summary>Removes a folder with all that is in it, on whichever node it is.</summary>
    /// <exception cref="FileFaultException">It can't be removed.</exception>
    public void Remove(string path)
    {
        foreach (var disk in _disks.Values) SharedVolumes.Remove(disk, path);
    }
}
