using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using SharedVolumes = ActorCluster.Containers.FileSystem.Volumes;

namespace ActorCluster.Nodes.Volumes;

/// <summary>
/// What a node keeps while its pods come and go: its own files, which hostPath and local volumes show, and the emptyDir volumes of its pods but those in
/// memory. As on a machine, they outlive a restart of the node, and on the real disk also its process. Safe for concurrent use.
/// </summary>
/// <param name="folder">Where it is kept on the real disk; null: in memory.</param>
internal sealed class NodeDisk(TimeProvider clock, string? folder)
{
    private const string Extension = ".journal";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedDictionary<string, IVolume>> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _locals = new(StringComparer.Ordinal);
    private NodeFiles _own = NodeFiles.None;
    private bool _closed;

    /// <summary>The node's own files.</summary>
    public IVolume Files { get; } = Make("host", clock, folder is null ? null : Path.Combine(folder, "host" + Extension));

    /// <summary>The node starts, and has these files.</summary>
    public void Start(NodeFiles own)
    {
        lock (_gate) _own = own;
    }

    /// <summary>The node's own files for somebody who looks at them by their path: what it has by itself is there, too.</summary>
    /// <exception cref="FileFaultException">The disk is full, or closed.</exception>
    public IVolume FilesOfHost()
    {
        lock (_gate)
        {
            // Once for each start of the node, and not before anybody looks: most nodes' files nobody ever does.
            _own.Provide(Files.Files);
            _own = NodeFiles.None;
        }
        return Files;
    }

    /// <summary>A pod's emptyDir, the same until <see cref="Forget"/>.</summary>
    /// <param name="uid">The pod's.</param>
    /// <exception cref="FileFaultException">InputOutput: the disk is closed.</exception>
    public IVolume EmptyDir(string uid, string name)
    {
        lock (_gate)
        {
            if (_closed) throw new FileFaultException(FileFault.InputOutput, name);
            if (!_pods.TryGetValue(uid, out var volumes)) _pods[uid] = volumes = new(StringComparer.Ordinal);
            if (!volumes.TryGetValue(name, out var volume)) volumes[name] = volume = Make(name, clock, FolderOf(uid) is { } pod ? Path.Combine(pod, name + Extension) : null);
            return volume;
        }
    }

    /// <summary>A pod uses a local volume from now on, until <see cref="Forget"/>.</summary>
    /// <param name="path">The volume's.</param>
    /// <returns>Whether others use it already.</returns>
    public bool UseLocal(string uid, string path)
    {
        lock (_gate)
        {
            if (!_locals.TryGetValue(path, out var pods)) _locals[path] = pods = new(StringComparer.Ordinal);
            pods.Add(uid);
            return pods.Count > 1;
        }
    }

    /// <summary>The pod is over, and its emptyDirs with it.</summary>
    /// <exception cref="IOException">The real disk fails.</exception>
    public void Forget(string uid)
    {
        lock (_gate)
        {
            foreach (var (path, pods) in _locals)
            {
                if (pods.Remove(uid) && pods.Count == 0) _locals.Remove(path);
            }
            if (_pods.Remove(uid, out var volumes))
            {
                foreach (var volume in volumes.Values) volume.Close();
            }
            if (!_closed && FolderOf(uid) is { } pod && Directory.Exists(pod)) Directory.Delete(pod, recursive: true);
        }
    }

    /// <summary>Forgets the pods that ended while nobody looked, as the kubelet does when it has heard which pods it has.</summary>
    /// <param name="uids">Of the pods that there are.</param>
    /// <exception cref="IOException">The real disk fails.</exception>
    public void ForgetAllBut(IReadOnlySet<string> uids)
    {
        if (PodsFolder is not { } pods || !Directory.Exists(pods)) return;
        foreach (var uid in Directory.EnumerateDirectories(pods).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal).ToList())
        {
            if (!uids.Contains(uid)) Forget(uid);
        }
    }

    /// <summary>Removes a folder of the node's own files with all that is in it, if it is there.</summary>
    /// <exception cref="FileFaultException">It can't be removed.</exception>
    public void Remove(string path) => SharedVolumes.Remove(Files, path);

    /// <summary>What is still written fails; what is on the real disk stays there.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Files.Close();
            foreach (var volume in _pods.Values.SelectMany(volumes => volumes.Values)) volume.Close();
        }
    }

    private string? PodsFolder => folder is null ? null : Path.Combine(folder, "pods");

    private string? FolderOf(string uid) => PodsFolder is { } pods ? Path.Combine(pods, uid) : null;

    private static IVolume Make(string name, TimeProvider clock, string? file) => file is null ? SharedVolumes.CreateEmptyDir(name, clock) : SharedVolumes.CreateStored(name, clock, new JournalFile(file));
}
