using System.Diagnostics;

namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>A test that runs JavaScript with Node.js, and gets the packages for it with npm.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    public NodeFactAttribute() => Skip = Obstacle.Value;

    private static string? FindObstacle()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] missing = [.. ((string[])["node", "npm"]).Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program))))];
        if (missing.Length > 0) return $"It needs `{string.Join("` and `", missing)}` (Node.js), which is not on the PATH.";
        return HasRegistry() ? null : "It needs packages from npm's registry, which can't be reached.";
    }

    private static bool HasRegistry()
    {
        using var npm = Process.Start(new ProcessStartInfo("npm", ["view", "@kubernetes/client-node", "version", "--fetch-retries=0", "--fetch-timeout=10000"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        npm.WaitForExit();
        return npm.ExitCode == 0;
    }
}
