namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>The kubectls of this machine.</summary>
internal static class KubectlVersions
{
    /// <summary>Those before word some of their own answers otherwise ("annotate" for "annotated").</summary>
    private const int Oldest = 30;

    /// <summary>"all": every `kubectl.1.NN` beside a kubectl of the PATH; otherwise the one that a user gets.</summary>
    private const string Variable = "TRANSCRIPT_KUBECTLS";

    /// <summary>Their programs.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    private static List<string> Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) != "all") return ["kubectl"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).Where(File.Exists)
            .Select(file => Path.GetDirectoryName(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file)!).Distinct();
        var all = folders.SelectMany(folder => Directory.GetFiles(folder, "kubectl.1.*"))
            .DistinctBy(Path.GetFileName).Where(file => int.TryParse(Path.GetExtension(file).TrimStart('.'), out var minor) && minor >= Oldest).Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? ["kubectl"] : all;
    }
}
