using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using ActorCluster.ApiServer.Http;
using ActorCluster.ApiServer.Spdy;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Contracts.Streams;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.ApiServer.Streams;

/// <summary>The channels of exec and attach as streams of a SPDY connection: v4.channel.k8s.io, what kubectl speaks up to 1.29.</summary>
/// <remarks>The client opens a stream for each channel, whose header "streamType" names it (cri-streaming/pkg/streaming/remotecommand/httpstream.go).</remarks>
internal sealed class SpdyTransport(TimeProvider clock) : IRemoteCommandTransport
{
    private const string Protocol = "v4.channel.k8s.io";

    /// <summary>How long the client may take to open its streams.</summary>
    private static readonly TimeSpan CreationTime = TimeSpan.FromSeconds(30);

    public bool RefusesOverHttp => true;

    public bool Accepts(HttpContext context) => SpdyUpgrade.Asks(context);

    public async Task<IRemoteCommandConnection> UpgradeAsync(HttpContext context)
    {
        var expected = Expected(context.Request.Query);
        var connection = new SpdyCommandConnection(await SpdyUpgrade.AcceptAsync(context, Protocol), context.RequestAborted);
        using var limit = new CancellationTokenSource(CreationTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            await connection.OpenAsync(expected, either.Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static HashSet<string> Expected(IQueryCollection query)
    {
        var types = new HashSet<string> { "error" };
        var tty = RequestOptions.Flag(query, "tty") == true;
        if (RequestOptions.Flag(query, "stdin") == true) types.Add("stdin");
        if (RequestOptions.Flag(query, "stdout") == true) types.Add("stdout");
        if (RequestOptions.Flag(query, "stderr") == true && !tty) types.Add("stderr");
        if (tty) types.Add("resize");
        return types;
    }
}

internal sealed class SpdyCommandConnection : IRemoteCommandConnection
{
    private const int Waiting = 4;
    private readonly SpdyConnection _connection;
    private readonly CancellationTokenSource _ending;
    private readonly Task _running;
    private readonly Dictionary<string, SpdyStream> _streams = [];
    private readonly Channel<RemoteCommandInput> _inputs = Channel.CreateBounded<RemoteCommandInput>(Waiting);

    public SpdyCommandConnection(SpdyConnection connection, CancellationToken aborted)
    {
        _connection = connection;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _running = RunAsync();
    }

    /// <summary>Completes when the client has opened all streams.</summary>
    /// <exception cref="IOException">It left before.</exception>
    public async Task OpenAsync(HashSet<string> expected, CancellationToken cancellationToken)
    {
        while (!expected.IsSubsetOf(_streams.Keys))
        {
            if (!await _connection.Opened.WaitToReadAsync(cancellationToken)) throw new IOException("the client left before it had opened its streams");
            while (_connection.Opened.TryRead(out var stream)) _streams.TryAdd(stream.Header("streamType"), stream);
        }
    }

    public async IAsyncEnumerable<RemoteCommandInput> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stdin = _streams.TryGetValue("stdin", out var input) ? ReadStdinAsync(input, cancellationToken) : Task.CompletedTask;
        var resizes = _streams.TryGetValue("resize", out var resize) ? ReadSizesAsync(resize, cancellationToken) : Task.CompletedTask;
        await foreach (var read in _inputs.Reader.ReadAllAsync(cancellationToken)) yield return read;
        await Task.WhenAll(stdin, resizes);
    }

    public async Task WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var name = channel switch { StreamChannel.Stdout => "stdout", StreamChannel.Stderr => "stderr", _ => "error" };
        if (!data.IsEmpty && _streams.TryGetValue(name, out var stream)) await stream.WriteAsync(data, cancellationToken);
    }

    public async Task FinishAsync(ReadOnlyMemory<byte> status, CancellationToken cancellationToken)
    {
        await WriteAsync(StreamChannel.Error, status, cancellationToken);
        foreach (var stream in _streams.Values) await stream.CloseAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelInOrderAsync();
        await _connection.DisposeAsync();
        await _running;
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await _connection.RunAsync(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The command is done.
        }
        _inputs.Writer.TryComplete();
    }

    private async Task ReadStdinAsync(SpdyStream stream, CancellationToken cancellationToken)
    {
        try
        {
            while (await stream.ReadAsync(cancellationToken) is { IsEmpty: false } data) await _inputs.Writer.WriteAsync(new RemoteCommandInput.Stdin(data), cancellationToken);
            await _inputs.Writer.WriteAsync(new RemoteCommandInput.StdinClosed(), cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ChannelClosedException)
        {
            return; // the connection is gone: the reader of all input ends with it
        }
    }

    private async Task ReadSizesAsync(SpdyStream stream, CancellationToken cancellationToken)
    {
        var text = new List<byte>();
        try
        {
            while (await stream.ReadAsync(cancellationToken) is { IsEmpty: false } data)
            {
                text.AddRange(data.Span);
                // JSON documents one after the other; none of them has a brace inside.
                for (var end = text.IndexOf((byte)'}'); end >= 0; end = text.IndexOf((byte)'}'))
                {
                    if (WebSocketConnection.ReadSize(text.Take(end + 1).ToArray()) is { } size) await _inputs.Writer.WriteAsync(new RemoteCommandInput.Resize(size), cancellationToken);
                    text.RemoveRange(0, end + 1);
                }
                if (text.Count > 1024) return;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ChannelClosedException or JsonException)
        {
            return; // as for standard input
        }
    }
}
