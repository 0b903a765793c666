using System.Buffers.Binary;
using System.Text;

namespace ActorCluster.Containers.Http;

/// <summary>
/// The two messages of grpc.health.v1.Health (github.com/grpc/grpc, doc/health-checking.md), each in the five-byte frame that gRPC puts before
/// a message (doc/PROTOCOL-HTTP2.md): too small to be worth a protobuf library.
/// </summary>
public static class GrpcHealth
{
    public const string CheckPath = "/grpc.health.v1.Health/Check";
    public const string ContentType = "application/grpc";

    private const int FrameLength = 5;
    private const int ServiceField = 1;
    private const int StatusField = 1;

    // Wire types (protobuf.dev/programming-guides/encoding).
    private const int VarInt = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private static readonly string[] Names = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    /// <summary>The statuses that a server answers with.</summary>
    public const int Serving = 1;

    public const int NotServing = 2;

    /// <summary>As the enumeration calls a status, or its number.</summary>
    public static string NameOf(int status) => status >= 0 && status < Names.Length ? Names[status] : status.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static byte[] Request(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        if (name.Length == 0) return Frame([]);
        List<byte> message = [ServiceField << 3 | LengthDelimited];
        for (var rest = (uint)name.Length; ; rest >>= 7)
        {
            message.Add((byte)(rest > 0x7f ? rest & 0x7f | 0x80 : rest));
            if (rest <= 0x7f) break;
        }
        message.AddRange(name);
        return Frame([.. message]);
    }

    /// <param name="status">0 to 127.</param>
    public static byte[] Response(int status) => Frame(status == 0 ? [] : [StatusField << 3 | VarInt, (byte)status]);

    /// <returns>The service that is asked for; "" for the server as a whole.</returns>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static string ReadRequest(ReadOnlySpan<byte> framed)
    {
        var service = "";
        Read(Unframe(framed), (field, bytes, _) =>
        {
            if (field == ServiceField) service = Encoding.UTF8.GetString(bytes);
        });
        return service;
    }

    /// <returns>The status.</returns>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static int ReadResponse(ReadOnlySpan<byte> framed)
    {
        var status = 0;
        Read(Unframe(framed), (field, _, number) =>
        {
            if (field == StatusField) status = (int)number;
        });
        return status;
    }

    private delegate void Found(int field, ReadOnlySpan<byte> bytes, ulong number);

    private static void Read(ReadOnlySpan<byte> message, Found found)
    {
        while (message.Length > 0)
        {
            var tag = ReadNumber(ref message);
            switch ((int)(tag & 7))
            {
                case VarInt:
                    found((int)(tag >> 3), [], ReadNumber(ref message));
                    break;
                case LengthDelimited:
                    var length = ReadNumber(ref message);
                    found((int)(tag >> 3), Take(ref message, length), 0);
                    break;
                case Fixed64:
                    Take(ref message, 8);
                    break;
                case Fixed32:
                    Take(ref message, 4);
                    break;
                default:
                    throw new InvalidDataException("A field has no wire type that there is.");
            }
        }
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> message)
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(ref message, 1)[0];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return number;
        }
        throw new InvalidDataException("A number has more than ten bytes.");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> message, ulong count)
    {
        if (count > (ulong)message.Length) throw new InvalidDataException("The message ends in the midst of a field.");
        var taken = message[..(int)count];
        message = message[(int)count..];
        return taken;
    }

    private static byte[] Frame(ReadOnlySpan<byte> message)
    {
        var framed = new byte[FrameLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(FrameLength));
        return framed;
    }

    private static ReadOnlySpan<byte> Unframe(ReadOnlySpan<byte> framed)
    {
        if (framed.Length < FrameLength || framed[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(framed[1..]) != framed.Length - FrameLength)
            throw new InvalidDataException("It is not one uncompressed message.");
        return framed[FrameLength..];
    }
}
