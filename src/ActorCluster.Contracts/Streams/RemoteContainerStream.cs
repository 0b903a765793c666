using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Streams;

/// <summary>The caller's end as its user sees it; <see cref="ContainerStreamClientActor"/> does the talking.</summary>
internal sealed class RemoteContainerStream : IContainerStream
{
    private readonly Channel<StreamChunk> _output = Channel.CreateUnbounded<StreamChunk>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly ConcurrentDictionary<StreamChannel, CreditGate> _inputCredit = [];
    private readonly ConsumedBytes _consumed = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StreamExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set right after the actor has been made.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    public Task Opened => _opened.Task;

    public Task<StreamExit> Completion => _completion.Task;

    public async ValueTask WriteAsync(StreamChannel channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            if (_completion.Task.IsCompletedSuccessfully) return;
            int taken;
            try
            {
                taken = await CreditOf(channel).TakeAsync(Math.Min(data.Length, ContainerStreamProtocol.LargestFrame), cancellationToken);
            }
            catch (StreamDoneException)
            {
                return;
            }

            Send(new StreamData(channel, data[..taken].ToArray()));
            data = data[taken..];
        }
    }

    public ValueTask CloseInputAsync(StreamChannel channel, CancellationToken cancellationToken)
    {
        Send(new StreamInputClosed(channel));
        return ValueTask.CompletedTask;
    }

    public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken)
    {
        Send(new StreamResized(size));
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<StreamChunk> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chunk in _output.Reader.ReadAllAsync(cancellationToken))
        {
            yield return chunk;
            if (_consumed.Add(chunk.Data.Length) is > 0 and var report) Send(new StreamCredit(StreamChannel.Stdout, report));
        }
    }

    /// <summary>Tells the container's end that nobody listens any more, unless it is done already.</summary>
    public ValueTask DisposeAsync()
    {
        Send(new StreamAbandoned());
        return ValueTask.CompletedTask;
    }

    public void OnAccepted() => _opened.TrySetResult();

    public void OnOutput(StreamData data) => _output.Writer.TryWrite(new StreamChunk(data.Channel, data.Data));

    public void OnCredit(StreamCredit credit) => CreditOf(credit.Channel).Grant(credit.Bytes);

    public void OnExit(StreamExit exit)
    {
        _opened.TrySetResult();
        _completion.TrySetResult(exit);
        End(new StreamDoneException());
    }

    /// <summary>The first outcome counts: failing what is done already does nothing.</summary>
    public void OnFailure(ContainerStreamException failure)
    {
        _opened.TrySetException(failure);
        if (_completion.TrySetException(failure)) End(failure);

        // Whoever was refused in OpenAsync never sees these tasks: they count as observed.
        _ = _opened.Task.Exception;
        _ = _completion.Task.Exception;
    }

    private void End(Exception reason)
    {
        _output.Writer.TryComplete();
        foreach (var channel in Enum.GetValues<StreamChannel>()) CreditOf(channel).Close(reason);
    }

    private CreditGate CreditOf(StreamChannel channel) =>
        _inputCredit.GetOrAdd(channel, static _ => new CreditGate(ContainerStreamProtocol.Window));

    private void Send(IStreamContent content) => Actor.Tell(new SendContent(content), ActorRefs.NoSender);

    private sealed class StreamDoneException : Exception;
}
