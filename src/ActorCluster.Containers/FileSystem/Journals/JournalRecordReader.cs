using System.Buffers.Binary;

namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>Reads what <see cref="JournalRecordWriter"/> wrote.</summary>
/// <exception cref="EndOfStreamException">A field isn't there: the record's checksum is right, but another program wrote it.</exception>
internal sealed class JournalRecordReader(ReadOnlyMemory<byte> record)
{
    private ReadOnlyMemory<byte> _rest = record;

    public JournalRecordKind Kind() => (JournalRecordKind)Take(1)[0];

    public long Number()
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var group = Take(1)[0];
            number |= (ulong)(group & 0x7f) << shift;
            if (group < 0x80) return (long)number;
        }
    }

    public int SmallNumber() => (int)Number();

    public DateTimeOffset Time() => new(Number(), TimeSpan.Zero);

    public ReadOnlySpan<byte> Rest() => _rest.Span;

    public string Text()
    {
        var length = Number();
        if (length < 0 || length > _rest.Length / sizeof(ushort)) throw new EndOfStreamException();
        var units = Take((int)length * sizeof(ushort));
        var text = new char[length];
        for (var i = 0; i < text.Length; i++) text[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(units[(i * sizeof(ushort))..]);
        return new string(text);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new EndOfStreamException();
        var taken = _rest.Span[..count];
        _rest = _rest[count..];
        return taken;
    }
}
