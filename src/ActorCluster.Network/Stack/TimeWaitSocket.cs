using ActorCluster.Network.Packets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

/// <summary>Keeps the place of a connection in TIME-WAIT, without the machine, the reader, the writer and all that programs hung on them.</summary>
internal sealed class TimeWaitSocket(NetworkNamespace @namespace, ConnectionKey key, TcpTimeWait rest) : TcpSocket(key)
{
    private TcpTimeWait _rest = rest;

    public override TcpState State => TcpState.TimeWait;

    public override long Deadline => _rest.Ends;

    /// <inheritdoc cref="TcpTimeWait.SuccessorSequence"/>
    public uint SuccessorSequence => _rest.SuccessorSequence;

    /// <inheritdoc cref="TcpTimeWait.MayBeSucceeded"/>
    public bool MayBeSucceeded(long pause, long now) => _rest.MayBeSucceeded(pause, now);

    /// <inheritdoc cref="TcpTimeWait.MayBeReplacedBy"/>
    public bool MayBeReplacedBy(TcpPacket syn) => _rest.MayBeReplacedBy(syn);

    public override void Receive(TcpPacket segment, long now)
    {
        if (_rest.Receive(segment, now) is { } answer) @namespace.Transmit(answer);
        if (_rest.Ends <= now) @namespace.Remove(this);
        else @namespace.UpdateDeadline(this);
    }

    public override void Tick(long now) => @namespace.Remove(this);
}
