using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Images;

/// <summary>An emulated image: which references mean it, what an OCI image's config says, and its programs.</summary>
public abstract class ContainerImage
{
    /// <summary>Repository patterns without tag, '*' as a wildcard: "nginx", "docker.io/library/nginx", "registry.k8s.io/pause".</summary>
    public abstract ImmutableArray<string> Repositories { get; }

    public virtual ImmutableArray<string> Entrypoint => [];
    public virtual ImmutableArray<string> Command => [];
    public virtual ImmutableDictionary<string, string> Environment { get; } =
        ImmutableDictionary<string, string>.Empty.Add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    public virtual string WorkingDirectory => "/";

    /// <summary>Whom its programs run as unless a pod says otherwise: a user's number.</summary>
    public virtual int UserId => 0;

    /// <summary>What asks the main process to end (an OCI image's StopSignal): 15, SIGTERM, unless the image says otherwise.</summary>
    public virtual int StopSignal => 15;

    /// <summary>The image's programs by their absolute path.</summary>
    public abstract ImmutableDictionary<string, IProgram> Programs { get; }

    /// <summary>Those programs that run as root whoever starts them, by their absolute path (the set-user-ID and set-group-ID bits, execve(2)).</summary>
    public virtual ImmutableHashSet<string> SetUserIdPrograms => [];

    /// <summary>The image's other files by their absolute path. Shared by all its containers, never changed.</summary>
    public virtual ImmutableDictionary<string, ReadOnlyMemory<byte>> Files => ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Symbolic links: path to target, as in "/var/log/nginx/access.log" to "/dev/stdout".</summary>
    public virtual ImmutableDictionary<string, string> Links => ImmutableDictionary<string, string>.Empty;

    /// <summary>What it is built on; null if it is built on nothing that says what it is, as busybox.</summary>
    public virtual LinuxDistribution? Distribution => null;

    /// <summary>What to tell a user whose reference no image answers to; also printed by ErrImagePull's event.</summary>
    public virtual string Description => "";
}
