using ActorCluster.Network.Packets;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Sctp;

/// <summary>Makes messages of the chunks that arrive, each chunk once and in any order, and puts those of each stream in order (RFC 9260, 6.5, 6.6, 6.9).</summary>
internal sealed class MessageAssembly
{
    private readonly Dictionary<uint, SctpData> _fragments = [];
    private readonly Dictionary<ushort, Stream> _streams = [];

    /// <summary>What a chunk takes of a buffer, also after its message is complete: its header too, so that many small ones can't cost more than they say.</summary>
    public static int Cost(SctpData chunk) => SctpData.HeaderLength + chunk.Payload.Length;

    /// <summary>Takes a chunk, and hands out what is complete and in turn now.</summary>
    public void Add(SctpData chunk, Action<SctpMessage, int> deliver)
    {
        if ((chunk.Flags & (SctpDataFlags.Beginning | SctpDataFlags.Ending)) == (SctpDataFlags.Beginning | SctpDataFlags.Ending))
        {
            Order(chunk, chunk.Payload, Cost(chunk), deliver);
            return;
        }
        _fragments[chunk.Tsn] = chunk;
        var (first, last) = (chunk, chunk);
        while (!first.Flags.HasFlag(SctpDataFlags.Beginning))
            if (!_fragments.TryGetValue(first.Tsn - 1, out first!)) return;
        while (!last.Flags.HasFlag(SctpDataFlags.Ending))
            if (!_fragments.TryGetValue(last.Tsn + 1, out last!)) return;
        var (length, cost) = (0, 0);
        for (var tsn = first.Tsn; tsn != last.Tsn + 1; tsn++) (length, cost) = (length + _fragments[tsn].Payload.Length, cost + Cost(_fragments[tsn]));
        var payload = GC.AllocateUninitializedArray<byte>(length);
        for (var (tsn, at) = (first.Tsn, 0); tsn != last.Tsn + 1; tsn++)
        {
            _fragments.Remove(tsn, out var fragment);
            fragment!.Payload.CopyTo(payload.AsMemory(at));
            at += fragment.Payload.Length;
        }
        Order(first, payload, cost, deliver);
    }

    private void Order(SctpData first, ReadOnlyMemory<byte> payload, int cost, Action<SctpMessage, int> deliver)
    {
        var message = new SctpMessage(payload, first.Stream, first.PayloadProtocol, first.IsUnordered);
        if (first.IsUnordered)
        {
            deliver(message, cost);
            return;
        }
        if (!_streams.TryGetValue(first.Stream, out var stream)) _streams.Add(first.Stream, stream = new());
        if ((short)(first.StreamSequence - stream.Next) > 0)
        {
            stream.Waiting[first.StreamSequence] = (message, cost);
            return;
        }
        deliver(message, cost);
        if (first.StreamSequence != stream.Next) return; // a number that was there already: no sender of ours does that
        while (stream.Waiting.Remove(++stream.Next, out var next)) deliver(next.Message, next.Cost);
    }

    private sealed class Stream
    {
        /// <summary>The stream sequence number that is due.</summary>
        public ushort Next { get; set; }

        /// <summary>Complete messages that came before their turn, by their number.</summary>
        public Dictionary<ushort, (SctpMessage Message, int Cost)> Waiting { get; } = [];
    }
}
