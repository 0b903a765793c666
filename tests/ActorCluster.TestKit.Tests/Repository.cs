namespace ActorCluster.TestKit.Tests;

internal static class Repository
{
    /// <summary>The folder that all of it is in.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ActorCluster.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("ActorCluster.sln is in no folder above the tests.");
        return folder;
    }
}
