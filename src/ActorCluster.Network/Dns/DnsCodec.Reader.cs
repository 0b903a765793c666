using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

// Reading: everything that comes may be damaged or forged.
internal static partial class DnsCodec
{
    private ref struct Reader(ReadOnlyMemory<byte> memory)
    {
        private readonly ReadOnlySpan<byte> _bytes = memory.Span;
        private int _position;

        public DnsMessage ReadMessage()
        {
            var id = Read16();
            var flags = Read16();
            var (questionCount, answerCount, authorityCount, additionalCount) = (Read16(), Read16(), Read16(), Read16());
            var questions = ImmutableArray.CreateBuilder<DnsQuestion>();
            for (var i = 0; i < questionCount; i++)
            {
                questions.Add(new(ReadName(), (DnsType)Read16()) { Class = Read16() });
            }
            ushort? payloadSize = null;
            uint extended = 0;
            var answers = ReadRecords(answerCount, ref payloadSize, ref extended);
            var authorities = ReadRecords(authorityCount, ref payloadSize, ref extended);
            var additionals = ReadRecords(additionalCount, ref payloadSize, ref extended);
            return new()
            {
                Id = id,
                IsResponse = (flags & 0x8000) != 0,
                OpCode = flags >> 11 & 0xf,
                Authoritative = (flags & 0x0400) != 0,
                Truncated = (flags & 0x0200) != 0,
                RecursionDesired = (flags & 0x0100) != 0,
                RecursionAvailable = (flags & 0x0080) != 0,
                ResponseCode = (DnsResponseCode)(byte)(flags & 0xf | (int)(extended >> 24) << 4),
                Questions = questions.ToImmutable(),
                Answers = answers,
                Authorities = authorities,
                Additionals = additionals,
                UdpPayloadSize = payloadSize,
                EdnsVersion = (byte)(extended >> 16),
                DnssecOk = (extended & 0x8000) != 0,
            };
        }

        private ImmutableArray<DnsRecord> ReadRecords(int count, ref ushort? payloadSize, ref uint extended)
        {
            var records = ImmutableArray.CreateBuilder<DnsRecord>(); // grows with what is really there, not with what the header claims
            for (var i = 0; i < count; i++)
            {
                var name = ReadName();
                var type = (DnsType)Read16();
                var @class = Read16();
                var timeToLive = Read32();
                var length = Read16();
                var end = _position + length;
                if (end > _bytes.Length) throw Damaged();
                if (type == DnsType.Opt)
                {
                    (payloadSize, extended) = (@class, timeToLive);
                    _position = end;
                    continue;
                }
                var data = ReadData(type, length);
                if (_position != end) throw Damaged();
                records.Add(new(name, timeToLive, data));
            }
            return records.ToImmutable();
        }

        private DnsData ReadData(DnsType type, int length)
        {
            switch (type)
            {
                case DnsType.A when length == 4:
                    return new DnsData.Address(IpAddress.FromV4(Read32()));
                case DnsType.Aaaa when length == 16:
                    var address = new IpAddress((ulong)Read32() << 32 | Read32(), (ulong)Read32() << 32 | Read32());
                    return address.IsV4 ? Unknown(type, 16) : new DnsData.Address(address); // ::ffff:a.b.c.d would turn into an A
                case DnsType.A or DnsType.Aaaa: throw Damaged();
                case DnsType.Cname: return new DnsData.CanonicalName(ReadName());
                case DnsType.Ptr: return new DnsData.Pointer(ReadName());
                case DnsType.Ns: return new DnsData.NameServer(ReadName());
                case DnsType.Srv: return new DnsData.Service(Read16(), Read16(), Read16(), ReadName());
                case DnsType.Soa: return new DnsData.StartOfAuthority(ReadName(), ReadName(), Read32(), Read32(), Read32(), Read32(), Read32());
                case DnsType.Txt:
                    var end = _position + length;
                    var strings = ImmutableArray.CreateBuilder<string>();
                    while (_position < end)
                    {
                        var count = Take(1)[0];
                        if (_position + count > end) throw Damaged();
                        strings.Add(Encoding.UTF8.GetString(Take(count)));
                    }
                    return new DnsData.Text(strings.ToImmutable());
                default:
                    _position += length;
                    return Unknown(type, length);
            }
        }

        /// <summary>The bytes just passed.</summary>
        private readonly DnsData.Unknown Unknown(DnsType type, int length) => new(type, _bytes.Slice(_position - length, length).ToArray());

        private string ReadName()
        {
            var name = new StringBuilder();
            var position = _position;
            var jumped = false;
            var size = 0;
            while (true)
            {
                if (position >= _bytes.Length) throw Damaged();
                int length = _bytes[position];
                if ((length & 0xc0) == 0xc0)
                {
                    if (position + 1 >= _bytes.Length) throw Damaged();
                    var target = (length & 0x3f) << 8 | _bytes[position + 1];
                    if (!jumped) _position = position + 2;
                    // A pointer points back (RFC 1035, 4.1.4: to a prior occurrence), so following them ends.
                    if (target >= position) throw Damaged();
                    (position, jumped) = (target, true);
                    continue;
                }
                if (length > LongestLabel) throw Damaged();
                position++;
                if (length == 0)
                {
                    if (!jumped) _position = position;
                    return name.ToString();
                }
                if (position + length > _bytes.Length) throw Damaged();
                var label = Encoding.UTF8.GetString(_bytes.Slice(position, length));
                // A dot inside a label has no place in names as we write them, and what is no UTF-8 would not come out as it went in.
                if (label.Contains('.', StringComparison.Ordinal) || label.Contains('\ufffd', StringComparison.Ordinal)) throw Damaged();
                if (name.Length > 0) name.Append('.');
                name.Append(label);
                size += length + 1;
                if (size > LongestName + 1) throw Damaged();
                position += length;
            }
        }

        private ushort Read16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

        private uint Read32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > _bytes.Length - _position) throw Damaged();
            var span = _bytes.Slice(_position, count);
            _position += count;
            return span;
        }

        private static FormatException Damaged() => new("Not a DNS message.");
    }
}
