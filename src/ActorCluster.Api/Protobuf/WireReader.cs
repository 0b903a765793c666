using System.Buffers.Binary;

namespace ActorCluster.Api.Protobuf;

/// <summary>The protobuf wire format: tags, varints, lengths (https://protobuf.dev/programming-guides/encoding).</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>The wire type of the field last read: 0 varint, 1 and 5 fixed, 2 bytes.</summary>
    public int WireType { get; private set; }

    /// <summary>Reads the next field's number; false at the end.</summary>
    /// <exception cref="FormatException">Not protobuf.</exception>
    public bool TryReadField(out int number)
    {
        number = 0;
        if (_rest.IsEmpty) return false;
        var tag = ReadVarint();
        WireType = (int)(tag & 7);
        number = (int)(tag >> 3);
        return number > 0 ? true : throw new FormatException("proto: illegal tag");
    }

    /// <exception cref="FormatException">Cut short or longer than 64 bits.</exception>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty) throw new FormatException("unexpected EOF");
            var b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw new FormatException("proto: integer overflow");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_rest.Length) throw new FormatException("unexpected EOF");
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    public double ReadDouble() => BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(Take(8)));

    public void Skip()
    {
        switch (WireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                ReadBytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new FormatException($"proto: illegal wireType {WireType}");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw new FormatException("unexpected EOF");
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }
}
