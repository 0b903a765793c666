using System.IO.Pipelines;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

/// <summary>A connection of a namespace: the machine with a reader and a writer around it. Guarded by the namespace's lock.</summary>
internal sealed class TcpConnection : Timed, ITcpConnection, ITcpOutput, IWakeable
{
    private readonly TcpReader _reader;
    private readonly TcpWriter _writer;
    private readonly TcpListener? _listener;
    private Waiter<ITcpConnection>? _connecting;
    private CancellationTokenSource? _closed;
    private bool _gone;

    // In TIME-WAIT the connection has no more to do.
    private bool _isOver;

    public TcpConnection(NetworkNamespace @namespace, TcpSettings settings, ConnectionKey key, uint initialSequence, TcpListener? listener)
    {
        (Namespace, Key, _listener) = (@namespace, key, listener);
        Machine = new(settings, key.Local, key.Remote, initialSequence, this);
        (_reader, _writer) = (new(this), new(this));
    }

    public NetworkNamespace Namespace { get; }
    public ConnectionKey Key { get; }
    public TcpConnectionMachine Machine { get; }
    public override long Deadline => Machine.Deadline;
    public SocketAddress Local => Key.Local;
    public SocketAddress Remote => Key.Remote;
    public PipeReader Input => _reader;
    public PipeWriter Output => _writer;

    public bool CannotSend => _gone || Machine.State is TcpState.Closed or TcpState.TimeWait;

    public CancellationToken Closed
    {
        get
        {
            Namespace.Enter();
            try
            {
                return _gone ? new(canceled: true) : (_closed ??= new()).Token;
            }
            finally
            {
                Namespace.Leave();
            }
        }
    }

    /// <summary>Opens actively. The waiter gets the connection, or why there is none.</summary>
    public void Connect(Waiter<ITcpConnection> connecting, long now)
    {
        _connecting = connecting;
        Machine.Connect(now);
        Namespace.UpdateDeadline(this);
    }

    public void Receive(TcpPacket segment, long now)
    {
        Machine.Receive(segment, now);
        AfterMachine();
    }

    public override void Tick(long now)
    {
        Machine.Tick(now);
        AfterMachine();
    }

    public void Push()
    {
        Machine.Push(Namespace.Now);
        AfterMachine();
    }

    public void OnConsumed(int bytes)
    {
        if (_isOver) return;
        Machine.Consume(bytes);
        AfterMachine();
    }

    public void OnReaderCompleted()
    {
        if (_isOver) return;
        Machine.CloseReceive(Namespace.Now);
        AfterMachine();
    }

    public void OnWriterCompleted(bool abort)
    {
        if (_isOver) return;
        if (abort) Machine.Abort();
        else Machine.CloseSend(Namespace.Now);
        AfterMachine();
    }

    public void OnUnreachable(SocketFault fault)
    {
        Machine.OnUnreachable(fault);
        AfterMachine();
    }

    public void Abort()
    {
        Namespace.Enter();
        if (!_isOver)
        {
            Machine.Abort();
            AfterMachine();
        }
        Namespace.Leave();
    }

    public ValueTask DisposeAsync()
    {
        _writer.Complete();
        _reader.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Under the lock: ends without a word to the peer, because the namespace goes.</summary>
    public void Drop(SocketFault fault) => Gone(fault);

    private void AfterMachine()
    {
        if (Machine.State == TcpState.TimeWait)
        {
            Gone(null);
            _isOver = true;
            Namespace.EnterTimeWait(this);
            return;
        }
        Namespace.UpdateDeadline(this);
    }

    private void Gone(SocketFault? fault)
    {
        if (_gone) return;
        _gone = true;
        if (_connecting is { IsDecided: false } connecting)
        {
            connecting.Decide(new SocketFaultException(fault ?? SocketFault.ConnectionAborted));
            Namespace.WakeLater(connecting);
        }
        _reader.End(fault is null ? null : new SocketFaultException(fault.Value));
        _writer.OnSendSpace();
        if (_closed is not null) Namespace.WakeLater(this);
    }

    void IWakeable.Wake() => _closed!.Cancel();

    void ITcpOutput.Transmit(TcpPacket segment) => Namespace.Transmit(segment);
    void ITcpOutput.OnData(ReadOnlyMemory<byte> data) => _reader.Append(data);
    void ITcpOutput.OnEnd() => _reader.End(null);
    void ITcpOutput.OnSendSpace() => _writer.OnSendSpace();

    void ITcpOutput.OnEstablished()
    {
        if (_listener is not null)
        {
            _listener.OnEstablished(this);
        }
        else if (_connecting is { IsDecided: false } connecting)
        {
            connecting.Decide(this);
            Namespace.WakeLater(connecting);
        }
    }

    void ITcpOutput.OnClosed(SocketFault? fault)
    {
        Namespace.Remove(this);
        _listener?.OnClosed(this);
        Gone(fault);
    }
}
