using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using ActorCluster.Contracts.Streams;

namespace ActorCluster.ApiServer.Tests.Support;

/// <summary>
/// Stands in for the nodes. Logs are a few lines; the agent has a page besides its health; exec runs one of a few commands: `echo`, `cat` (input to output), `fail CODE`,
/// `size` (prints the first size of the terminal that it is told).
/// </summary>
internal sealed class ScriptedStreams : IContainerStreamConnector
{
    public List<(string Node, ContainerStreamRequest Request)> Opened { get; } = [];

    /// <summary>Makes the connections that are dialled; null: all of them are refused.</summary>
    public Func<Task<Stream>>? Connect { get; init; }

    public Task<IContainerStream> OpenAsync(string nodeName, ContainerStreamRequest request, CancellationToken cancellationToken)
    {
        lock (Opened) Opened.Add((nodeName, request));
        if (request is LogRequest { Container: "waiting" })
        {
            throw new ContainerStreamException(400, "BadRequest", $"container \"waiting\" in pod \"{request.Pod}\" is waiting to start: ContainerCreating");
        }
        if (request is AgentRequest { Path: not ("/healthz" or "/page/" or "/page") }) throw new ContainerStreamException(404, "NotFound", "404 page not found");
        if (request is ExecRequest { Command: ["late"] }) throw new ContainerStreamException(404, "NotFound", "container not found (\"main\")");
        if (request is DialRequest or PortForwardRequest && Connect is null) throw new ContainerStreamException(503, "ServiceUnavailable", "dial tcp 10.244.1.2:80: connect: connection refused");
        var stream = new ScriptedStream { Connect = Connect };
        stream.Start(request);
        return Task.FromResult<IContainerStream>(stream);
    }

    private sealed class ScriptedStream : IContainerStream
    {
        private readonly Channel<StreamChunk> _output = Channel.CreateUnbounded<StreamChunk>();
        private readonly Channel<byte[]> _input = Channel.CreateUnbounded<byte[]>();
        private readonly TaskCompletionSource<StreamExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<TerminalSize> _size = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<Task<Stream>>? Connect { get; init; }

        public Task<StreamExit> Completion => _completion.Task;

        public void Start(ContainerStreamRequest request) => _ = RunAsync(request);

        public ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => _input.Writer.WriteAsync(data.ToArray(), cancellationToken);

        public ValueTask CloseInputAsync(StreamChannel channel, CancellationToken cancellationToken)
        {
            _input.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken)
        {
            _size.TrySetResult(size);
            return ValueTask.CompletedTask;
        }

        public async IAsyncEnumerable<StreamChunk> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var chunk in _output.Reader.ReadAllAsync(cancellationToken)) yield return chunk;
        }

        public ValueTask DisposeAsync()
        {
            _input.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        private async Task RunAsync(ContainerStreamRequest request)
        {
            var exit = 0;
            string? fault = null;
            switch (request)
            {
                case LogRequest log:
                    foreach (var line in Enumerable.Range(1, 5).TakeLast((int)(log.TailLines ?? 5))) Say(StreamChannel.Stdout, $"line {line}\n");
                    break;
                case AgentRequest { Path: "/page" }:
                    Say(StreamChannel.Error, Encoding.UTF8.GetString(new AgentAnswer(301, AgentAnswer.PlainText, "page/").ToBytes()));
                    break;
                case AgentRequest { Path: "/page/" }:
                    Say(StreamChannel.Error, Encoding.UTF8.GetString(new AgentAnswer(200, AgentAnswer.Html).ToBytes()));
                    Say(StreamChannel.Stdout, "<pre>");
                    break;
                case AgentRequest:
                    Say(StreamChannel.Stdout, "ok");
                    break;
                case DialRequest or PortForwardRequest:
                    await CarryAsync(await Connect!());
                    break;
                case ExecRequest { Command: ["echo", ..] } echo:
                    Say(StreamChannel.Stdout, string.Join(" ", echo.Command.Skip(1)) + "\n");
                    break;
                case ExecRequest { Command: ["fail", var code] }:
                    Say(StreamChannel.Stderr, "no\n");
                    exit = int.Parse(code);
                    break;
                case ExecRequest { Command: ["unknown"] }:
                    fault = "Internal error occurred: error executing command in container: no such program";
                    break;
                case ExecRequest { Command: ["size"] }:
                    var size = await _size.Task;
                    Say(StreamChannel.Stdout, $"{size.Width}x{size.Height}\n");
                    break;
                case ExecRequest { Command: ["cat"] } or AttachRequest:
                    await foreach (var data in _input.Reader.ReadAllAsync()) _output.Writer.TryWrite(new StreamChunk(StreamChannel.Stdout, data));
                    break;
            }
            _completion.SetResult(fault is null ? new StreamExit(exit) : new StreamExit(null, fault));
            _output.Writer.Complete();
        }

        private async Task CarryAsync(Stream connection)
        {
            await using var _ = connection;
            var input = Task.Run(async () =>
            {
                await foreach (var data in _input.Reader.ReadAllAsync()) await connection.WriteAsync(data);
                if (connection is System.Net.Sockets.NetworkStream tcp) tcp.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            });
            var buffer = new byte[8192];
            while (await connection.ReadAsync(buffer) is > 0 and var count) _output.Writer.TryWrite(new StreamChunk(StreamChannel.Stdout, buffer.AsSpan(0, count).ToArray()));
        }

        private void Say(StreamChannel channel, string text) => _output.Writer.TryWrite(new StreamChunk(channel, Encoding.UTF8.GetBytes(text)));
    }
}
