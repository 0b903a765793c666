using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Streams;

/// <summary>The container's end as its handler sees it; <see cref="ContainerStreamServerActor"/> does the talking.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source has no timer and no handle; a handler may hold its token for longer than the stream lives.")]
internal sealed class ContainerStreamPeer(IActorRef actor) : IContainerStreamPeer
{
    private readonly CreditGate _outputCredit = new(ContainerStreamProtocol.Window);
    private readonly ConcurrentDictionary<StreamChannel, Input> _inputs = [];
    private readonly CancellationTokenSource _callerGone = new();
    private readonly Lock _resizeLock = new();
    private Action<TerminalSize>? _resized;
    private TerminalSize? _size;

    public CancellationToken CallerGone => _callerGone.Token;

    /// <summary>A size that came before there was somebody to call is passed on at once.</summary>
    public Action<TerminalSize>? Resized
    {
        get
        {
            lock (_resizeLock) return _resized;
        }

        set
        {
            lock (_resizeLock) _resized = value;
            if (_size is { } size) value?.Invoke(size);
        }
    }

    public void Accept() => Send(new StreamAccepted());

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(StreamChannel channel, CancellationToken cancellationToken)
    {
        Accept();
        var input = InputOf(channel);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, CallerGone);
        while (await input.Chunks.Reader.WaitToReadAsync(either.Token))
        {
            if (!input.Chunks.Reader.TryRead(out var chunk)) continue;
            if (input.Consumed.Add(chunk.Length) is > 0 and var report) Send(new StreamCredit(channel, report));
            return chunk;
        }

        return default;
    }

    public async ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var taken = await _outputCredit.TakeAsync(Math.Min(data.Length, ContainerStreamProtocol.LargestFrame), cancellationToken);
            Send(new StreamData(channel, data[..taken].ToArray()));
            data = data[taken..];
        }
    }

    public void OnInput(StreamData data)
    {
        if (!data.Data.IsEmpty) InputOf(data.Channel).Chunks.Writer.TryWrite(data.Data);
    }

    public void OnInputClosed(StreamChannel channel) => InputOf(channel).Chunks.Writer.TryComplete();

    public void OnCredit(StreamCredit credit) => _outputCredit.Grant(credit.Bytes);

    public void OnResized(TerminalSize size)
    {
        lock (_resizeLock) _size = size;
        Resized?.Invoke(size);
    }

    public void OnCallerGone()
    {
        _outputCredit.Close(new OperationCanceledException("the caller of the stream is gone", CallerGone));
        _callerGone.Cancel();
    }

    private Input InputOf(StreamChannel channel) => _inputs.GetOrAdd(channel, static _ => new Input());

    private void Send(IStreamContent content) => actor.Tell(new SendContent(content), ActorRefs.NoSender);

    private sealed class Input
    {
        public Channel<ReadOnlyMemory<byte>> Chunks { get; } = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();

        public ConsumedBytes Consumed { get; } = new();
    }
}
