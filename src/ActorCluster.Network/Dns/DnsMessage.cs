using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>A DNS message (RFC 1035, 4.1). Names are absolute, lower or upper case as they came, without the final dot; the root is "".</summary>
public sealed record DnsMessage
{
    public required ushort Id { get; init; }
    public bool IsResponse { get; init; }
    public int OpCode { get; init; }
    public bool Authoritative { get; init; }
    public bool Truncated { get; init; }
    public bool RecursionDesired { get; init; }
    public bool RecursionAvailable { get; init; }
    public DnsResponseCode ResponseCode { get; init; }
    public ImmutableArray<DnsQuestion> Questions { get; init; } = [];
    public ImmutableArray<DnsRecord> Answers { get; init; } = [];
    public ImmutableArray<DnsRecord> Authorities { get; init; } = [];
    public ImmutableArray<DnsRecord> Additionals { get; init; } = [];

    /// <summary>The largest UDP answer the sender takes, by EDNS(0) (RFC 6891); null without an OPT record.</summary>
    public ushort? UdpPayloadSize { get; init; }

    /// <summary>Of the OPT record; there is none but 0 yet.</summary>
    public byte EdnsVersion { get; init; }

    /// <summary>The DO flag of the OPT record (RFC 3225): an answer has it as its question had it.</summary>
    public bool DnssecOk { get; init; }

    /// <summary>Its bytes on the wire, with all of its records.</summary>
    public int MeasureSize() => DnsCodec.Encode(this).Length;

    /// <summary>An answer to this query, without records yet.</summary>
    public DnsMessage Reply(DnsResponseCode code) => new()
    {
        Id = Id,
        IsResponse = true,
        OpCode = OpCode,
        RecursionDesired = RecursionDesired,
        ResponseCode = code,
        Questions = Questions,
        UdpPayloadSize = UdpPayloadSize,
        DnssecOk = DnssecOk,
    };
}

public readonly record struct DnsQuestion(string Name, DnsType Type)
{
    /// <summary>IN, the Internet.</summary>
    public const ushort Internet = 1;

    public ushort Class { get; init; } = Internet;
}

/// <summary>One resource record of class IN.</summary>
/// <param name="TimeToLive">Seconds.</param>
public sealed record DnsRecord(string Name, uint TimeToLive, DnsData Data);

/// <summary>A record's type and data.</summary>
public abstract record DnsData(DnsType Type)
{
    /// <summary>A or AAAA, by the address's family.</summary>
    public sealed record Address(IpAddress Value) : DnsData(Value.IsV4 ? DnsType.A : DnsType.Aaaa);

    public sealed record CanonicalName(string Target) : DnsData(DnsType.Cname);

    public sealed record Pointer(string Target) : DnsData(DnsType.Ptr);

    public sealed record NameServer(string Target) : DnsData(DnsType.Ns);

    public sealed record Service(ushort Priority, ushort Weight, ushort Port, string Target) : DnsData(DnsType.Srv);

    public sealed record Text(ImmutableArray<string> Strings) : DnsData(DnsType.Txt);

    public sealed record StartOfAuthority(string PrimaryServer, string Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum) : DnsData(DnsType.Soa);

    /// <summary>A type this codec has no fields for; the bytes as they came.</summary>
    public sealed record Unknown(DnsType Code, ReadOnlyMemory<byte> Bytes) : DnsData(Code);
}

public enum DnsType : ushort
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    HostInfo = 13,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Opt = 41,
    Ixfr = 251,
    Axfr = 252,
    Any = 255,
}

/// <summary>RFC 1035, 4.1.1.</summary>
public enum DnsResponseCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,

    /// <summary>RFC 6891, 6.1.3: not that version of EDNS.</summary>
    BadVersion = 16,
}
