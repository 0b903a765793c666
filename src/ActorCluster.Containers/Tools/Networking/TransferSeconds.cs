namespace ActorCluster.Containers.Tools.Networking;

/// <summary>The transfer's seconds as they pass; one that nobody waits for is kept.</summary>
internal sealed class TransferSeconds(ToolContext tool) : IDisposable
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    private readonly PeriodicTimer _timer = new(Length, tool.Clock);
    private Task? _next;

    public Task Next => _next ??= _timer.WaitForNextTickAsync(tool.Killed).AsTask();

    public async Task TakeAsync()
    {
        await Next;
        _next = null;
    }

    public void Dispose() => _timer.Dispose();
}
