using System.Globalization;
using System.Text;

namespace ActorCluster.Host.Processes;

/// <summary>Looks through the operating system's process table.</summary>
internal static class RunningPrograms
{
    /// <summary>The processes that have all these, each as one whole argument, on their command line. Linux only: elsewhere none are found.</summary>
    public static IReadOnlyList<ProcessIdentity> WithArguments(params IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsLinux()) return [];
        var wanted = arguments.Select(argument => Encoding.UTF8.GetBytes('\0' + argument + '\0')).ToList();
        var found = new List<ProcessIdentity>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var processId)) continue;
            if (processId == Environment.ProcessId) continue;
            // Identity first: if the PID changes hands between the two reads, the identity no longer matches and nothing is done to it.
            if (ProcessIdentity.Of(processId) is not { } identity) continue;
            var commandLine = CommandLine(folder);
            if (wanted.TrueForAll(argument => commandLine.AsSpan().IndexOf(argument) >= 0)) found.Add(identity);
        }

        return found;
    }

    private static byte[] CommandLine(string folder)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // it ended meanwhile, or is another user's
        }
    }
}
