using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace ActorCluster.Contracts.Wire;

/// <summary>Writes the compact binary form that messages and stored headers have: base-128 integers, length-prefixed UTF-8 and bytes.</summary>
public sealed class WireWriter(int sizeHint = 256)
{
    private byte[] _buffer = new byte[Math.Max(16, sizeHint)];
    private int _length;

    public byte[] ToArray()
    {
        var result = _buffer;
        if (result.Length != _length) Array.Resize(ref result, _length);
        return result;
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Unsigned(ulong value)
    {
        var length = (BitOperations.Log2(value | 1) / 7) + 1;
        var span = Take(length);
        for (var i = 0; i < length - 1; i++, value >>= 7) span[i] = (byte)(value | 0x80);
        span[length - 1] = (byte)value;
    }

    /// <summary>Small numbers of either sign stay small (zigzag).</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Eight bytes, for what is random anyway.</summary>
    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Optional(long? value)
    {
        Bool(value.HasValue);
        if (value is { } present) Signed(present);
    }

    public void Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void OptionalText(string? value)
    {
        Bool(value is not null);
        if (value is not null) Text(value);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Texts(IReadOnlyCollection<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Unsigned((ulong)values.Count);
        foreach (var value in values) Text(value);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _length < count) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(_length + count)));
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
