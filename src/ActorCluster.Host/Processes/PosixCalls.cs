using System.Runtime.InteropServices;

namespace ActorCluster.Host.Processes;

/// <summary>The few POSIX calls that .NET has no face for. Not to be called on Windows.</summary>
internal static partial class PosixCalls
{
    public const int SignalInterrupt = 2;
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;

    // signal(7): these two have other numbers on macOS and the BSDs.
    public static readonly int SignalStop = OperatingSystem.IsLinux() ? 19 : 17;
    public static readonly int SignalContinue = OperatingSystem.IsLinux() ? 18 : 19;

    private const int NoSuchProcess = 3;      // ESRCH, the same on Linux, macOS and the BSDs
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int CloseOnExec = 1;        // FD_CLOEXEC

    /// <summary>Sends a signal to one process.</summary>
    /// <returns>False if there is no such process.</returns>
    public static bool Signal(int processId, int signal)
    {
        // kill(2) takes 0 and negative numbers for whole process groups: never meant here.
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2);
        if (kill(processId, signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw Failure("kill", error);
    }

    /// <summary>Leaves the terminal's session, so that neither its hang-up nor its Ctrl-C reaches this process any more.</summary>
    /// <returns>False if this process already leads a process group, and so can't.</returns>
    public static bool StartSession() => setsid() >= 0;

    /// <summary>Keeps a descriptor from being inherited by processes started from now on. A descriptor that is closed meanwhile is no matter.</summary>
    public static void KeepFromChildren(int descriptor) => _ = fcntl(descriptor, SetDescriptorFlags, CloseOnExec);

    private static IOException Failure(string call, int error) =>
        new($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fcntl(int descriptor, int command, int argument);
}
