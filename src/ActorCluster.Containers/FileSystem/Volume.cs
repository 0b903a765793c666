using System.Globalization;
using ActorCluster.Containers.FileSystem.Journals;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.FileSystem;

/// <summary>A tree of its own, made when somebody looks into it: most pods' volumes nobody ever does.</summary>
internal sealed class Volume : IVolume
{
    private readonly TimeProvider _clock;
    private readonly long _limit;
    private readonly string _kind;
    private readonly int _permissions;
    private readonly DateTimeOffset _made;
    private readonly IVolumeJournal? _journal;
    private readonly DirectoryInode? _image;
    private readonly Lock _gate = new();
    private MountedFileSystem? _files;
    private Publication? _unwritten;
    private GroupOwnership? _group;
    private int _generation;
    private bool _closed;

    /// <param name="journal">Where it is kept; null: in memory only.</param>
    /// <param name="kind">One of <see cref="FileTree"/>'s.</param>
    public Volume(string name, TimeProvider clock, long limit, int permissions, string kind, IVolumeJournal? journal = null)
    {
        (Name, _clock, _limit, _permissions, _kind, _journal) = (name, clock, limit, permissions, kind, journal);
        _made = clock.GetUtcNow();
    }

    /// <param name="image">The root of an image's files, shared with its containers.</param>
    public Volume(string name, TimeProvider clock, long limit, DirectoryInode image) : this(name, clock, limit, image.Permissions, FileTree.Disk) => _image = image;

    public string Name { get; }
    public IFileSystem Files => Namespace;
    public FileTree Tree => Namespace.Tree;

    /// <summary>What another process left counts as soon as it is asked for.</summary>
    public long UsedBytes => Volatile.Read(ref _files)?.Tree.Used ?? (_journal is { IsThere: true } ? Tree.Used : 0);

    public MountedFileSystem Namespace
    {
        get
        {
            if (Volatile.Read(ref _files) is { } made) return made;
            lock (_gate) return _files ?? Make();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            if (_files?.Tree is not { Journal: { } journal } tree) return;
            lock (tree.Gate) journal.Close();
        }
    }

    /// <summary>Replaces the files of a volume that carries API objects (<see cref="Volumes.Publish"/>).</summary>
    public void Publish(IReadOnlyDictionary<string, VolumeFile> files)
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            var publication = new Publication(files, now, string.Create(CultureInfo.InvariantCulture, $"..{now:yyyy_MM_dd_HH_mm_ss}.{++_generation}"));
            if (_files is null) _unwritten = publication;
            else Volumes.Write(_files, files, publication.Folder, _group);
        }
    }

    /// <summary>Gives all its files to a group (<see cref="Volumes.SetGroup"/>).</summary>
    public void SetGroup(GroupOwnership group)
    {
        lock (_gate)
        {
            _group = group;
            if (_files is not null) group.Apply(_files.Tree, _files.Find("/", follow: true, 0)!);
        }
    }

    public void SetGroup(string folder, GroupOwnership group, bool unlessRootIs)
    {
        var root = Namespace.Find(folder, follow: true, 0) ?? throw new FileFaultException(FileFault.NotFound, folder);
        if (!unlessRootIs || !group.IsOf(root)) group.Apply(Tree, root);
    }

    private MountedFileSystem Make()
    {
        // What has happened already has its own time.
        var clock = new SetBackClock(_clock) { Now = _made };
        var tree = new FileTree(clock, _limit, _kind);
        var root = _image ?? tree.NewDirectory(_permissions);
        if (_journal is not null) tree.Journal = _closed ? throw new FileFaultException(FileFault.InputOutput, Name) : TreeJournal.Open(_journal, tree, root);
        var files = new MountedFileSystem(tree, root);
        if (_unwritten is { } publication)
        {
            clock.Now = publication.At;
            Volumes.Write(files, publication.Files, publication.Folder, _group);
            _unwritten = null;
        }
        else
        {
            _group?.Apply(tree, root);
        }
        clock.Now = null;
        Volatile.Write(ref _files, files);
        return files;
    }

    private sealed record Publication(IReadOnlyDictionary<string, VolumeFile> Files, DateTimeOffset At, string Folder);

    /// <summary>The cluster's clock, or an earlier time for as long as one is set.</summary>
    private sealed class SetBackClock(TimeProvider clock) : TimeProvider
    {
        public DateTimeOffset? Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now ?? clock.GetUtcNow();
    }
}
