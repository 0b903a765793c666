using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace ActorCluster.Network.Stack;

/// <summary>The reading end of a connection: hands out the payloads of the segments themselves, and what is consumed opens the window.</summary>
/// <remarks>A <see cref="Pipe"/> would copy every byte once more. State is guarded by the namespace's lock.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token registration is disposed of with each completed read.")]
internal sealed class TcpReader(TcpConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IWakeable
{
    private ManualResetValueTaskSourceCore<ReadResult> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancelledBy;
    private Piece? _first;
    private Piece? _last;
    private int _firstOffset;
    private long _length;
    private long _examined;
    private bool _ended;
    private Exception? _error;
    private bool _cancelPending;
    private bool _completed;
    private bool _waiting;

    private bool HasOutcome => _cancelPending || _ended || _error is not null || _length > _examined;

    /// <summary>Under the lock: the next bytes of the stream.</summary>
    public void Append(ReadOnlyMemory<byte> data)
    {
        if (_completed) return;
        var piece = new Piece(data, _last is null ? 0 : _last.RunningIndex + _last.Memory.Length);
        if (_last is null) _first = piece;
        else _last.Link(piece);
        _last = piece;
        _length += data.Length;
        WakeReader();
    }

    /// <summary>Under the lock: no more will come.</summary>
    public void End(Exception? error)
    {
        if (_ended || _error is not null) return;
        (_ended, _error) = (error is null, error);
        WakeReader();
    }

    private void WakeReader()
    {
        if (!_waiting) return;
        _waiting = false;
        connection.Namespace.WakeLater(this);
    }

    void IWakeable.Wake()
    {
        _registration.Unregister();
        _registration = default;
        connection.Namespace.Enter();
        ReadResult result = default;
        Exception? failure = null;
        if (_cancelledBy.IsCancellationRequested) failure = new OperationCanceledException(_cancelledBy);
        else if (!TryTakeResult(out result, out failure)) failure ??= new InvalidOperationException("The reader was completed during a read.");
        _cancelledBy = default;
        connection.Namespace.Leave();
        if (failure is null) _core.SetResult(result);
        else _core.SetException(failure);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        connection.Namespace.Enter();
        try
        {
            ThrowIfCompleted();
            if (_waiting) throw new InvalidOperationException("Another read is pending.");
            if (HasOutcome)
            {
                return TryTakeResult(out var result, out var failure) ? new(result) : ValueTask.FromException<ReadResult>(failure!);
            }
            _core.Reset();
            _waiting = true;
        }
        finally
        {
            connection.Namespace.Leave();
        }
        if (cancellationToken.CanBeCanceled)
        {
            var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TcpReader)state!).CancelRead(token), this);
            connection.Namespace.Enter();
            if (_waiting) _registration = registration;
            else registration.Unregister();
            connection.Namespace.Leave();
        }
        return new(this, _core.Version);
    }

    public override bool TryRead(out ReadResult result)
    {
        connection.Namespace.Enter();
        try
        {
            ThrowIfCompleted();
            result = default;
            if (!HasOutcome) return false;
            if (TryTakeResult(out result, out var failure)) return true;
            throw failure!;
        }
        finally
        {
            connection.Namespace.Leave();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        connection.Namespace.Enter();
        try
        {
            ThrowIfCompleted();
            var consumedBytes = DistanceTo(consumed);
            var examinedBytes = DistanceTo(examined);
            if (consumedBytes > examinedBytes || examinedBytes > _length) throw new ArgumentOutOfRangeException(nameof(consumed), "Positions are out of order.");
            if (consumedBytes > 0)
            {
                _length -= consumedBytes;
                if (_length == 0)
                {
                    (_first, _last, _firstOffset) = (null, null, 0);
                }
                else
                {
                    (_first, _firstOffset) = ((Piece)consumed.GetObject()!, consumed.GetInteger());
                    if (_firstOffset == _first.Memory.Length) (_first, _firstOffset) = (_first.NextPiece, 0);
                }
                connection.OnConsumed((int)consumedBytes);
            }
            _examined = examinedBytes - consumedBytes;
        }
        finally
        {
            connection.Namespace.Leave();
        }
    }

    public override void CancelPendingRead()
    {
        connection.Namespace.Enter();
        _cancelPending = true;
        WakeReader();
        connection.Namespace.Leave();
    }

    public override void Complete(Exception? exception = null)
    {
        connection.Namespace.Enter();
        if (!_completed)
        {
            _completed = true;
            (_first, _last, _firstOffset, _length) = (null, null, 0, 0);
            WakeReader();
            connection.OnReaderCompleted();
        }
        connection.Namespace.Leave();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _core.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _core.GetStatus(token);
    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private bool TryTakeResult(out ReadResult result, out Exception? failure)
    {
        failure = null;
        result = default;
        if (_completed) return false;
        // As with a real socket, what came before a reset can still be read.
        if (_error is not null && _length <= _examined && !_cancelPending)
        {
            failure = _error;
            return false;
        }
        var buffer = _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first, _firstOffset, _last!, _last!.Memory.Length);
        result = new(buffer, _cancelPending, _ended);
        _cancelPending = false;
        return true;
    }

    private void CancelRead(CancellationToken token)
    {
        connection.Namespace.Enter();
        if (_waiting)
        {
            _cancelledBy = token;
            WakeReader();
        }
        connection.Namespace.Leave();
    }

    private long DistanceTo(SequencePosition position) =>
        position.GetObject() is Piece piece && _first is not null ? piece.RunningIndex + position.GetInteger() - _first.RunningIndex - _firstOffset : 0;

    private void ThrowIfCompleted()
    {
        if (_completed) throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> data, long runningIndex) => (Memory, RunningIndex) = (data, runningIndex);

        public Piece? NextPiece => (Piece?)Next;

        public void Link(Piece next) => Next = next;
    }
}
