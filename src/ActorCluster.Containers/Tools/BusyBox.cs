using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>The multi-call binary: all applets, and where they are installed.</summary>
public static class BusyBox
{
    /// <summary>Every applet at /bin, for images that are made of busybox.</summary>
    public static ImmutableDictionary<string, IProgram> Programs { get; } = ImmutableDictionary<string, IProgram>.Empty;
}
