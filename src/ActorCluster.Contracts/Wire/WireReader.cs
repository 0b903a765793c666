using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;

namespace ActorCluster.Contracts.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Whatever bytes it is given, it answers with a value or a <see cref="SerializationException"/>,
/// and never allocates more than the bytes can hold.
/// </summary>
public ref struct WireReader(ReadOnlyMemory<byte> source)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _position;

    public readonly int Remaining => source.Length - _position;

    public byte Byte() => Take(1).Span[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw Damaged($"{other} instead of a truth value"),
    };

    public ulong Unsigned()
    {
        var value = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }

        throw Damaged("an integer of more than 64 bits");
    }

    public long Signed()
    {
        var raw = Unsigned();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public long? Optional() => Bool() ? Signed() : null;

    public int Int32() => Signed() is var value and >= int.MinValue and <= int.MaxValue ? (int)value : throw Damaged("a number beyond 32 bits");

    public int? OptionalInt32() => Bool() ? Int32() : null;

    public T Enum<T>() where T : struct, Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), Byte());
        return System.Enum.IsDefined(value) ? value : throw Damaged($"{value} is no {typeof(T).Name}");
    }

    public string Text()
    {
        var bytes = Take(Length(1));
        try
        {
            return StrictUtf8.GetString(bytes.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new SerializationException("Damaged bytes: a text that is no UTF-8.", e);
        }
    }

    public string? OptionalText() => Bool() ? Text() : null;

    /// <summary>A slice of the source, not a copy.</summary>
    public ReadOnlyMemory<byte> Bytes() => Take(Length(1));

    public ImmutableArray<string> Texts()
    {
        var texts = ImmutableArray.CreateBuilder<string>(Length(1));
        for (var i = texts.Capacity; i > 0; i--) texts.Add(Text());
        return texts.MoveToImmutable();
    }

    /// <summary>A count of things that take at least so many bytes each.</summary>
    public int Length(int bytesEach)
    {
        var length = Unsigned();
        return length <= (ulong)(Remaining / bytesEach) ? (int)length : throw Damaged($"a length of {length} where {Remaining} bytes are left");
    }

    /// <summary>To be called last.</summary>
    public readonly void End()
    {
        if (Remaining != 0) throw Damaged($"{Remaining} bytes too many");
    }

    public static SerializationException Damaged(string what) => new($"Damaged bytes: {what}.");

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (Remaining < count) throw Damaged($"{count} bytes wanted where {Remaining} are left");
        _position += count;
        return source.Slice(_position - count, count);
    }
}
