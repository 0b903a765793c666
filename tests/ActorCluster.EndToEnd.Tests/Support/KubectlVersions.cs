using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>The kubectls of this machine: a `kubectl.1.NN` for each version beside a kubectl of the PATH, as Google's packages bring them, or that kubectl alone.</summary>
internal static partial class KubectlVersions
{
    /// <summary>The oldest that the cluster is for; those before have no WebSocket, and print some of their answers otherwise.</summary>
    private const int Oldest = 27;

    /// <summary>"all": every case with every version.</summary>
    private const string Variable = "TRANSCRIPT_KUBECTLS";

    /// <summary>Is every version to be tried, however long that takes?</summary>
    public static bool All => Environment.GetEnvironmentVariable(Variable) == "all";

    /// <summary>Their programs, the oldest first; at least one.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>The NN of a program's version 1.NN.</summary>
    public static int MinorOf(string program)
    {
        if (MinorOfName(program) is { } named) return named;
        using var process = Process.Start(new ProcessStartInfo(program, ["version", "--client"]) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return int.Parse(Version().Match(said).Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static int? MinorOfName(string file) =>
        int.TryParse(Path.GetExtension(file).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? minor : null;

    private static List<string> Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).Where(File.Exists)
            .Select(file => Path.GetDirectoryName(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file)!).Distinct();
        List<string> all = [.. folders.SelectMany(folder => Directory.GetFiles(folder, "kubectl.1.*")).DistinctBy(Path.GetFileName).Where(file => MinorOfName(file) >= Oldest).OrderBy(MinorOfName)];
        return all.Count == 0 ? ["kubectl"] : all;
    }

    [GeneratedRegex(@"v1\.(\d+)\.")]
    private static partial Regex Version();
}
