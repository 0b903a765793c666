using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ActorCluster.Network.Tests.Kernel;

/// <summary>The system calls that make a network namespace and a TUN device.</summary>
internal static partial class LinuxCalls
{
    private const int NewNetworkNamespace = 0x40000000; // CLONE_NEWNET
    private const int ReadWrite = 2;
    private const nuint SetTunInterface = 0x400454ca; // TUNSETIFF
    private const short TunWithoutHeader = 0x1001; // IFF_TUN | IFF_NO_PI
    private const short Readable = 1; // POLLIN

    /// <summary>Gives the calling thread, and what it starts, a network namespace of its own. It goes with the last thread and socket in it.</summary>
    public static void LeaveNetwork() => Check(Unshare(NewNetworkNamespace), "unshare");

    /// <summary>Makes a TUN device in the calling thread's namespace. It goes when its handle is closed.</summary>
    public static SafeFileHandle OpenTun(string name)
    {
        var handle = new SafeFileHandle(Check(Open("/dev/net/tun", ReadWrite), "open /dev/net/tun"), ownsHandle: true);
        var request = new byte[40]; // struct ifreq
        Encoding.ASCII.GetBytes(name, request);
        BitConverter.TryWriteBytes(request.AsSpan(16), TunWithoutHeader);
        Check(IoControl(handle, SetTunInterface, request), "TUNSETIFF");
        return handle;
    }

    public static SafeFileHandle OpenEvent() => new(Check(EventFd(0, 0), "eventfd"), ownsHandle: true);

    public static void Signal(SafeFileHandle signal) => Check((int)Write(signal, BitConverter.GetBytes(1L), 8), "write to an eventfd");

    /// <summary>Waits until there is something to read, or the signal came.</summary>
    /// <returns>False: the signal came.</returns>
    public static bool WaitToRead(SafeFileHandle file, SafeFileHandle signal)
    {
        Span<PollItem> items = [new((int)file.DangerousGetHandle(), Readable), new((int)signal.DangerousGetHandle(), Readable)];
        while (true)
        {
            if (Poll(ref items[0], 2, -1) >= 0) return (items[1].Happened & Readable) == 0;
            if (Marshal.GetLastPInvokeError() != 4) Check(-1, "poll"); // EINTR
        }
    }

    public static int Read(SafeFileHandle file, byte[] buffer) => Check((int)Read(file, buffer, (nuint)buffer.Length), "read from the TUN device");

    public static void Write(SafeFileHandle file, byte[] packet) => Check((int)Write(file, packet, (nuint)packet.Length), "write to the TUN device");

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int IoControl(SafeFileHandle file, nuint request, byte[] argument);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref PollItem items, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(SafeFileHandle file, [Out] byte[] buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(SafeFileHandle file, byte[] buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollItem(int file, short wanted)
    {
        public int File = file;
        public short Wanted = wanted;
        public short Happened;
    }
}
