using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>`actorcluster demo`: the first thing a newcomer runs.</summary>
public sealed class DemoTests : IAsyncLifetime
{
    private static readonly string[] Steps =
    [
        "Start a cluster", "The nodes", "The tutorial's manifests, unchanged", "Container to container", "Pod to pod", "Pod to service",
        "Kill -9 the process of worker-", "Start worker-", "Take the cluster down; nothing is left behind",
    ];

    private readonly UserHome _home = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [Fact]
    public async Task It_succeeds_with_kubectl_and_leaves_nothing()
    {
        var demo = (await _home.ActorClusterAsync(WithTemporaryFolder(), "demo", "--timeout", "4m")).ShouldSucceed();

        demo.Output.ShouldContain("is done with kubectl (");
        demo.Output.ShouldContain("$ kubectl run busybox --image=busybox --rm -i --restart=Never -- wget 10.244.");
        ShouldHaveDoneAll(demo);
    }

    [Fact]
    public async Task It_succeeds_without_kubectl_and_leaves_nothing()
    {
        var variables = WithTemporaryFolder();
        variables["PATH"] = Directory.CreateDirectory(_home.File("no-programs")).FullName;

        var demo = (await _home.ActorClusterAsync(variables, "demo", "--timeout", "4m")).ShouldSucceed();

        demo.Output.ShouldContain("is done with the official C# client");
        ShouldHaveDoneAll(demo);
    }

    private void ShouldHaveDoneAll(CommandResult demo)
    {
        for (var step = 0; step < Steps.Length; step++) demo.Output.ShouldContain($"{step + 1}. {Steps[step]}", Case.Sensitive, demo.ToString());
        _home.Processes().ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_home.File("tmp")).Where(entry => Path.GetFileName(entry).StartsWith("actorcluster", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private Dictionary<string, string> WithTemporaryFolder() => new() { ["TMPDIR"] = Directory.CreateDirectory(_home.File("tmp")).FullName };
}
