using System.Diagnostics;

namespace ActorCluster.Benchmarks.Harness;

/// <summary>The repository that the benchmarks run in, for those that measure what it publishes.</summary>
internal static class Repository
{
    /// <exception cref="InvalidOperationException">The benchmarks were copied elsewhere.</exception>
    public static string Root
    {
        get
        {
            var root = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(root, "ActorCluster.sln")))
                root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The benchmark must run inside the repository: it publishes what it measures.");
            return root;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="environment">What is added to this process's own.</param>
    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    public static async Task RunAsync(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed:\n{await output}{await errors}");
    }
}
