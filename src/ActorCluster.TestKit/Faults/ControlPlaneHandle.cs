namespace ActorCluster.TestKit.Faults;

/// <summary>
/// The control plane, as one process that can be killed and started. While it doesn't run, nodes reach no API and no controller works; pods go on. The test itself still
/// sees what is stored, by its client and over HTTPS.
/// </summary>
public sealed class ControlPlaneHandle
{
    private readonly TestCluster _cluster;

    internal ControlPlaneHandle(TestCluster cluster) => _cluster = cluster;

    /// <summary>Ends it without a warning. What the API had acknowledged is kept.</summary>
    public Task KillAsync() => _cluster.RunAsync(() => _cluster.Inner.KillControlPlaneAsync());

    /// <summary>Starts it, if it doesn't run: the controllers begin anew from what is stored.</summary>
    public Task StartAsync() => _cluster.RunAsync(() =>
    {
        _cluster.Inner.StartControlPlane();
        return Task.CompletedTask;
    });

    /// <summary>Kills it and starts it again.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }
}
