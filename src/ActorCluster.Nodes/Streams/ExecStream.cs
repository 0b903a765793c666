using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Processes;

namespace ActorCluster.Nodes.Streams;

/// <summary>kubectl exec.</summary>
internal static class ExecStream
{
    public static async Task<StreamExit> RunAsync(ContainerInstance instance, ExecRequest request, IContainerStreamPeer peer)
    {
        var terminal = request.Tty ? new Terminal(80, 24) : null;
        if (terminal is not null) peer.Resized = size => terminal.Resize(size.Width, size.Height);
        IProcess process;
        try
        {
            process = instance.Container.Exec(request.Command, new ContainerStreams(
                request.Stdin ? new PeerInput(peer) : null,
                request.Stdout ? new PeerOutput(peer, StreamChannel.Stdout) : NoOutput.Instance,
                request.Stderr && !request.Tty ? new PeerOutput(peer, StreamChannel.Stderr) : NoOutput.Instance,
                terminal));
        }
        catch (ProgramNotFoundException fault)
        {
            return new StreamExit(null, $"Internal error occurred: error executing command in container: failed to exec in container: {OciErrors.ExecFailed(fault)}");
        }
        try
        {
            return new StreamExit(await process.Exit.WaitAsync(peer.CallerGone));
        }
        catch (OperationCanceledException)
        {
            // A terminal that closes hangs its processes up; others live on, as in life.
            if (request.Tty) process.Signal(1);
            throw;
        }
    }
}
