using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Serialization;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Network.Links;

/// <summary>Takes other processes' <see cref="DirectConnection"/>s and what comes by them. Whoever doesn't know the secret, or sends nonsense, is cut off.</summary>
internal sealed class DirectListener : IDisposable
{
    /// <summary>A caller that hasn't shown within this time that it knows the secret has gone wrong.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Far more than a batch has.</summary>
    private const int LargestFrame = 1024 * 1024;

    private readonly Socket _listener;
    private readonly Action<string, PacketBatch> _onBatch;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = [];

    private DirectListener(Socket listener, Action<string, PacketBatch> onBatch, SimulationContext simulation)
    {
        (_listener, _onBatch, _simulation) = (listener, onBatch, simulation);
        Offer = new((ushort)((IPEndPoint)listener.LocalEndPoint!).Port, DirectLinkSecret.Create());
    }

    public DirectLinkOffer Offer { get; }

    /// <summary>Listens on any free port of the address.</summary>
    /// <param name="onBatch">Gets what comes, with the Akka address of the process it comes from.</param>
    public static DirectListener Start(IPAddress address, Action<string, PacketBatch> onBatch, SimulationContext simulation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        var listener = new DirectListener(socket, onBatch, simulation);
        _ = listener.AcceptAllAsync();
        return listener;
    }

    public void Dispose()
    {
        _closed.Cancel();
        _listener.Dispose();
        foreach (var socket in _open.Keys) socket.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                _ = ReceiveAllAsync(await _listener.AcceptAsync(_closed.Token));
            }
            catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
            {
                return; // closed
            }
            catch (SocketException fault)
            {
                // The caller left in the queue, most likely.
                _simulation.ReportFault("accepting a packet link", fault);
            }
        }
    }

    private async Task ReceiveAllAsync(Socket socket)
    {
        _open[socket] = true;
        try
        {
            socket.NoDelay = true;
            if (await CallerAsync(socket) is not { } caller) return;
            var input = new byte[256 * 1024];
            var filled = 0;
            while (await socket.ReceiveAsync(input.AsMemory(filled), _closed.Token) is > 0 and var count)
            {
                filled += count;
                var taken = TakeFrames(caller, input.AsSpan(0, filled));
                if (taken < 0) return;
                filled -= taken;
                input.AsSpan(taken, filled).CopyTo(input);
                if (filled == input.Length) Array.Resize(ref input, input.Length * 2);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other process has ended or given up, or this one ends: the caller calls again, if it lives.
        }
        catch (SerializationException fault)
        {
            _simulation.ReportFault("reading a packet link", fault);
        }
        finally
        {
            _open.TryRemove(socket, out _);
            socket.Dispose();
        }
    }

    /// <returns>Who calls; null: it doesn't know the secret.</returns>
    private async Task<string?> CallerAsync(Socket socket)
    {
        using var late = new CancellationTokenSource(Patience, _simulation.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _closed.Token);
        var proof = new byte[DirectLinkSecret.ProofLength];
        if (!await DirectConnection.ReceiveAllAsync(socket, proof, either.Token)) return null;
        if (!DirectLinkSecret.IsSame(proof, DirectLinkSecret.CallersProof(Offer.Secret)) || await DirectLinkCaller.ReadAsync(socket, either.Token) is not { } caller) return null;
        await socket.SendAsync(DirectLinkSecret.ListenersProof(Offer.Secret), either.Token);
        return caller;
    }

    /// <returns>The bytes of all whole frames; -1: what came is none of ours.</returns>
    private int TakeFrames(string caller, ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (bytes.Length - taken >= DirectConnection.HeaderLength)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[taken..]);
            if (length is <= 0 or > LargestFrame) return -1;
            if (bytes.Length - taken - DirectConnection.HeaderLength < length) break;
            // An array of its own: the packets' payloads stay slices of it.
            _onBatch(caller, PacketCodec.DecodeBatch(bytes.Slice(taken + DirectConnection.HeaderLength, length).ToArray()));
            taken += DirectConnection.HeaderLength + length;
        }
        return taken;
    }
}
