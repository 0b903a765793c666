using System.Globalization;
using System.Text;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>What agnhost's commands do over SCTP. Go's errors are the system call's alone there, because its standard library has no SCTP.</summary>
internal static class SctpCommands
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    /// <summary>connect --protocol=sctp: sends a line and waits for any answer.</summary>
    /// <returns>What came in the way; null: nothing.</returns>
    public static async Task<string?> ConnectAsync(AgnHostContext agnhost, SocketAddress remote)
    {
        // As upstream: without --timeout, its timer is up before anything else can be.
        if (agnhost.Flags.Duration("timeout") is not { Ticks: > 0 } timeout) return "TIMEOUT";
        using var limit = new CancellationTokenSource(timeout, agnhost.Process.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, agnhost.Process.Killed);
        try
        {
            await using var connection = await agnhost.Process.Network.ConnectSctpAsync(remote, null, either.Token);
            await connection.SendAsync(new(Encoding.UTF8.GetBytes(agnhost.Flags.Text("sctp-data") + "\n")), either.Token);
            return await connection.ReceiveAsync(either.Token) is null ? "OTHER: EOF" : null;
        }
        catch (OperationCanceledException) when (!agnhost.Process.Killed.IsCancellationRequested)
        {
            return "TIMEOUT";
        }
        catch (SocketFaultException fault)
        {
            return $"OTHER: {Describe(fault)}";
        }
    }

    /// <summary>netexec's /dial?protocol=sctp: one question, one answer.</summary>
    /// <exception cref="GoException">There was none.</exception>
    public static async Task<string> AskAsync(AgnHostContext agnhost, SocketAddress remote, string request)
    {
        var killed = agnhost.Process.Killed;
        var (step, quote) = ("sctp dial failed. err:", "");
        try
        {
            await using var connection = await agnhost.Process.Network.ConnectSctpAsync(remote, null, killed);
            step = "sctp connection write failed. err:";
            await connection.SendAsync(new(Encoding.UTF8.GetBytes(request)), killed);
            (step, quote) = ("reading from sctp connection failed. err:'", "'");
            using var limit = new CancellationTokenSource(ReadPatience, agnhost.Process.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, killed);
            return await connection.ReceiveAsync(either.Token) is { } answer
                ? Encoding.UTF8.GetString(answer.Payload.Span)
                : throw Failed("EOF");
        }
        catch (OperationCanceledException) when (!killed.IsCancellationRequested)
        {
            throw Failed("resource temporarily unavailable");
        }
        catch (SocketFaultException fault)
        {
            throw Failed(Describe(fault));
        }

        GoException Failed(string error) => new(step + error + quote);
    }

    /// <summary>porter: whoever connects gets the value.</summary>
    public static async Task ServeValueAsync(AgnHostContext agnhost, ISctpListener listener, string value, CancellationToken ended)
    {
        await using var bound = listener;
        await agnhost.LogAsync("Started SCTP server");
        var payload = Encoding.UTF8.GetBytes(value);
        try
        {
            while (await listener.AcceptAsync(ended) is { } connection) await AnswerAsync(connection);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return;
        }

        async Task AnswerAsync(ISctpConnection connection)
        {
            await using var accepted = connection;
            await agnhost.LogAsync("Sending response");
            try
            {
                await connection.SendAsync(new(payload), ended);
            }
            catch (SocketFaultException fault)
            {
                await agnhost.LogAsync($"Failed to send response {Describe(fault)}");
                return;
            }
            await agnhost.LogAsync("Response sent");
        }
    }

    /// <summary>netexec --sctp-port: one client after the other, each with one command.</summary>
    /// <exception cref="GoException">As upstream, a client that fails takes the server down.</exception>
    public static async Task ServeCommandsAsync(AgnHostContext agnhost, ISctpListener listener, CancellationToken killed)
    {
        while (await listener.AcceptAsync(killed) is { } connection)
        {
            await using var accepted = connection;
            var client = connection.Remote;
            var doing = $"failed to read from SCTP client {client}";
            try
            {
                var text = await connection.ReceiveAsync(killed) is { } message
                    ? Encoding.UTF8.GetString(message.Payload.Span).Trim().ToLowerInvariant()
                    : throw new GoException($"Error occurred: {doing}:EOF");
                doing = $"failed to answer SCTP client {client}";
                if (await AnswerAsync(agnhost, text, client) is { Length: > 0 } answer) await connection.SendAsync(new(Encoding.UTF8.GetBytes(answer)), killed);
            }
            catch (SocketFaultException fault)
            {
                throw new GoException($"Error occurred: {doing}:{Describe(fault)}");
            }
        }
    }

    private static async Task<string?> AnswerAsync(AgnHostContext agnhost, string text, SocketAddress client)
    {
        switch (text)
        {
            case "hostname":
                await agnhost.LogAsync("Sending SCTP hostName response");
                return agnhost.Hostname;
            case "clientip":
                await agnhost.LogAsync($"Sending clientip back to SCTP client {client}");
                return client.ToString();
            case "serverport":
                var port = agnhost.Flags.Number("sctp-port").ToString(CultureInfo.InvariantCulture);
                await agnhost.LogAsync($"Sending server port to SCTP client {port}");
                return port;
            case ['e', 'c', 'h', 'o', ' ', .. var rest]:
                await agnhost.LogAsync($"Echoing {rest} to SCTP client {client}");
                return rest;
            default:
                if (text.Length > 0) await agnhost.LogAsync($"Unknown SCTP command received from {client}: {text}");
                return null;
        }
    }

    private static string Describe(SocketFaultException fault) => fault.Message.ToLowerInvariant();
}
