using System.Diagnostics;
using System.Globalization;

namespace ActorCluster.Host.Processes;

/// <summary>
/// Background processes without a service manager: the parent starts the program again, and the child detaches itself, so that it
/// outlives the parent, its terminal and its pipes.
/// </summary>
public static class BackgroundProcess
{
    /// <summary>Starts the program with these arguments. It is expected to call <see cref="Detach"/> first thing.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The executable can't be started.</exception>
    public static Process Start(LaunchCommand command, IReadOnlyList<string> arguments)
    {
        KeepDescriptorsFromChildren();
        var start = new ProcessStartInfo(command.Executable) { UseShellExecute = false, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in command.Prefix) start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (OperatingSystem.IsWindows()) start.CreateNoWindow = true;
        return Process.Start(start) ?? throw new InvalidOperationException($"{command.Executable} did not start.");
    }

    /// <summary>
    /// Cuts this process loose from whoever started it: a session of its own; standard input empty; standard output and error to the
    /// end of <paramref name="logFile"/>, the runtime's own last words included. Where there is no POSIX, only what .NET writes is redirected.
    /// </summary>
    public static void Detach(string logFile)
    {
        var log = new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (OperatingSystem.IsWindows())
        {
            var writer = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
            Console.SetOut(writer);
            Console.SetError(writer);
            Console.SetIn(TextReader.Null);
            return;
        }

        PosixCalls.StartSession();
        using (log)
        using (var nothing = new FileStream("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            PosixCalls.Duplicate((int)nothing.SafeFileHandle.DangerousGetHandle(), 0);
            PosixCalls.Duplicate((int)log.SafeFileHandle.DangerousGetHandle(), 1);
            PosixCalls.Duplicate((int)log.SafeFileHandle.DangerousGetHandle(), 2);
        }
    }

    /// <summary>A descriptor that a script left open (a lock file, a pipe) would else stay open as long as the cluster lives.</summary>
    private static void KeepDescriptorsFromChildren()
    {
        var folder = OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd";
        if (OperatingSystem.IsWindows() || !Directory.Exists(folder)) return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).ToList())
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && descriptor > 2)
                PosixCalls.KeepFromChildren(descriptor);
    }
}
