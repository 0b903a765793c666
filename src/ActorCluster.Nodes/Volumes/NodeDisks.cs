using System.Collections.Concurrent;
using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Nodes.Volumes;

/// <summary>The disks of this process's nodes. Safe for concurrent use.</summary>
/// <param name="folder">Where they are kept on the real disk, a folder for each node; null: in memory, so that they end with the process.</param>
internal sealed class NodeDisks(TimeProvider clock, string? folder)
{
    private readonly ConcurrentDictionary<string, NodeDisk> _disks = new(StringComparer.Ordinal);

    /// <summary>A node that begins anew finds its disk again.</summary>
    public NodeDisk Of(string node) => _disks.GetOrAdd(node, static (node, my) => new NodeDisk(my.clock, my.folder is null ? null : Path.Combine(my.folder, node)), (clock, folder));

    /// <summary>Removes a folder with all that is in it, on whichever node it is.</summary>
    /// <exception cref="FileFaultException">It can't be removed.</exception>
    public void Remove(string path)
    {
        foreach (var disk in _disks.Values) disk.Remove(path);
    }

    /// <summary>What is still written to them fails; others may use the folder.</summary>
    public void Close()
    {
        foreach (var disk in _disks.Values) disk.Close();
    }
}
