using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>What .NET's runtime is told by environment variables when a process starts.</summary>
internal static class RuntimeSettings
{
    /// <summary>The runtime's code is never writable and executable at the same address, for which each method that is compiled is mapped twice: a few percent of a start. Nothing that a pod runs is machine code.</summary>
    private static readonly KeyValuePair<string, string> NoDoubleMapping = new("DOTNET_EnableWriteXorExecute", "0");

    /// <summary>
    /// A control plane does many things a few times each: compiling them by profiles costs more than it gives (half as much processor time again for a thousand pods). A worker
    /// does few things, with packets, without end, and is half as fast again with profiles. And a control plane trusts its own authority alone: reading the machine's hundreds of
    /// certificates, as .NET does with the first one of its own that it serves, took a twentieth of its start.
    /// </summary>
    private static readonly Dictionary<string, string> ControlPlane = new([new("DOTNET_TieredPGO", "0"), NoDoubleMapping, new("SSL_CERT_FILE", Nowhere), new("SSL_CERT_DIR", Nowhere)]);

    private static readonly Dictionary<string, string> Worker = new([NoDoubleMapping]);

    /// <summary>Where OpenSSL finds no certificate. Other systems' libraries have stores of their own and don't ask for it.</summary>
    private const string Nowhere = "/dev/null";

    public static IReadOnlyDictionary<string, string> For(ProcessRole role) => role == ProcessRole.ControlPlane ? ControlPlane : Worker;
}
