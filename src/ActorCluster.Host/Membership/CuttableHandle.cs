using ActorCluster.Contracts.Runtime;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace ActorCluster.Host.Membership;

/// <summary>One connection of a <see cref="CuttableTransport"/>. Who called is known from the first that he says, Akka's handshake.</summary>
internal sealed class CuttableHandle : AssociationHandle
{
    private readonly AssociationHandle _inner;
    private readonly LinkCuts _cuts;
    private readonly CuttableTransport _transport;
    private volatile string? _peer;
    private volatile bool _lost;
    private bool _answered;
    private long _outdated;

    /// <param name="peer">The other process's Akka address; null where it is the one that called.</param>
    public CuttableHandle(AssociationHandle inner, string? peer, LinkCuts cuts, CuttableTransport transport)
        : base(inner.LocalAddress, inner.RemoteAddress)
    {
        (_inner, _peer, _cuts, _transport, IsCalled) = (inner, peer, cuts, transport, peer is null);
        _ = PassOnAsync();

        async Task PassOnAsync() => inner.ReadHandlerSource.TrySetResult(new Reader(this, await ReadHandlerSource.Task));
    }

    /// <summary>The other process made it.</summary>
    public bool IsCalled { get; }

    /// <summary>The other process's Akka address; null while it has called and not yet said who it is.</summary>
    public string? Peer => _peer;

    /// <summary>It lost something, and would lose nothing now.</summary>
    public bool IsHealed => _lost && _peer is { } peer && !_cuts.LosesSent(peer) && !_cuts.LosesReceived(peer);

    /// <summary>
    /// The other process has called anew, at <see cref="TimeProvider.GetTimestamp"/>, and Akka reads from that connection only; it stops to read here.
    /// </summary>
    public void Outdate(long at) => Interlocked.CompareExchange(ref _outdated, at, 0);

    public override bool Write(ByteString payload)
    {
        if (_peer is not { } peer || !_cuts.LosesSent(peer)) return _inner.Write(payload);
        _lost = true;
        _cuts.CountLoss();
        return true;
    }

    [Obsolete("As the base's.")]
    public override void Disassociate() => _inner.Disassociate();

    /// <summary>Whether somebody else has answered than was called: the network address that its name had has become another's. Akka doesn't look, and would go on talking to the wrong one.</summary>
    private bool IsAnotherS(ByteString payload)
    {
        if (IsCalled || _answered) return false;
        _answered = true;
        return AkkaHandshake.OriginOf(payload) is { } origin && origin != _peer;
    }

    private bool Loses(ByteString payload)
    {
        if (_peer is null && AkkaHandshake.OriginOf(payload) is { } origin)
        {
            _peer = origin;
            _transport.OnCalledBy(origin, this);
        }

        if (_peer is not { } peer || !_cuts.LosesReceived(peer)) return false;
        _lost = true;
        _cuts.CountLoss();
        return true;
    }

    private sealed class Reader(CuttableHandle handle, IHandleEventListener wanted) : IHandleEventListener
    {
        public void Notify(IHandleEvent ev)
        {
            if (ev is InboundPayload payload)
            {
                if (handle.IsAnotherS(payload.Payload))
                {
                    handle._transport.Close(handle, "another process than the one that was called has answered");
                    return;
                }

                if (handle.Loses(payload.Payload)) return;
                if (Interlocked.Read(ref handle._outdated) is not 0 and var since && AkkaHandshake.IsMessage(payload.Payload)) handle._transport.OnUnheard(handle, since);
            }

            if (ev is Disassociated) handle._transport.OnEnded(handle);
            wanted.Notify(ev);
        }
    }
}
