using System.Runtime.InteropServices;

namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>What a record tells of.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>A new file, folder or symbolic link, at a place.</summary>
    Made = 1,

    /// <summary>A further name of one that is there.</summary>
    Linked = 2,
    Removed = 3,
    Renamed = 4,
    Attributes = 5,
    Written = 6,
    Resized = 7,
}

/// <summary>Writes one record's fields. Names are kept as they are, code unit by code unit: not all that a program makes up is well-formed.</summary>
internal sealed class JournalRecordWriter
{
    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    public JournalRecordWriter() => _writer = new BinaryWriter(_bytes);

    public ReadOnlySpan<byte> Record => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    public JournalRecordWriter Begin(JournalRecordKind kind)
    {
        _bytes.SetLength(0);
        _writer.Write((byte)kind);
        return this;
    }

    public JournalRecordWriter Number(long number)
    {
        _writer.Write7BitEncodedInt64(number);
        return this;
    }

    public JournalRecordWriter Text(string text)
    {
        _writer.Write7BitEncodedInt(text.Length);
        foreach (var unit in text) _writer.Write((ushort)unit);
        return this;
    }

    public JournalRecordWriter Time(DateTimeOffset time)
    {
        _writer.Write(time.UtcTicks);
        return this;
    }

    public JournalRecordWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _writer.Write(bytes);
        return this;
    }
}

/// <summary>Reads what <see cref="JournalRecordWriter"/> wrote.</summary>
internal sealed class JournalRecordReader
{
    private readonly ReadOnlyMemory<byte> _record;
    private readonly BinaryReader _reader;

    public JournalRecordReader(ReadOnlyMemory<byte> record)
    {
        _record = record;
        _reader = new BinaryReader(MemoryMarshal.TryGetArray(record, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(record.ToArray(), writable: false));
    }

    public JournalRecordKind Kind() => (JournalRecordKind)_reader.ReadByte();
    public long Number() => _reader.Read7BitEncodedInt64();
    public int SmallNumber() => (int)_reader.Read7BitEncodedInt64();
    public DateTimeOffset Time() => new(_reader.ReadInt64(), TimeSpan.Zero);
    public ReadOnlySpan<byte> Rest() => _record.Span[(int)_reader.BaseStream.Position..];

    public string Text() => string.Create(_reader.Read7BitEncodedInt(), _reader, static (text, reader) =>
    {
        foreach (ref var unit in text) unit = (char)reader.ReadUInt16();
    });
}
