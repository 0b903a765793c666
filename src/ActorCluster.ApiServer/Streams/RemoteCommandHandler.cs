using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.ApiServer.Http;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>exec and attach: a container's streams, over whichever transport the client asks for.</summary>
internal sealed class RemoteCommandHandler(IContainerStreamConnector connector, IReadOnlyList<IRemoteCommandTransport> transports, TimeProvider clock)
{
    /// <summary>How long the client may take to answer the end with its own.</summary>
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private const string NotFound = "NotFound";
    private const string InternalError = "InternalError";

    /// <exception cref="StatusException">Refused before the connection was upgraded.</exception>
    public async Task HandleAsync(HttpContext context, JsonObject pod, bool attach, CancellationToken cancellationToken)
    {
        var request = Read(context.Request.Query, pod, attach);
        var node = PodStreamHandler.NodeOf(pod);
        var transport = transports.FirstOrDefault(t => t.Accepts(context)) ?? throw StatusException.BadRequest("Upgrade request required");
        IContainerStream opened;
        try
        {
            opened = await connector.OpenAsync(node, request, cancellationToken);
        }
        catch (ContainerStreamException refused) when (transport.RefusesOverHttp && refused.Reason == NotFound)
        {
            // The node's own words, as the kubelet sends them and the API server hands them on (cri-streaming/pkg/streaming/errors.go).
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refused.Message, cancellationToken);
            return;
        }
        catch (ContainerStreamException refused) when (!transport.RefusesOverHttp)
        {
            await RefuseAsync(context, transport, refused);
            return;
        }
        await using var stream = opened;
        await using var connection = await transport.UpgradeAsync(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = PumpInputAsync(connection, stream, ending);
        try
        {
            // As upstream: an empty message tells the client that the far end is there.
            await connection.WriteAsync(Outputs(request) switch { { Stdout: true } => StreamChannel.Stdout, { Stderr: true } => StreamChannel.Stderr, _ => StreamChannel.Error }, ReadOnlyMemory<byte>.Empty, ending.Token);
            await foreach (var chunk in stream.ReadAllAsync(ending.Token)) await connection.WriteAsync(chunk.Channel, chunk.Data, ending.Token);
            await connection.FinishAsync(await StatusAsync(stream, transport.RefusesOverHttp), ending.Token);
            // Hanging up at once could overtake the last output on its way to the client.
            await Task.WhenAny(input, Task.Delay(GoodbyeTime, clock, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client hung up.
        }
        catch (Exception gone) when (gone is WebSocketException or IOException)
        {
            // The client hung up while something was being sent to it.
        }
        finally
        {
            await ending.CancelInOrderAsync();
            await input;
        }
    }

    /// <summary>
    /// Upgrades all the same, as upstream's stream translator does: clients react to an HTTP error by trying an older protocol, and show its error.
    /// What the node says is an error inside the API server then (apiserver/pkg/util/proxy/streamtranslator.go).
    /// </summary>
    private async Task RefuseAsync(HttpContext context, IRemoteCommandTransport transport, ContainerStreamException refused)
    {
        await using var connection = await transport.UpgradeAsync(context);
        using var goodbye = new CancellationTokenSource(GoodbyeTime, clock);
        try
        {
            var told = refused.Reason == NotFound ? Failure(InternalError, Inside($"unable to upgrade connection: {refused.Message}")) : Failure(refused.Reason, refused.Message);
            await connection.FinishAsync(Serialize(told), goodbye.Token);
            await foreach (var _ in connection.ReadAllAsync(goodbye.Token)) continue;
        }
        catch (Exception gone) when (gone is OperationCanceledException or WebSocketException)
        {
            return; // the client hung up, or never will
        }
    }

    private static async Task PumpInputAsync(IRemoteCommandConnection connection, IContainerStream stream, CancellationTokenSource ending)
    {
        try
        {
            await foreach (var input in connection.ReadAllAsync(ending.Token))
            {
                switch (input)
                {
                    case RemoteCommandInput.Stdin(var data):
                        await stream.WriteAsync(StreamChannel.Stdin, data, ending.Token);
                        break;
                    case RemoteCommandInput.StdinClosed:
                        await stream.CloseInputAsync(StreamChannel.Stdin, ending.Token);
                        break;
                    case RemoteCommandInput.Resize(var size):
                        await stream.ResizeAsync(size, ending.Token);
                        break;
                }
            }
            // A client that is gone takes its command's streams with it.
            await ending.CancelInOrderAsync();
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The command is done, or the client gone.
        }
        catch (ContainerStreamException)
        {
            // The node is lost: the reader of the output gets to know it too, and tells the client.
        }
    }

    private static async Task<byte[]> StatusAsync(IContainerStream stream, bool asTheNodeSays)
    {
        JsonObject status;
        try
        {
            var exit = await stream.Completion;
            status = exit.ExitCode is null or 0 && exit.Message is null
                ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
                : exit.ExitCode is { } code and not 0 ? NonZero(code) : Failure(InternalError, asTheNodeSays ? exit.Message ?? "" : Inside(exit.Message ?? ""));
        }
        catch (ContainerStreamException lost)
        {
            status = Failure(lost.Reason, lost.Message);
        }
        return Serialize(status);
    }

    private static string Inside(string fault) => $"Internal error occurred: {fault}";

    private static byte[] Serialize(JsonObject status) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(status, JsonDocuments.CompactJson);

    private static JsonObject NonZero(int code)
    {
        var text = code.ToString(CultureInfo.InvariantCulture);
        var status = Failure("NonZeroExitCode", $"command terminated with non-zero exit code: exit status {text}");
        status["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = text }) };
        return status;
    }

    private static JsonObject Failure(string reason, string message) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
    };

    private static ContainerStreamRequest Read(IQueryCollection query, JsonObject pod, bool attach)
    {
        var ns = pod.TextAt("metadata", "namespace")!;
        var name = pod.TextAt("metadata", "name")!;
        var uid = pod.TextAt("metadata", "uid")!;
        var container = PodContainers.Choose(pod, RequestOptions.Text(query, "container"));
        var stdin = RequestOptions.Flag(query, "stdin") == true;
        var stdout = RequestOptions.Flag(query, "stdout") == true;
        var tty = RequestOptions.Flag(query, "tty") == true;
        // A terminal has one output.
        var stderr = RequestOptions.Flag(query, "stderr") == true && !tty;
        if (!stdin && !stdout && !stderr) throw StatusException.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
        if (attach) return new AttachRequest(ns, name, uid, container, stdin, stdout, stderr, tty);
        var command = query["command"].Select(c => c ?? "").ToArray();
        if (command.Length == 0) throw StatusException.BadRequest("you must specify at least one command for the container");
        return new ExecRequest(ns, name, uid, container, command, stdin, stdout, stderr, tty);
    }

    private static (bool Stdout, bool Stderr) Outputs(ContainerStreamRequest request) => request switch
    {
        ExecRequest exec => (exec.Stdout, exec.Stderr),
        AttachRequest attach => (attach.Stdout, attach.Stderr),
        _ => (true, false),
    };
}
