using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ActorCluster.Network.Capturing;

/// <summary>
/// Puts what several nodes captured into one order, by time, and leaves out what would be there twice: a packet that one captured pod sends and another
/// gets unchanged is written as it was sent. (What a service's address was translated for differs, and is written both times.)
/// </summary>
public sealed class CaptureMerge
{
    /// <summary>A packet that nobody got within this time is lost; an equal one later is another.</summary>
    private const long Patience = 10_000_000_000;

    private readonly PriorityQueue<CaptureFrame, (long, bool)> _waiting = new();
    private readonly Dictionary<UInt128, int> _sent = [];
    private readonly Queue<(long Nanoseconds, UInt128 Key)> _order = [];

    public void Add(CaptureFrame frame) => _waiting.Enqueue(frame, (frame.Nanoseconds, frame.IsInbound));

    /// <summary>What is due before a time, in order.</summary>
    public IEnumerable<CaptureFrame> TakeBefore(long nanoseconds)
    {
        while (_waiting.TryPeek(out var frame, out _) && frame.Nanoseconds < nanoseconds)
        {
            _waiting.Dequeue();
            while (_order.TryPeek(out var oldest) && oldest.Nanoseconds < frame.Nanoseconds - Patience) Release(_order.Dequeue().Key);
            var key = KeyOf(frame.Bytes);
            if (frame.IsInbound && Release(key)) continue;
            if (!frame.IsInbound)
            {
                _sent[key] = _sent.GetValueOrDefault(key) + 1;
                _order.Enqueue((frame.Nanoseconds, key));
            }
            yield return frame;
        }
    }

    private bool Release(UInt128 key)
    {
        if (!_sent.TryGetValue(key, out var count)) return false;
        if (count > 1) _sent[key] = count - 1;
        else _sent.Remove(key);
        return true;
    }

    /// <summary>The packet without what changes with each hop: time to live and the header's checksum.</summary>
    private static UInt128 KeyOf(byte[] packet)
    {
        var same = (byte[])packet.Clone();
        if (same[0] >> 4 == 4) same[8] = same[10] = same[11] = 0;
        else same[7] = 0;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(same, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
