using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools;

/// <summary>The multi-call binary: all applets, and where they are installed.</summary>
public static class BusyBox
{
    /// <summary>Every applet at /bin, for images that are made of busybox.</summary>
    public static ImmutableDictionary<string, IProgram> Programs { get; } =
        new[] { "sh", "ash", "bash" }.ToImmutableDictionary(name => "/bin/" + name, IProgram (_) => ShellProgram.Instance);
}
