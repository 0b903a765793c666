using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace ActorCluster.Network.Links;

/// <summary>Who calls, said after the proof: the length of its Akka address (2 bytes, big-endian) and that address in UTF-8.</summary>
internal static class DirectLinkCaller
{
    private const int LongestAddress = 1024;

    public static byte[] Encode(string address)
    {
        var bytes = new byte[sizeof(ushort) + Encoding.UTF8.GetByteCount(address)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - sizeof(ushort)));
        Encoding.UTF8.GetBytes(address, bytes.AsSpan(sizeof(ushort)));
        return bytes;
    }

    /// <returns>Null: the connection ended before, or this is no address.</returns>
    public static async Task<string?> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(ushort)];
        if (!await DirectConnection.ReceiveAllAsync(socket, length, cancellationToken)) return null;
        var address = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        if (address.Length > LongestAddress || !await DirectConnection.ReceiveAllAsync(socket, address, cancellationToken)) return null;
        return Encoding.UTF8.GetString(address);
    }
}
