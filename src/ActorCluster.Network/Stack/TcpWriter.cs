using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace ActorCluster.Network.Stack;

/// <summary>The writing end of a connection: the arrays it lends are what segments carry, and what the receiver reads.</summary>
/// <remarks>
/// Arrays are left to the garbage collector, because the far reader keeps them as long as it likes. A flush waits while the send buffer is
/// full, which is how the peer's window reaches the program.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token registration is disposed of with each completed flush.")]
internal sealed class TcpWriter(TcpConnection connection) : PipeWriter, IValueTaskSource<FlushResult>, IWakeable
{
    /// <summary>For a connection's first words, which may be all it says: a small request or answer with its headers.</summary>
    private const int FirstChunk = 2048;
    private const int SmallestChunk = 4096;
    private const int LargestChunk = 65536;

    // The program's side: one thread at a time.
    private byte[] _chunk = [];
    private int _flushed;
    private int _written;
    private int _chunkSize = FirstChunk;
    private List<ReadOnlyMemory<byte>>? _full;
    private bool _completed;

    // Under the namespace's lock.
    private ManualResetValueTaskSourceCore<FlushResult> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancelledBy;
    private bool _waiting;
    private bool _cancelPending;

    // How a flush ended, from the decision under the lock to the wake-up outside it.
    private FlushResult _decided;
    private Exception? _decidedFailure;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written - _flushed + (_full?.Sum(piece => (long)piece.Length) ?? 0);

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_chunk.Length - _written < Math.Max(sizeHint, 1))
        {
            if (_written > _flushed)
            {
                (_full ??= []).Add(_chunk.AsMemory(_flushed, _written - _flushed));
                _chunkSize = Math.Min(_chunkSize * 2, LargestChunk); // it writes more than a chunk between flushes
            }
            NewChunk(Math.Max(sizeHint, _chunkSize));
        }
        return _chunk.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if ((uint)bytes > (uint)(_chunk.Length - _written)) throw new ArgumentOutOfRangeException(nameof(bytes));
        _written += bytes;
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // What a client writes first is often all that it says: an array of just that size. Later ones have room for the next words as well.
        if (_chunk.Length == 0 && source.Length is > 0 and <= LargestChunk) NewChunk(source.Length);
        // One array of the right size for each segment, instead of a row of small ones.
        while (source.Length > 0)
        {
            var memory = GetMemory(Math.Min(source.Length, LargestChunk));
            var count = Math.Min(memory.Length, source.Length);
            source.Span[..count].CopyTo(memory.Span);
            Advance(count);
            source = source[count..];
        }
        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (_completed) throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        connection.Namespace.Enter();
        try
        {
            SendWritten();
            if (_cancelPending)
            {
                _cancelPending = false;
                return new(new FlushResult(isCanceled: true, connection.CannotSend));
            }
            if (connection.CannotSend || connection.Machine.SendSpace > 0) return new(new FlushResult(false, connection.CannotSend));
            _core.Reset();
            _waiting = true;
        }
        finally
        {
            connection.Namespace.Leave();
        }
        if (cancellationToken.CanBeCanceled)
        {
            var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TcpWriter)state!).CancelFlush(token), this);
            connection.Namespace.Enter();
            if (_waiting) _registration = registration;
            else registration.Unregister();
            connection.Namespace.Leave();
        }
        return new(this, _core.Version);
    }

    public override void CancelPendingFlush()
    {
        connection.Namespace.Enter();
        _cancelPending = true;
        WakeWriter();
        connection.Namespace.Leave();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        connection.Namespace.Enter();
        if (exception is null) SendWritten();
        connection.OnWriterCompleted(abort: exception is not null);
        (_chunk, _full) = ([], null);
        connection.Namespace.Leave();
    }

    /// <summary>Under the lock: acknowledgments made room, or the connection ended.</summary>
    public void OnSendSpace()
    {
        if (_waiting && (connection.CannotSend || connection.Machine.HasAmpleSendSpace)) WakeWriter();
    }

    void IWakeable.Wake()
    {
        _registration.Unregister();
        _registration = default;
        if (_decidedFailure is null) _core.SetResult(_decided);
        else _core.SetException(_decidedFailure);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _core.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _core.GetStatus(token);
    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void NewChunk(int size)
    {
        _chunk = GC.AllocateUninitializedArray<byte>(size);
        _chunkSize = Math.Max(_chunkSize, SmallestChunk);
        (_flushed, _written) = (0, 0);
    }

    private void SendWritten()
    {
        if (!connection.CannotSend)
        {
            if (_full is not null)
                foreach (var piece in _full) connection.Machine.Write(piece);
            if (_written > _flushed) connection.Machine.Write(_chunk.AsMemory(_flushed, _written - _flushed));
            connection.Push();
        }
        _full = null;
        _flushed = _written;
    }

    private void WakeWriter()
    {
        if (!_waiting) return;
        _waiting = false;
        _decidedFailure = _cancelledBy.IsCancellationRequested ? new OperationCanceledException(_cancelledBy) : null;
        _decided = new(_cancelPending, connection.CannotSend);
        (_cancelledBy, _cancelPending) = (default, false);
        connection.Namespace.WakeLater(this);
    }

    private void CancelFlush(CancellationToken token)
    {
        connection.Namespace.Enter();
        if (_waiting)
        {
            _cancelledBy = token;
            WakeWriter();
        }
        connection.Namespace.Leave();
    }
}
