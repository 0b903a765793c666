using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Processes;

namespace ActorCluster.Nodes.Streams;

/// <summary>kubectl attach: the main process's streams from now on (see <see cref="ContainerOutput"/> for what came before), until it ends or the caller goes.</summary>
internal static class AttachStream
{
    public static async Task<StreamExit> RunAsync(ContainerInstance instance, AttachRequest request, IContainerStreamPeer peer)
    {
        if (request.Tty && instance.Terminal is { } terminal) peer.Resized = size => terminal.Resize(size.Width, size.Height);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(peer.CallerGone);
        using var stdout = request.Stdout ? await AttachAsync(instance.Stdout, StreamChannel.Stdout, peer) : null;
        using var stderr = request.Stderr && !request.Tty ? await AttachAsync(instance.Stderr, StreamChannel.Stderr, peer) : null;
        var input = request.Stdin && instance.Stdin is { } stdin ? CopyInputAsync(stdin, instance.StdinOnce, peer, ended.Token) : Task.CompletedTask;
        try
        {
            // An empty write tells the caller that it is attached.
            await peer.WriteAsync(StreamChannel.Stdout, ReadOnlyMemory<byte>.Empty, peer.CallerGone);
            await instance.Main!.Exit.WaitAsync(peer.CallerGone);
            // The main process's exit code is in the pod's status; attach itself has none.
            return new StreamExit(null);
        }
        finally
        {
            await ended.CancelInOrderAsync();
            await input;
        }
    }

    private static Task<IDisposable> AttachAsync(ContainerOutput output, StreamChannel channel, IContainerStreamPeer peer) => output.AttachAsync(async (data, cancellationToken) =>
    {
        try
        {
            await peer.WriteAsync(channel, data.ToArray(), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The caller is gone; the container goes on.
        }
    }, peer.CallerGone);

    private static async Task CopyInputAsync(AttachedInput stdin, bool once, IContainerStreamPeer peer, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var data = await peer.ReadAsync(StreamChannel.Stdin, ended);
                if (data.IsEmpty || !await stdin.WriteAsync(data, ended)) break;
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Detached, or the process ended.
        }
        if (once) stdin.Close();
    }
}
