using System.Buffers.Binary;
using System.Security.Cryptography;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Sctp;

/// <summary>What only one host knows: the key that its state cookies are signed with (RFC 9260, 5.1.3), and the tags that it will choose.</summary>
internal sealed class SctpSecrets
{
    private const int Signature = 16;

    private readonly RandomSource _random;
    private readonly byte[] _key = new byte[32];

    public SctpSecrets(RandomSource random)
    {
        _random = random;
        random.NextBytes(_key);
    }

    /// <summary>A verification tag: anything but 0 (5.3.1).</summary>
    public uint NextTag()
    {
        uint tag;
        do tag = NextTsn();
        while (tag == 0);
        return tag;
    }

    public uint NextTsn() => (uint)_random.NextInt64();

    /// <summary>The INIT ACK for an INIT, with a cookie for all that follows.</summary>
    /// <param name="tag">Our tag in the association that may come of it.</param>
    /// <param name="localTie">Our tag in the association that there is already, and the peer's; 0 if there is none (5.2.2).</param>
    public SctpPacket Answer(SctpPacket init, uint tag, uint tsn, SctpSettings settings, long now, uint localTie = 0, uint peerTie = 0)
    {
        var asked = (SctpInit)init.Chunks[0];
        var cookie = new byte[SctpCookie.Length + Signature];
        new SctpCookie(now, tag, asked.Tag, tsn, asked.InitialTsn, asked.Window, asked.OutboundStreams, asked.InboundStreams, localTie, peerTie).Write(cookie);
        Sign(cookie, new(init.Destination, init.DestinationPort), new(init.Source, init.SourcePort), cookie.AsSpan(SctpCookie.Length));
        return OutOfTheBlue.Reply(init, asked.Tag, new SctpInitAck(tag, (uint)settings.ReceiveBuffer, settings.OutboundStreams, settings.InboundStreams, tsn, cookie));
    }

    /// <returns>False: it isn't ours, or was made for other addresses or ports.</returns>
    public bool TryOpen(SctpPacket packet, ReadOnlySpan<byte> bytes, out SctpCookie cookie)
    {
        cookie = default;
        if (bytes.Length != SctpCookie.Length + Signature) return false;
        Span<byte> expected = stackalloc byte[Signature];
        Sign(bytes, new(packet.Destination, packet.DestinationPort), new(packet.Source, packet.SourcePort), expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes[SctpCookie.Length..])) return false;
        cookie = SctpCookie.Read(bytes);
        return true;
    }

    private void Sign(ReadOnlySpan<byte> cookie, SocketAddress local, SocketAddress remote, Span<byte> signature)
    {
        Span<byte> signed = stackalloc byte[SctpCookie.Length + 2 * 18];
        cookie[..SctpCookie.Length].CopyTo(signed);
        Write(signed[SctpCookie.Length..], local);
        Write(signed[(SctpCookie.Length + 18)..], remote);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, signed, hash);
        hash[..Signature].CopyTo(signature);
    }

    private static void Write(Span<byte> to, SocketAddress address)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, address.Address.High);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], address.Address.Low);
        BinaryPrimitives.WriteUInt16BigEndian(to[16..], address.Port);
    }
}
