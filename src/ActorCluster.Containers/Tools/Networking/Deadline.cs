namespace ActorCluster.Containers.Tools.Networking;

/// <summary>A tool's wait that ends after a while on the simulation's clock, or with the process.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;

    /// <param name="after">Null: never.</param>
    public Deadline(ToolContext tool, TimeSpan? after)
    {
        _limit = new CancellationTokenSource(after ?? Timeout.InfiniteTimeSpan, tool.Clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, tool.Killed);
    }

    public CancellationToken Token => _either.Token;

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
