using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ActorCluster.Network.Dns;

/// <summary>DNS messages as bytes (RFC 1035, 4; RFC 6891 for OPT).</summary>
/// <remarks>
/// Our own, although libraries exist: those for .NET encode only inside their own servers and clients, which bring their threads, clocks and
/// random numbers along, and none of those may be anybody's but the simulation's. The tests check it against such a library.
/// </remarks>
internal static partial class DnsCodec
{
    /// <summary>What a UDP message may have without EDNS (RFC 1035, 4.2.1).</summary>
    public const int PlainUdpSize = 512;

    private const int LargestMessage = 65535;
    private const int LongestLabel = 63;
    private const int LongestName = 253;

    /// <summary>Encodes the message, leaving records out and setting TC if it doesn't fit.</summary>
    /// <exception cref="ArgumentException">A name in it is not one that DNS can say.</exception>
    public static byte[] Encode(DnsMessage message, int maximum = LargestMessage)
    {
        var writer = new Writer(maximum);
        writer.WriteHeader(message);
        foreach (var question in message.Questions) writer.Write(question);
        var answers = writer.WriteAll(message.Answers);
        var authorities = writer.WriteAll(message.Authorities);
        var additionals = writer.WriteAll(message.Additionals);
        if (message.UdpPayloadSize is { } size) writer.WriteOpt(size, (byte)((int)message.ResponseCode >> 4), message.EdnsVersion, message.DnssecOk);
        // What is missing from answer or authority makes the message incomplete; additional records may be missing (RFC 2181, 9).
        var truncated = message.Truncated || answers < message.Answers.Length || authorities < message.Authorities.Length;
        return writer.Finish(answers, authorities, additionals + (message.UdpPayloadSize is null ? 0 : 1), truncated);
    }

    /// <returns>False: this is not a DNS message. <paramref name="id"/> is set as far as there was one, for a FORMERR.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out DnsMessage? message, out ushort id)
    {
        id = bytes.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(bytes.Span) : (ushort)0;
        try
        {
            message = new Reader(bytes).ReadMessage();
            return true;
        }
        catch (FormatException)
        {
            message = null;
            return false;
        }
    }

    /// <summary>Can DNS say this name: labels of 1 to 63 bytes, 253 in all?</summary>
    public static bool IsName(string name) =>
        name.Length == 0 || (Encoding.UTF8.GetByteCount(name) <= LongestName && name.Split('.').All(label => label.Length > 0 && Encoding.UTF8.GetByteCount(label) <= LongestLabel));

    [SuppressMessage("Design", "CA1001", Justification = "A MemoryStream holds nothing that wants disposing.")]
    private sealed class Writer(int maximum)
    {
        private readonly MemoryStream _bytes = new();
        private readonly Dictionary<string, int> _names = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<string> _added = [];
        private int _reserved;

        public void WriteHeader(DnsMessage message)
        {
            if (message.UdpPayloadSize is not null) _reserved = 11;
            Write16(message.Id);
            Write16((ushort)((message.IsResponse ? 0x8000 : 0) | (message.OpCode & 0xf) << 11 | (message.Authoritative ? 0x0400 : 0)
                | (message.RecursionDesired ? 0x0100 : 0) | (message.RecursionAvailable ? 0x0080 : 0) | ((int)message.ResponseCode & 0xf)));
            Write16((ushort)message.Questions.Length);
            for (var i = 0; i < 3; i++) Write16(0);
        }

        public void Write(DnsQuestion question)
        {
            WriteName(question.Name);
            Write16((ushort)question.Type);
            Write16(question.Class);
        }

        /// <returns>How many fitted.</returns>
        public int WriteAll(ImmutableArray<DnsRecord> records)
        {
            for (var i = 0; i < records.Length; i++)
            {
                var start = _bytes.Length;
                _added.Clear();
                Write(records[i]);
                if (_bytes.Length <= maximum - _reserved) continue;
                _bytes.SetLength(start);
                foreach (var name in _added) _names.Remove(name);
                return i;
            }
            return records.Length;
        }

        public void WriteOpt(ushort size, byte extendedCode, byte version, bool dnssecOk)
        {
            _bytes.WriteByte(0);
            Write16((ushort)DnsType.Opt);
            Write16(size);
            _bytes.WriteByte(extendedCode);
            _bytes.WriteByte(version);
            Write16((ushort)(dnssecOk ? 0x8000 : 0));
            Write16(0);
        }

        public byte[] Finish(int answers, int authorities, int additionals, bool truncated)
        {
            var bytes = _bytes.ToArray();
            if (truncated) bytes[2] |= 0x02;
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)answers);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), (ushort)authorities);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)additionals);
            return bytes;
        }

        private void Write(DnsRecord record)
        {
            WriteName(record.Name);
            Write16((ushort)record.Data.Type);
            Write16(1);
            Write32(record.TimeToLive);
            var lengthAt = _bytes.Length;
            Write16(0);
            WriteData(record.Data);
            var end = _bytes.Length;
            _bytes.Position = lengthAt;
            Write16((ushort)(end - lengthAt - 2));
            _bytes.Position = end;
        }

        private void WriteData(DnsData data)
        {
            switch (data)
            {
                case DnsData.Address address:
                    Span<byte> bytes = stackalloc byte[16];
                    _bytes.Write(bytes[..address.Value.WriteBytes(bytes)]);
                    break;
                case DnsData.CanonicalName name: WriteName(name.Target); break;
                case DnsData.Pointer pointer: WriteName(pointer.Target); break;
                case DnsData.NameServer server: WriteName(server.Target); break;
                case DnsData.Service service:
                    Write16(service.Priority);
                    Write16(service.Weight);
                    Write16(service.Port);
                    WriteName(service.Target, compress: false); // RFC 2782
                    break;
                case DnsData.Text text:
                    foreach (var line in text.Strings)
                    {
                        var utf8 = Encoding.UTF8.GetBytes(line);
                        if (utf8.Length > byte.MaxValue) throw new ArgumentException("A string of a TXT record has at most 255 bytes.");
                        _bytes.WriteByte((byte)utf8.Length);
                        _bytes.Write(utf8);
                    }
                    break;
                case DnsData.StartOfAuthority soa:
                    WriteName(soa.PrimaryServer);
                    WriteName(soa.Mailbox);
                    Write32(soa.Serial);
                    Write32(soa.Refresh);
                    Write32(soa.Retry);
                    Write32(soa.Expire);
                    Write32(soa.Minimum);
                    break;
                case DnsData.Unknown unknown: _bytes.Write(unknown.Bytes.Span); break;
                default: throw new ArgumentException($"No wire form for {data.GetType()}.");
            }
        }

        private void WriteName(string name, bool compress = true)
        {
            if (!IsName(name)) throw new ArgumentException($"'{name}' is not a DNS name.");
            while (name.Length > 0)
            {
                if (compress && _names.TryGetValue(name, out var at))
                {
                    Write16((ushort)(0xc000 | at));
                    return;
                }
                if (_bytes.Length < 0x4000 && _names.TryAdd(name, (int)_bytes.Length)) _added.Add(name);
                var dot = name.IndexOf('.', StringComparison.Ordinal);
                var label = Encoding.UTF8.GetBytes(dot < 0 ? name : name[..dot]);
                _bytes.WriteByte((byte)label.Length);
                _bytes.Write(label);
                name = dot < 0 ? "" : name[(dot + 1)..];
            }
            _bytes.WriteByte(0);
        }

        private void Write16(ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
            _bytes.Write(bytes);
        }

        private void Write32(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            _bytes.Write(bytes);
        }
    }
}
