using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>What .NET's runtime is told by environment variables when a process starts.</summary>
internal static class RuntimeSettings
{
    /// <summary>
    /// A control plane does many things a few times each: compiling them by profiles costs more than it gives (half as much processor time again for a thousand pods). A worker
    /// does few things, with packets, without end, and is half as fast again with profiles.
    /// </summary>
    private static readonly Dictionary<string, string> ControlPlane = new() { ["DOTNET_TieredPGO"] = "0" };

    private static readonly Dictionary<string, string> Worker = [];

    public static IReadOnlyDictionary<string, string> For(ProcessRole role) => role == ProcessRole.ControlPlane ? ControlPlane : Worker;
}
