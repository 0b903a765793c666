using ActorCluster.Network.Packets;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Sctp;

// The orderly end (RFC 9260, 9.2): there is no half-closed association.
internal sealed partial class SctpAssociationMachine
{
    private bool _peerHasEnded;

    /// <summary>SHUTDOWN: the association ends once all that was sent is acknowledged.</summary>
    public void Shutdown(long now)
    {
        switch (State)
        {
            case SctpState.CookieWait or SctpState.CookieEchoed:
                Abort();
                break;
            case SctpState.Established:
                State = SctpState.ShutdownPending;
                GoOnShuttingDown(now);
                break;
            default: break;
        }
    }

    /// <summary>Everything is acknowledged: the next step.</summary>
    private void GoOnShuttingDown(long now)
    {
        if (_outstanding.Count > 0 || _unsent.Count > 0) return;
        if (State == SctpState.ShutdownPending)
        {
            State = SctpState.ShutdownSent;
            SendShutdown(now);
        }
        else if (State == SctpState.ShutdownReceived)
        {
            State = SctpState.ShutdownAckSent;
            SendShutdownAck(now);
        }
    }

    private void OnShutdown(SctpShutdown shutdown, long now)
    {
        switch (State)
        {
            case SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived:
                State = SctpState.ShutdownReceived;
                // An acknowledgment like a SACK's, but for the gaps and the window, which it doesn't tell.
                if (!shutdown.CumulativeTsn.IsBefore(_acknowledged) && !shutdown.CumulativeTsn.IsAfter(LastSent))
                {
                    _failures = 0;
                    Acknowledge(shutdown.CumulativeTsn, default, now);
                }
                TellEnd();
                break; // the rest is Transmit's
            case SctpState.ShutdownSent:
                State = SctpState.ShutdownAckSent;
                TellEnd();
                SendShutdownAck(now);
                break;
            case SctpState.ShutdownAckSent:
                SendShutdownAck(now);
                break;
            default: break;
        }
    }

    private void OnShutdownAck(SctpPacket packet)
    {
        switch (State)
        {
            case SctpState.CookieWait or SctpState.CookieEchoed:
                // 8.5.1, E: of an association that was here before.
                _output.Transmit(OutOfTheBlue.Reply(packet, packet.VerificationTag, new SctpShutdownComplete(true)));
                break;
            case SctpState.ShutdownSent or SctpState.ShutdownAckSent:
                Emit(new SctpShutdownComplete(false));
                TellEnd();
                Close(null);
                break;
            default: break;
        }
    }

    private void TellEnd()
    {
        if (_peerHasEnded) return;
        _peerHasEnded = true;
        _output.OnEnd();
    }

    private void SendShutdown(long now)
    {
        Emit(new SctpShutdown(_received.Cumulative));
        ArmRetransmit(now);
    }

    private void SendShutdownAck(long now)
    {
        Emit(new SctpShutdownAck());
        ArmRetransmit(now);
    }
}
