using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace ActorCluster.Network.Stack;

/// <summary>The reading end of a connection: hands out the payloads of the segments themselves, and what is consumed opens the window.</summary>
/// <remarks>
/// A <see cref="Pipe"/> would copy every byte once more. State is guarded by the namespace's lock, which is taken as seldom as can be: connections of a
/// pod share it. A reader that wakes finds its result made, and small amounts that were consumed are settled by the next read.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token registration is disposed of with each completed read.")]
internal sealed class TcpReader(TcpConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IWakeable
{
    /// <summary>What is consumed without a word to the connection until the next read, in bytes: far less than any window.</summary>
    private const int LargestDeferral = 2048;

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

    // How a read ended, from the decision under the lock to the wake-up outside it.
    private Piece? _decidedFirst;
    private Piece? _decidedLast;
    private bool _decidedCancelled;
    private bool _decidedEnd;
    private Exception? _decidedFailure;

    // The reading program's own, until its next read.
    private Advance? _deferred;

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
        _decidedFailure = _cancelledBy.IsCancellationRequested ? new OperationCanceledException(_cancelledBy) : Failure();
        (_decidedFirst, _decidedLast, _decidedCancelled, _decidedEnd) = (_first, _last, _cancelPending, _ended);
        if (_decidedFailure is null) _cancelPending = false;
        _cancelledBy = default;
        connection.Namespace.WakeLater(this);
    }

    void IWakeable.Wake()
    {
        _registration.Unregister();
        _registration = default;
        if (_decidedFailure is null) _core.SetResult(Result(_decidedFirst, _decidedLast, _decidedCancelled, _decidedEnd));
        else _core.SetException(_decidedFailure);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        connection.Namespace.Enter();
        try
        {
            ThrowIfCompleted();
            if (_waiting) throw new InvalidOperationException("Another read is pending.");
            Settle();
            if (HasOutcome) return Failure() is { } failure ? ValueTask.FromException<ReadResult>(failure) : new(TakeResult());
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
            Settle();
            result = default;
            if (!HasOutcome) return false;
            if (Failure() is { } failure) throw failure;
            result = TakeResult();
            return true;
        }
        finally
        {
            connection.Namespace.Leave();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        if (_deferred is not null) SettleNow();
        // What has been handed out is the program's to look at: others only add to it.
        var advance = new Advance(consumed, DistanceTo(consumed), DistanceTo(examined));
        if (advance.Consumed > advance.Examined || advance.Examined > Volatile.Read(ref _length))
        {
            ThrowIfCompleted(); // meanwhile, by another
            throw new ArgumentOutOfRangeException(nameof(consumed), "Positions are out of order.");
        }

        _deferred = advance;
        if (advance.Consumed > LargestDeferral) SettleNow();
    }

    private void SettleNow()
    {
        connection.Namespace.Enter();
        Settle();
        connection.Namespace.Leave();
    }

    /// <summary>Under the lock: what the program has advanced over goes.</summary>
    private void Settle()
    {
        // Completed by another than who read: then there is nothing left to advance over.
        if (_completed || _deferred is not { } advance) return;
        _deferred = null;
        if (advance.Consumed > 0)
        {
            _length -= advance.Consumed;
            if (_length == 0)
            {
                (_first, _last, _firstOffset) = (null, null, 0);
            }
            else
            {
                (_first, _firstOffset) = ((Piece)advance.Position.GetObject()!, advance.Position.GetInteger());
                if (_firstOffset == _first.Memory.Length) (_first, _firstOffset) = (_first.NextPiece, 0);
            }
            connection.OnConsumed((int)advance.Consumed);
        }
        _examined = advance.Examined - advance.Consumed;
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
            (_first, _last, _length) = (null, null, 0);
            WakeReader();
            connection.OnReaderCompleted();
        }
        connection.Namespace.Leave();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _core.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _core.GetStatus(token);
    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>Under the lock: why a read that has an outcome has no result.</summary>
    private Exception? Failure()
    {
        if (_completed) return new InvalidOperationException("The reader was completed during a read.");
        // As with a real socket, what came before a reset can still be read.
        return _error is not null && _length <= _examined && !_cancelPending ? _error : null;
    }

    /// <summary>Under the lock.</summary>
    private ReadResult TakeResult()
    {
        var result = Result(_first, _last, _cancelPending, _ended);
        _cancelPending = false;
        return result;
    }

    /// <param name="last">Where what there was ends. More may have come since.</param>
    private ReadResult Result(Piece? first, Piece? last, bool isCancelled, bool isEnd) =>
        new(first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, _firstOffset, last!, last!.Memory.Length), isCancelled, isEnd);

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
        position.GetObject() is Piece piece && Volatile.Read(ref _first) is { } first ? piece.RunningIndex + position.GetInteger() - first.RunningIndex - _firstOffset : 0;

    private void ThrowIfCompleted()
    {
        if (_completed) throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
    }

    /// <param name="Consumed">Bytes from the first one that was there.</param>
    /// <param name="Examined">Bytes from the same.</param>
    private readonly record struct Advance(SequencePosition Position, long Consumed, long Examined);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> data, long runningIndex) => (Memory, RunningIndex) = (data, runningIndex);

        public Piece? NextPiece => (Piece?)Next;

        public void Link(Piece next) => Next = next;
    }
}
