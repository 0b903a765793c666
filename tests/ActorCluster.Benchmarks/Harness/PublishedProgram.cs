namespace ActorCluster.Benchmarks.Harness;

/// <summary>The program as users have it, published and compiled ahead of time, with a state folder of its own that goes with it.</summary>
internal sealed class PublishedProgram : IAsyncDisposable
{
    private readonly string _program;

    private PublishedProgram(string home, string program) => (Home, _program) = (home, program);

    /// <summary>ACTORCLUSTER_HOME.</summary>
    public string Home { get; }

    /// <summary>What its commands find in their environment besides.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <param name="options">Of `dotnet publish`, besides those that users give.</param>
    public static async Task<PublishedProgram> PublishAsync(params string[] options)
    {
        var home = Directory.CreateTempSubdirectory("actorcluster-bench-").FullName;
        var folder = Path.Combine(home, "published");
        try
        {
            await RunAsync("dotnet", home, [], ["publish", Path.Combine(Repository.Root, "src", "ActorCluster.Cli"), "-c", "Release", "-o", folder, .. options]);
        }
        catch
        {
            Directory.Delete(home, recursive: true);
            throw;
        }

        return new PublishedProgram(Path.Combine(home, "state"), Path.Combine(folder, OperatingSystem.IsWindows() ? "actorcluster.exe" : "actorcluster"));
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    public Task RunAsync(params string[] arguments) => RunAsync(_program, Home, Environment, arguments);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(Home)!, recursive: true);
        return default;
    }

    private static Task RunAsync(string program, string home, Dictionary<string, string> environment, params string[] arguments) =>
        Repository.RunAsync(program, new Dictionary<string, string>(environment) { ["ACTORCLUSTER_HOME"] = home }, arguments);
}
