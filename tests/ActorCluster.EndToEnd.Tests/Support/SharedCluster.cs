namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>One cluster of a control-plane and three worker processes, for all tests that leave its processes alone.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private readonly UserHome _home = new();

    internal RunningCluster Cluster => _home.RunningCluster("shared");

    public async Task InitializeAsync() => await (await _home.UpAsync("shared", "--workers", "3")).NamesAreAnsweredAsync();

    public async Task DisposeAsync() => await _home.DisposeAsync();
}

/// <summary>The tests that share it, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedClusterTests : ICollectionFixture<SharedCluster>
{
    public const string Name = "A shared cluster";
}
