using System.Collections.Frozen;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Images;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Runtime;

/// <summary>What a node's pod and container actors use: images by name, and containers made of them.</summary>
public interface IContainerRuntime
{
    /// <summary>The image that a reference names (registry, tag and digest allowed), or null.</summary>
    ContainerImage? FindImage(string reference);

    /// <summary>The repositories that exist, sorted, for messages to the user.</summary>
    IReadOnlyList<string> ImageNames { get; }

    /// <summary>Makes a container; nothing runs until <see cref="IContainer.Start"/>.</summary>
    IContainer Create(ContainerConfiguration configuration);

    /// <summary>A volume that shows an image's files (KEP-4639), to be mounted read-only.</summary>
    IVolume CreateImageVolume(string name, ContainerImage image, SimulationContext simulation);
}

/// <param name="Command">Overrides the image's entrypoint, if given (a Pod's command).</param>
/// <param name="Arguments">Overrides the image's command, if given (a Pod's args).</param>
/// <param name="Environment">On top of the image's own.</param>
/// <param name="Mounts">Volumes by mount path.</param>
/// <param name="EtcFiles">Files the kubelet manages, by path: /etc/hosts, /etc/resolv.conf, /etc/hostname.</param>
public sealed record ContainerConfiguration(
    string Name,
    ContainerImage Image,
    IReadOnlyList<string>? Command,
    IReadOnlyList<string>? Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string? WorkingDirectory,
    string Hostname,
    INetworkNamespace Network,
    IReadOnlyList<VolumeMount> Mounts,
    IReadOnlyDictionary<string, string> EtcFiles,
    SimulationContext Simulation,
    IServiceProvider Services,
    bool Stdin = false,
    bool Terminal = false)
{
    /// <summary>Who its processes are; null: whom the image says.</summary>
    public int? UserId { get; init; }

    /// <summary>Null: the group that the image's /etc/passwd gives to the user, else 0.</summary>
    public int? GroupId { get; init; }

    /// <summary>Further groups of its processes.</summary>
    public IReadOnlyList<int> Groups { get; init; } = [];

    /// <summary>Whether the groups that the image's /etc/group gives to the user don't count.</summary>
    public bool OnlyGivenGroups { get; init; }

    /// <summary>Whether programs with the set-user-ID bit run as who starts them (allowPrivilegeEscalation: false).</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Its own files can't be changed, only what is mounted.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>A file that everybody in it may write; null: none.</summary>
    public string? TerminationMessagePath { get; init; }

    /// <summary>Kernel parameters that its pod sets (sysctls), by dotted name.</summary>
    public IReadOnlyDictionary<string, string> KernelParameters { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>What it may use, shown below /sys/fs/cgroup; null: nothing is shown.</summary>
    public ControlGroup? ControlGroup { get; init; }
}

/// <param name="SubPath">The folder of the volume that is mounted; "" for its root.</param>
public sealed record VolumeMount(string MountPath, IVolume Volume, string SubPath, bool ReadOnly);

/// <summary>Storage that containers of a pod share. Made by <c>Volumes</c> in this room; outlives containers, not the pod.</summary>
public interface IVolume
{
    string Name { get; }

    /// <summary>The volume's own tree, rooted at "/": what the node fills for configMap, secret and downwardAPI volumes.</summary>
    IFileSystem Files { get; }

    /// <summary>What its files hold in all.</summary>
    long UsedBytes { get; }

    /// <summary>Ends its use: what is kept of it stays, and what is still written to it fails.</summary>
    void Close();
}

/// <summary>One container: its files, its processes. Ends with its first process.</summary>
public interface IContainer : IAsyncDisposable
{
    IFileSystem Files { get; }

    /// <summary>Whose its main process is.</summary>
    ProcessUser User { get; }

    /// <summary>What its own files hold in all: those of its image and of volumes don't count.</summary>
    long UsedBytes { get; }

    /// <summary>Starts the main process (PID 1).</summary>
    /// <exception cref="ProgramNotFoundException">The kubelet's StartError / RunContainerError.</exception>
    IProcess Start(ContainerStreams streams);

    /// <summary>Starts another process in the running container (exec, probes, lifecycle hooks).</summary>
    /// <exception cref="ProgramNotFoundException">Exit code 127 in exec's Status; see runc's wording.</exception>
    IProcess Exec(IReadOnlyList<string> command, ContainerStreams streams);

    /// <summary>Sends a signal to the main process. SIGKILL ends all processes of the container.</summary>
    void Signal(int signal);
}

/// <param name="Stdin">Null: /dev/null.</param>
public sealed record ContainerStreams(IInputStream? Stdin, IOutputStream Stdout, IOutputStream Stderr, Terminal? Terminal = null);
