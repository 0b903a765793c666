using ActorCluster.Containers.FileSystem;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs;

/// <summary>Error numbers of Linux (include/uapi/asm-generic/errno*.h), for programs that print them.</summary>
internal static class Errno
{
    /// <summary>"2: No such file or directory".</summary>
    public static string Describe(FileFaultException fault) => $"{Number(fault.Fault)}: {fault.Message}";

    public static string Describe(SocketFaultException fault) => $"{Number(fault.Fault)}: {fault.Message}";

    private static int Number(FileFault fault) => fault switch
    {
        FileFault.NotPermitted => 1,
        FileFault.NotFound => 2,
        FileFault.InputOutput => 5,
        FileFault.PermissionDenied => 13,
        FileFault.Busy => 16,
        FileFault.Exists => 17,
        FileFault.CrossDevice => 18,
        FileFault.NotADirectory => 20,
        FileFault.IsADirectory => 21,
        FileFault.Invalid => 22,
        FileFault.NoSpace => 28,
        FileFault.ReadOnly => 30,
        FileFault.NameTooLong => 36,
        FileFault.NotEmpty => 39,
        FileFault.TooManyLinks => 40,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static int Number(SocketFault fault) => fault switch
    {
        SocketFault.MessageTooLong => 90,
        SocketFault.AddressInUse => 98,
        SocketFault.AddressNotAvailable => 99,
        SocketFault.NamespaceGone => 100,
        SocketFault.NetworkUnreachable => 101,
        SocketFault.ConnectionAborted => 103,
        SocketFault.ConnectionReset => 104,
        SocketFault.TimedOut => 110,
        SocketFault.ConnectionRefused => 111,
        SocketFault.HostUnreachable => 113,
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
