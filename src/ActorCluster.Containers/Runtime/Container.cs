using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Runtime;

/// <summary>One container. Costs next to nothing until something is written or mounted: its files are its image's.</summary>
internal sealed class Container : IContainer
{
    private readonly ContainerConfiguration _configuration;
    private readonly ImageLayer _layer;
    private readonly ProcessTable _processes;
    private readonly Lock _gate = new();
    private readonly Lazy<ProcessUser> _user;
    private MountedFileSystem? _files;

    public Container(ContainerConfiguration configuration, ImageLayer layer, Func<string, ContainerImage?> imageByName)
    {
        _configuration = configuration;
        _layer = layer;
        _processes = new ProcessTable(this, configuration.Simulation);
        Executables = new Executables(this, imageByName);
        _user = new(FindUser);
    }

    public ContainerImage Image => _configuration.Image;
    public INetworkNamespace Network => _configuration.Network;
    public IServiceProvider Services => _configuration.Services;
    public string Hostname => _configuration.Hostname;

    /// <summary>Whether no program gives rights that who starts it hasn't got (PR_SET_NO_NEW_PRIVS).</summary>
    public bool NoNewPrivileges => _configuration.NoNewPrivileges;

    /// <summary>Whose its processes are.</summary>
    public ProcessUser User => _user.Value;

    public Executables Executables { get; }
    public IFileSystem Files => new ProcessFiles(this, 0, null, () => ProcessFiles.UsualUmask);
    public long UsedBytes => Volatile.Read(ref _files)?.Tree.Used ?? 0;

    /// <summary>Whether a path without links in it may mean something else than in the image.</summary>
    public bool MayDiffer(string path) => Volatile.Read(ref _files) is not null || _configuration.Mounts.Any(mount => MayCover(mount.MountPath, path));

    public MountedFileSystem Namespace
    {
        get
        {
            if (Volatile.Read(ref _files) is { } made) return made;
            lock (_gate) return _files ?? Build();
        }
    }

    public IProcess Start(ContainerStreams streams)
    {
        IReadOnlyList<string> command = _configuration.Command is { Count: > 0 } given ? given : Image.Entrypoint;
        IReadOnlyList<string> arguments = _configuration.Arguments is { Count: > 0 } args ? args : _configuration.Command is { Count: > 0 } ? [] : Image.Command;
        IReadOnlyList<string> whole = [.. command, .. arguments];
        if (whole.Count == 0) throw new ProgramNotFoundException("", "no command specified");
        var directory = WorkingDirectory;
        if (directory != "/" && (MayDiffer(directory) || _configuration.WorkingDirectory is not null)) Namespace.MakeDirectories(directory);
        return Start(whole, streams);
    }

    public IProcess Exec(IReadOnlyList<string> command, ContainerStreams streams)
    {
        if (_processes.Find(1) is null) throw new ProgramNotFoundException(command.Count > 0 ? command[0] : "", "cannot exec in a stopped container");
        return Start(command, streams);
    }

    public void Signal(int signal) => _processes.SignalMain(signal);

    public ValueTask DisposeAsync()
    {
        _processes.Close();
        return default;
    }

    private string WorkingDirectory => string.IsNullOrEmpty(_configuration.WorkingDirectory) ? Image.WorkingDirectory : _configuration.WorkingDirectory;

    private Process Start(IReadOnlyList<string> command, ContainerStreams streams)
    {
        var terminal = streams.Terminal is null ? null
            : new TerminalDevice(streams.Terminal, streams.Stdin ?? EmptyInput.Instance, streams.Stdout, (group, signal) => _processes.Signal(-group, signal));
        var process = _processes.Start(
            new ProcessSpec(
                command, Environment(terminal is not null), WorkingDirectory,
                terminal?.Input ?? streams.Stdin ?? EmptyInput.Instance, terminal?.Output ?? streams.Stdout, terminal?.Output ?? streams.Stderr, streams.Terminal)
            {
                Group = 0,
            },
            parentId: 0);
        terminal?.Start(process, _configuration.Simulation.Tasks);
        return process;
    }

    private Dictionary<string, string> Environment(bool terminal)
    {
        var environment = new Dictionary<string, string>(Image.Environment, StringComparer.Ordinal) { ["HOSTNAME"] = Hostname };
        environment.TryAdd("HOME", User.IsRoot ? "/root" : ContainerAccounts.Home(Files, User.UserId) ?? "/");
        if (terminal) environment.TryAdd("TERM", "xterm");
        foreach (var (name, value) in _configuration.Environment) environment[name] = value;
        return environment;
    }

    private ProcessUser FindUser()
    {
        var user = _configuration.UserId ?? Image.UserId;
        // Most are root, and need no file to be read for it.
        if (user == 0) return _configuration is { GroupId: null, Groups.Count: 0 } ? ProcessUser.Root : ProcessUser.Of(0, _configuration.GroupId ?? 0, _configuration.Groups);
        var group = _configuration.GroupId ?? ContainerAccounts.PrimaryGroup(Files, user) ?? 0;
        return ProcessUser.Of(user, group, _configuration.OnlyGivenGroups ? _configuration.Groups : _configuration.Groups.Concat(ContainerAccounts.GroupsOf(Files, user)));
    }

    private MountedFileSystem Build()
    {
        var clock = _configuration.Simulation.Clock;
        var tree = new FileTree(clock, FileTree.DefaultLimit, FileTree.Overlay);
        var files = new MountedFileSystem(tree, _layer.Root);
        foreach (var (path, content) in _configuration.EtcFiles.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            files.MakeDirectories(path[..path.LastIndexOf('/')]);
            using var stream = files.Open(path, FileOpen.Write);
            stream.Write(Encoding.UTF8.GetBytes(content));
        }
        if (_configuration.TerminationMessagePath is { } message)
            files.AddMount(message, tree, new FileInode(tree) { Permissions = 0b110_110_110, Modified = clock.GetUtcNow() }, readOnly: false);
        if (_configuration.ControlGroup is { } group) files.AddMount(SysFileSystem.ControlGroupPath, tree, SysFileSystem.ControlGroup(group, _processes), readOnly: true, FileTree.ControlGroup);
        // Parents before children, as the kubelet sorts them.
        foreach (var mount in _configuration.Mounts.OrderBy(m => m.MountPath, StringComparer.Ordinal))
        {
            var volume = (Volume)mount.Volume;
            files.AddMount(mount.MountPath, volume.Tree, SubPath(volume, mount.SubPath), mount.ReadOnly);
        }
        files.AddMount("/proc", tree, ProcFileSystem.Create(_processes, KernelParameters.Folder(Hostname, _configuration.KernelParameters), clock, _configuration.ControlGroup, () => DescribeMounts(files)), readOnly: false, FileTree.Processes);
        if (_configuration.ReadOnlyRoot) files.Freeze();
        Volatile.Write(ref _files, files);
        return files;
    }

    private bool MayCover(string mountPath, string path) =>
        IsAtOrBelow(path, mountPath.TrimEnd('/')) || mountPath.Contains("//", StringComparison.Ordinal) || mountPath.Contains("/.", StringComparison.Ordinal)
        || Image.Links.Keys.Any(link => IsAtOrBelow(mountPath, link)); // it leads to somewhere else, maybe there

    private static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');

    /// <summary>The folder or file of the volume that is mounted; a missing folder is made with the volume's permissions, as the kubelet does.</summary>
    private static Inode SubPath(Volume volume, string subPath)
    {
        var path = "/" + subPath.Trim('/');
        if (!volume.Files.Exists(path)) volume.Namespace.MakeDirectories(path, volume.Files.Stat("/").Permissions & 0b111_111_111);
        return volume.Namespace.Find(path, follow: true, 0)!;
    }

    private string DescribeMounts(MountedFileSystem files)
    {
        var text = new StringBuilder("overlay / overlay rw,relatime 0 0\n");
        foreach (var (path, mount) in files.Mounts.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            if (path == _configuration.TerminationMessagePath) continue;
            text.Append(mount.Device).Append(' ').Append(path).Append(' ').Append(mount.Kind).Append(mount.ReadOnly ? " ro" : " rw").Append(",relatime 0 0\n");
        }
        return text.ToString();
    }
}
