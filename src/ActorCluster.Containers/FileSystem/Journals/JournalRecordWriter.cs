using System.Buffers;
using System.Buffers.Binary;

namespace ActorCluster.Containers.FileSystem.Journals;

/// <summary>
/// Writes one record's fields: numbers in groups of seven bits, the least significant first. Names are kept as they are, code unit by code unit:
/// not all that a program makes up is well-formed.
/// </summary>
internal sealed class JournalRecordWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Record => _bytes.WrittenSpan;

    public JournalRecordWriter Begin(JournalRecordKind kind)
    {
        _bytes.ResetWrittenCount();
        _bytes.Write([(byte)kind]);
        return this;
    }

    public JournalRecordWriter Number(long number)
    {
        var rest = (ulong)number;
        for (; rest > 0x7f; rest >>= 7) _bytes.Write([(byte)(rest | 0x80)]);
        _bytes.Write([(byte)rest]);
        return this;
    }

    public JournalRecordWriter Text(string text)
    {
        Number(text.Length);
        foreach (var unit in text)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(sizeof(ushort)), unit);
            _bytes.Advance(sizeof(ushort));
        }

        return this;
    }

    public JournalRecordWriter Time(DateTimeOffset time) => Number(time.UtcTicks);

    public JournalRecordWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }
}
