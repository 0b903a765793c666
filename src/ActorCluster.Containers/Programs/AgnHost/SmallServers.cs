using System.Globalization;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost's servers of a few lines: fake-gitserver and tcp-reset.</summary>
internal static class SmallServers
{
    private const int GitPort = 8000;

    public static IReadOnlyList<GoFlag> ResetFlags { get; } = [new("port", GoFlagKind.Integer, "8080")];

    public static Task<int> RunGitAsync(AgnHostContext agnhost) => agnhost.ServeAsync(GitPort, http => GoHttp.WriteAsync(http, "I am a fake git server"));

    /// <summary>Closes each connection while there is still something to read, which resets it.</summary>
    public static async Task<int> RunResetAsync(AgnHostContext agnhost)
    {
        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = agnhost.Flags.Number("port");
        ITcpListener listener;
        try
        {
            listener = agnhost.Listen(port);
        }
        catch (SocketFaultException fault)
        {
            return await agnhost.DieAsync(string.Create(CultureInfo.InvariantCulture, $"Error from net.Listen(): listen tcp :{port}: bind: {fault.Message.ToLowerInvariant()}"));
        }
        agnhost.Process.Signals.Handle(Signals.Terminate, () => terminated.TrySetResult());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(agnhost.Process.Killed);
        await using (listener)
        {
            var serving = ResetAllAsync(agnhost, listener, ended.Token);
            await agnhost.LogAsync(string.Create(CultureInfo.InvariantCulture, $"Serving on port {port}."));
            var first = await Task.WhenAny(terminated.Task.WaitAsync(agnhost.Process.Killed), agnhost.UntilSignalAsync());
            await first;
            await ended.CancelInOrderAsync();
            await serving;
        }
        if (!terminated.Task.IsCompleted) return 2;
        await agnhost.LogAsync("Shutting down after receiving signal: terminated.");
        await agnhost.LogAsync("Awaiting pod deletion.");
        return 0;
    }

    private static async Task ResetAllAsync(AgnHostContext agnhost, ITcpListener listener, CancellationToken ended)
    {
        try
        {
            while (await listener.AcceptAsync(ended) is { } connection)
            {
                await using (connection)
                {
                    await ResetAsync(connection, ended);
                    await agnhost.LogAsync($"TCP request from {connection.Remote}");
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }
    }

    private static async Task ResetAsync(ITcpConnection connection, CancellationToken ended)
    {
        try
        {
            var read = await connection.Input.ReadAsync(ended);
            // Nothing of it counts as read but the first byte.
            connection.Input.AdvanceTo(read.Buffer.IsEmpty ? read.Buffer.End : read.Buffer.GetPosition(1));
            connection.Abort();
        }
        catch (SocketFaultException)
        {
            return; // The client was faster.
        }
    }
}
