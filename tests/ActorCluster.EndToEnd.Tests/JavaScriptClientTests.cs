using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>Everyday calls of the official JavaScript client (JavaScript/everyday.test.js), with the packages that its lock file names.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class JavaScriptClientTests(SharedCluster shared)
{
    [NodeFact]
    public async Task The_official_JavaScript_client_lists_watches_informs_patches_executes_and_forwards()
    {
        var folder = Directory.CreateTempSubdirectory("javascript-client");
        try
        {
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "JavaScript"))) File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            var environment = new Dictionary<string, string> { ["KUBECONFIG"] = shared.Cluster.Kubeconfig };
            (await Command.RunAsync("npm", ["ci", "--prefix", folder.FullName, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], environment)).ShouldSucceed();
            (await Command.RunAsync("node", ["--test", Path.Combine(folder.FullName, "everyday.test.js")], environment)).ShouldSucceed();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
