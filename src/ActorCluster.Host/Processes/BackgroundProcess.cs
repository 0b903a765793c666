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
    /// <param name="logFile">What it writes to its standard output and error is appended here, the runtime's own first and last words included.</param>
    /// <param name="environment">Variables that it gets unless they are set already.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The executable can't be started.</exception>
    public static Process Start(LaunchCommand command, IReadOnlyList<string> arguments, string logFile, IReadOnlyDictionary<string, string> environment)
    {
        KeepDescriptorsFromChildren();
        var start = new ProcessStartInfo(command.Executable) { UseShellExecute = false, WorkingDirectory = Path.GetTempPath() };
        if (OperatingSystem.IsWindows())
        {
            start.CreateNoWindow = true;
        }
        else
        {
            // Redirected before the runtime starts, which keeps duplicates of what it finds: else whoever reads our output to its end
            // would wait as long as the cluster lives. The process keeps its PID.
            start.FileName = "/bin/sh";
            foreach (var word in new[] { "-c", "exec \"$@\" </dev/null >>\"$0\" 2>&1", logFile, command.Executable }) start.ArgumentList.Add(word);
        }
        foreach (var (name, value) in environment) start.Environment.TryAdd(name, value);
        foreach (var argument in command.Prefix) start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException($"{command.Executable} did not start.");
    }

    /// <summary>
    /// Cuts this process loose from the terminal of whoever started it: a session of its own. Where there is no POSIX, what .NET writes
    /// goes to the end of <paramref name="logFile"/> from now on.
    /// </summary>
    public static void Detach(string logFile)
    {
        if (!OperatingSystem.IsWindows())
        {
            PosixCalls.StartSession();
            return;
        }
        var log = new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var writer = TextWriter.Synchronized(new StreamWriter(log) { AutoFlush = true });
        Console.SetOut(writer);
        Console.SetError(writer);
        Console.SetIn(TextReader.Null);
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
