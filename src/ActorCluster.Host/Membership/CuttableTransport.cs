using System.Collections.Concurrent;
using System.Net.Sockets;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;

namespace ActorCluster.Host.Membership;

/// <summary>Puts <see cref="CuttableTransport"/> around Akka.Remote's own; named in the configuration.</summary>
internal sealed class CuttableTransportProvider : ITransportAdapterProvider
{
    public Transport Create(Transport wrappedTransport, ExtendedActorSystem system) =>
        system.Settings.Setup.Get<LinkCutsSetup>() is { HasValue: true } setup ? new CuttableTransport(wrappedTransport, setup.Value, system) : wrappedTransport;
}

/// <summary>
/// Akka.Remote's transport, from which other processes can be cut off: what goes to them or comes from them is lost without a word, as in a network that is broken, and
/// no new connection comes about. When a cut ends, connections that lost something are closed, so that both ends begin anew at once instead of
/// waiting for an answer that will never come. It also mends what Akka's own handling of connections leaves broken for good (<see cref="OnEnded"/>, <see cref="OnUnheard"/>, and who answers).
/// </summary>
internal sealed class CuttableTransport : Transport
{
    /// <summary>As the configuration has it for connections of the transport below.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What another process wrote before it called anew may still be on its way, and Akka may not have looked at the call yet.</summary>
    private static readonly TimeSpan TakeoverTime = TimeSpan.FromMilliseconds(300);

    private const string CallEnded = "a connection that the other process had made has ended meanwhile";

    private readonly Transport _inner;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);
    private readonly LinkCuts _cuts;
    private readonly ILoggingAdapter _log;
    private readonly ConcurrentDictionary<CuttableHandle, bool> _open = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many connections that a process made have ended, by its Akka address.</summary>
    private readonly ConcurrentDictionary<string, int> _endedCalls = new(StringComparer.Ordinal);

    public CuttableTransport(Transport inner, LinkCutsSetup setup, ExtendedActorSystem system)
    {
        (_inner, _cuts, _clock, System) = (inner, setup.Cuts, setup.Clock, system);
        setup.Transport = this;
        _log = Akka.Event.Logging.GetLogger(system, typeof(CuttableTransport));
        _cuts.Changed += CloseHealed;
    }

    public override string SchemeIdentifier => _inner.SchemeIdentifier;

    public override long MaximumPayloadBytes => _inner.MaximumPayloadBytes;

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        var (address, listener) = await _inner.Listen();
        var wanted = new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = PassOnAsync();
        return (address, wanted);

        async Task PassOnAsync() => listener.TrySetResult(new InboundListener(this, await wanted.Task));
    }

    /// <exception cref="InvalidAssociationException">The process can't be reached.</exception>
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        var peer = AkkaAddress(remoteAddress);
        // A connection takes both directions.
        if (_cuts.LosesSent(peer) || _cuts.LosesReceived(peer))
        {
            _cuts.CountLoss();
            throw new InvalidAssociationException($"{remoteAddress} can't be reached: this process is cut off from it.");
        }

        if (_refused.ContainsKey(peer))
        {
            using var late = new CancellationTokenSource(ConnectTimeout, _clock);
            using var socket = await FindListenerAsync(remoteAddress, late.Token);
        }
        try
        {
            var ended = _endedCalls.GetValueOrDefault(peer);
            var handle = Wrap(await _inner.Associate(remoteAddress), peer);
            _refused.TryRemove(peer, out _);
            if (ended == _endedCalls.GetValueOrDefault(peer)) return handle;
            Close(handle, CallEnded);
            throw new InvalidAssociationException($"{remoteAddress} can't be reached: {CallEnded}.");
        }
        catch (InvalidAssociationException)
        {
            _refused[peer] = true;
            throw;
        }
    }

    public override Task<bool> Shutdown()
    {
        _cuts.Changed -= CloseHealed;
        return _inner.Shutdown();
    }

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);

    /// <summary>An address of the transport below, as the cluster knows it.</summary>
    internal static string AkkaAddress(Address address) =>
        (address.Protocol.StartsWith("akka.", StringComparison.Ordinal) ? address : address.WithProtocol("akka." + address.Protocol)).ToString();

    internal void Close(CuttableHandle handle, string why) => handle.Disassociate(why, _log);

    /// <summary>
    /// Where there are several connections with a process, Akka reads only from the last that it was called by. If that ends (its maker may have given it up long before this process,
    /// which was busy, got to see it), Akka goes on not to read from the remaining one, though that is what the other end writes to:
    /// this process would never hear the other again. So that is closed, too, and both begin anew.
    /// </summary>
    internal void OnEnded(CuttableHandle handle)
    {
        _open.TryRemove(handle, out _);
        if (!handle.IsCalled || handle.Peer is not { } peer) return;
        _endedCalls.AddOrUpdate(peer, 1, static (_, count) => count + 1);
        CloseAll(peer, CallEnded);
    }

    /// <summary>Another process has called, and said who it is.</summary>
    internal void OnCalledBy(string peer, CuttableHandle handle)
    {
        var now = _clock.GetTimestamp();
        foreach (var other in _open.Keys.Where(other => other != handle && other.Peer == peer)) other.Outdate(now);
    }

    /// <summary>
    /// A message has come by a connection that Akka no longer reads from, since its sender has called anew. That happens when two processes call each other and the one that calls learns by
    /// the other's call that this was started anew: it forgets its own call, but leaves the connection open, and writes to the other one.
    /// This process would never hear it again, so all are closed, and both begin anew.
    /// </summary>
    /// <param name="since">When its sender called, as <see cref="TimeProvider.GetTimestamp"/>.</param>
    internal void OnUnheard(CuttableHandle handle, long since)
    {
        if (_clock.GetElapsedTime(since) >= TakeoverTime) CloseAll(handle.Peer!, "its messages come by a connection that isn't read from any more");
    }

    /// <summary>Closes all connections with a process; whoever has something to say makes a new one.</summary>
    internal void CloseAll(string peer, string why)
    {
        foreach (var handle in _open.Keys.Where(handle => handle.Peer == peer)) Close(handle, why);
    }

    /// <summary>Whether a process could be called just now: it listens on its address, and this process is not cut off from it.</summary>
    /// <param name="within">How long no answer to the call is waited for; and how long a call that was taken must stand, all in all.</param>
    internal async Task<bool> AnswersAsync(Address address, TimeSpan within)
    {
        var peer = AkkaAddress(address);
        if (_cuts.LosesSent(peer) || _cuts.LosesReceived(peer)) return false;
        using var late = new CancellationTokenSource(within, _clock);
        try
        {
            using var socket = await FindListenerAsync(address, late.Token);
            return await StandsAsync(socket, late.Token);
        }
        catch (InvalidAssociationException)
        {
            return false;
        }
    }

    /// <summary>
    /// Of a killed process the system ends the connections first and what listened last, a moment later: until then calls are taken, by nobody, to be reset with it. Who is there
    /// leaves a call alone, waiting to hear who it is.
    /// </summary>
    private static async Task<bool> StandsAsync(Socket call, CancellationToken late)
    {
        try
        {
            return await call.ReceiveAsync(new byte[1], late) > 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// An attempt of the transport below that fails leaves its socket open until that is garbage-collected, and a process that is dead is tried several times a second.
    /// So whoever has refused once is first looked for by a socket of our own.
    /// </summary>
    /// <exception cref="InvalidAssociationException">Nobody answers.</exception>
    private static async Task<Socket> FindListenerAsync(Address address, CancellationToken late)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port ?? 0, late);
            return socket;
        }
        catch (Exception fault)
        {
            socket.Dispose();
            if (fault is SocketException or OperationCanceledException) throw new InvalidAssociationException($"{fault.Message} {address}", fault);
            throw;
        }
    }

    private CuttableHandle Wrap(AssociationHandle inner, string? peer)
    {
        var handle = new CuttableHandle(inner, peer, _cuts, this);
        _open[handle] = true;
        return handle;
    }

    private void CloseHealed()
    {
        foreach (var handle in _open.Keys.Where(handle => handle.IsHealed)) Close(handle, "a partition has ended, and messages were lost meanwhile");
    }

    private sealed class InboundListener(CuttableTransport transport, IAssociationEventListener wanted) : IAssociationEventListener
    {
        public void Notify(IAssociationEvent ev) => wanted.Notify(ev is InboundAssociation inbound ? new InboundAssociation(transport.Wrap(inbound.Association, null)) : ev);
    }
}
