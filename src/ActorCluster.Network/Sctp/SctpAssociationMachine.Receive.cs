using System.Buffers.Binary;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Sctp;

// The receiving side: DATA, the window and acknowledgments (RFC 9260, 6.2 to 6.9).
internal sealed partial class SctpAssociationMachine
{
    /// <summary>Duplicates that one SACK tells of: they are of interest to statistics only.</summary>
    private const int MostDuplicates = 16;

    private const int PacketsAnAcknowledgment = 2;

    private readonly MessageAssembly _assembly = new();
    private readonly List<uint> _duplicates = [];
    private ReceivedTsns _received = new(0);

    /// <summary>Costs of what has arrived and not been taken by the program.</summary>
    private int _held;
    private int _advertised;
    private bool _receiverGone;
    private int _packetsToAcknowledge;
    private bool _acknowledgeNow;
    private long _acknowledgeAt = Never;

    private int ReceiveWindow => Math.Max(0, _settings.ReceiveBuffer - _held);

    private bool IsAcknowledgmentDue => _packetsToAcknowledge > 0 || _acknowledgeNow;

    /// <summary>The program took a message: the window may open.</summary>
    public void Consume(int cost)
    {
        _held -= cost;
        // A window that opens a little isn't worth telling; one that was shut is (6.2).
        if (State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent && ReceiveWindow - _advertised >= Math.Min(_settings.ReceiveBuffer / 2, _settings.MaximumTransmissionUnit))
            SendSack();
    }

    /// <summary>Nobody will read any more: what still comes is thrown away.</summary>
    public void CloseReceive() => _receiverGone = true;

    /// <returns>True: it counts for the acknowledgment of its packet.</returns>
    private bool OnData(SctpData data)
    {
        // Also after SHUTDOWN: the peer may have sent it before. (In the states after the peer's own SHUTDOWN there is nothing new to come.)
        if (State is not (SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent or SctpState.ShutdownReceived)) return false;
        if (data.Payload.IsEmpty)
        {
            var tsn = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(tsn, data.Tsn);
            Emit(new SctpAbort(false, [new(SctpCauseCode.NoUserData, tsn)])); // 6.2
            Close(SocketFault.ConnectionReset);
            return false;
        }
        if (data.Flags.HasFlag(SctpDataFlags.Immediate) || _received.HasGaps) _acknowledgeNow = true;
        if (_received.Contains(data.Tsn))
        {
            if (_duplicates.Count < MostDuplicates) _duplicates.Add(data.Tsn);
            return _acknowledgeNow = true;
        }
        if (!HasRoomFor(data)) return _acknowledgeNow = true;
        _received.Add(data.Tsn);
        _acknowledgeNow |= _received.HasGaps;
        if (data.Stream >= _inboundStreams)
        {
            var stream = new byte[4];
            BinaryPrimitives.WriteUInt16BigEndian(stream, data.Stream);
            Emit(new SctpError([new(SctpCauseCode.InvalidStream, stream)])); // 6.5: acknowledged, and thrown away
            return true;
        }
        _held += MessageAssembly.Cost(data);
        _assembly.Add(data, Deliver);
        return true;
    }

    private void Deliver(SctpMessage message, int cost)
    {
        if (_receiverGone) _held -= cost;
        else _output.OnMessage(message, cost);
    }

    /// <summary>
    /// What fills a gap is taken also when later chunks have used the buffer up: without it they could never be handed out. Up to twice the buffer,
    /// because only a sender that ignores our window gets there.
    /// </summary>
    private bool HasRoomFor(SctpData data)
    {
        if (_received.IsTooFar(data.Tsn)) return false;
        var after = _held + MessageAssembly.Cost(data);
        return after <= _settings.ReceiveBuffer || (data.Tsn.IsBefore(_received.Highest) && after <= 2 * _settings.ReceiveBuffer);
    }

    /// <summary>A packet with data came: every second one is acknowledged at once, the others soon (6.2).</summary>
    private void Acknowledge(long now)
    {
        if (State == SctpState.ShutdownSent)
        {
            // 9.2: and with the SHUTDOWN, because it may be that which was lost.
            SendSack();
            SendShutdown(now);
            return;
        }
        if (++_packetsToAcknowledge >= PacketsAnAcknowledgment) _acknowledgeNow = true;
        else if (_acknowledgeAt == Never) _acknowledgeAt = now + _settings.DelayedAck;
    }

    private void SendSack() => Emit(TryMakeSack(_room)!);

    /// <summary>Makes the SACK that is due; it will be sent for certain.</summary>
    /// <returns>Null: there isn't room for it.</returns>
    private SctpSack? TryMakeSack(int room)
    {
        const int header = 16;
        room -= header + 4 * _duplicates.Count;
        if (room < 0 || (_received.HasGaps && room < 4 * 16)) return null;
        _advertised = ReceiveWindow;
        var sack = new SctpSack(_received.Cumulative, (uint)_advertised, _received.Gaps(room / 4), [.. _duplicates]);
        _duplicates.Clear();
        (_packetsToAcknowledge, _acknowledgeNow, _acknowledgeAt) = (0, false, Never);
        return sack;
    }
}
