using System.Buffers.Binary;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Stack;

// SCTP: listeners and associations, with a port space of their own.
public sealed partial class NetworkNamespace
{
    private PortTable<SctpListener>? _sctpListeners;
    private Dictionary<ConnectionKey, SctpConnection>? _associations;
    private SctpSettings? _sctpSettings;
    private SctpSecrets? _secrets;

    private SctpSecrets Secrets => _secrets ??= new(Random.Child("sctp"));

    private SctpSettings SctpSettings => _sctpSettings ??= new()
    {
        MaximumTransmissionUnit = _options.MaximumTransmissionUnit,
        ReceiveBuffer = _options.ReceiveBuffer,
        SendBuffer = _options.SendBuffer,
    };

    public ISctpListener ListenSctp(SocketAddress local, int backlog = 128)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            ThrowIfNotBindable(local.Address);
            _sctpListeners ??= new();
            if (local.Port == 0) local = local with { Port = EphemeralPort(port => !_sctpListeners.Conflicts(local with { Port = port })) };
            else if (_sctpListeners.Conflicts(local)) throw new SocketFaultException(SocketFault.AddressInUse);
            var listener = new SctpListener(this, local, backlog);
            _sctpListeners.Add(local, listener);
            return listener;
        }
        finally
        {
            Leave();
        }
    }

    public Task<ISctpConnection> ConnectSctpAsync(SocketAddress remote, SocketAddress? local = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<ISctpConnection>(cancellationToken);
        var waiter = new Waiter<ISctpConnection>();
        SctpConnection connection;
        Enter();
        try
        {
            ThrowIfDisposed();
            var (source, destination) = EndsOf(local, remote);
            connection = AddAssociation(new(this, SctpSettings, Secrets, AssociationKeyFor(source, destination), null));
            connection.Connect(waiter, Now);
        }
        catch (SocketFaultException fault)
        {
            return Task.FromException<ISctpConnection>(fault);
        }
        finally
        {
            Leave();
        }
        CancelWith(waiter, cancellationToken, connection.CancelConnect);
        return waiter.Task;
    }

    internal void Remove(SctpConnection connection)
    {
        _timer?.Remove(connection);
        if (_associations?.TryGetValue(connection.Key, out var holder) == true && ReferenceEquals(holder, connection)) _associations.Remove(connection.Key);
    }

    internal void Remove(SctpListener listener) => _sctpListeners?.Remove(listener.Local, listener);

    private SctpConnection AddAssociation(SctpConnection connection)
    {
        (_associations ??= []).Add(connection.Key, connection);
        return connection;
    }

    private ConnectionKey AssociationKeyFor(SocketAddress source, SocketAddress remote)
    {
        bool IsFree(ushort port) => _associations?.ContainsKey(new(source with { Port = port }, remote)) != true;
        if (source.Port == 0) source = source with { Port = EphemeralPort(port => IsFree(port) && _sctpListeners?.TryFind(source with { Port = port }, out _) != true) };
        else if (!IsFree(source.Port)) throw new SocketFaultException(SocketFault.AddressInUse);
        return new(source, remote);
    }

    private void OnSctp(SctpPacket packet)
    {
        var key = new ConnectionKey(new(packet.Destination, packet.DestinationPort), new(packet.Source, packet.SourcePort));
        SctpConnection? connection = null;
        _associations?.TryGetValue(key, out connection);
        if (packet.Chunks is [SctpCookieEcho echo, ..])
        {
            OnCookieEcho(packet, echo, key, connection);
        }
        else if (packet.IsInit && packet.VerificationTag == 0 && connection is not null)
        {
            connection.Machine.OnInit(packet, Now);
            UpdateDeadline(connection);
        }
        else if (connection is not null)
        {
            connection.Receive(packet, Now);
        }
        else if (packet.IsInit && packet.VerificationTag == 0 && ((SctpInit)packet.Chunks[0]).Tag != 0 && ListenerFor(key) is not null)
        {
            Transmit(Secrets.Answer(packet, Secrets.NextTag(), Secrets.NextTsn(), SctpSettings, Now));
        }
        else if (OutOfTheBlue.Answer(packet) is { } answer)
        {
            Transmit(answer);
        }
    }

    /// <summary>A cookie comes back (RFC 9260, 5.1.5 and 5.2.4); more chunks may follow it.</summary>
    private void OnCookieEcho(SctpPacket packet, SctpCookieEcho echo, ConnectionKey key, SctpConnection? connection)
    {
        if (!Secrets.TryOpen(packet, echo.Cookie.Span, out var cookie))
        {
            if (connection is null && ListenerFor(key) is null && OutOfTheBlue.Answer(packet) is { } refusal) Transmit(refusal);
            return; // else somebody's forgery
        }
        var meaning = connection?.Machine.Judge(cookie) ?? CookieMeaning.Restart;
        if (meaning == CookieMeaning.Nothing) return;
        if (meaning == CookieMeaning.TooEarly)
        {
            connection!.Machine.OnCookieTooEarly(cookie);
            return;
        }
        if (meaning == CookieMeaning.ThisAssociation)
        {
            connection!.Machine.OnCookie(cookie, Now);
            connection.Receive(packet with { Chunks = packet.Chunks.RemoveAt(0) }, Now);
            return;
        }
        if (Now - cookie.CreatedAt > SctpSettings.CookieLife)
        {
            var staleness = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(staleness, (uint)((Now - cookie.CreatedAt - SctpSettings.CookieLife) / TimeSpan.TicksPerMicrosecond));
            Transmit(OutOfTheBlue.Reply(packet, cookie.PeerTag, new SctpError([new(SctpCauseCode.StaleCookie, staleness)])));
            return;
        }
        if (ListenerFor(key) is not { IsFull: false } listener)
        {
            Transmit(OutOfTheBlue.Reply(packet, cookie.PeerTag, new SctpAbort(false, [])));
            return;
        }
        // A peer that began anew gets a new association, and its program sees the old one reset: here a socket is one association.
        connection?.Machine.EndByRestart();
        connection = AddAssociation(new(this, SctpSettings, Secrets, key, listener, cookie));
        connection.Accept(cookie, Now);
        connection.Receive(packet with { Chunks = packet.Chunks.RemoveAt(0) }, Now);
    }

    private SctpListener? ListenerFor(ConnectionKey key) => _sctpListeners?.TryFind(key.Local, out var listener) == true ? listener : null;
}
