using System.Collections.Immutable;
using System.Net;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ARSoft.Tools.Net.Dns;
using FsCheck.Xunit;
using DnsMessage = ActorCluster.Network.Dns.DnsMessage;
using DnsQuestion = ActorCluster.Network.Dns.DnsQuestion;

namespace ActorCluster.Network.Tests.Dns;

public class DnsCodecSpecs
{
    [Property(MaxTest = 300)]
    public void Every_message_comes_back_as_it_was(int seed)
    {
        var message = RandomMessage(new Random(seed));
        DnsCodec.TryDecode(DnsCodec.Encode(message), out var decoded, out _).ShouldBeTrue();
        Text(decoded!).ShouldBe(Text(message));
    }

    [Property(MaxTest = 200)]
    public void A_library_of_somebody_else_reads_what_we_write(int seed)
    {
        var message = RandomMessage(new Random(seed)) with { UdpPayloadSize = 1232 };
        var theirs = ARSoft.Tools.Net.Dns.DnsMessage.Parse(DnsCodec.Encode(message));
        theirs.TransactionID.ShouldBe(message.Id);
        theirs.IsQuery.ShouldBe(!message.IsResponse);
        theirs.IsEDnsEnabled.ShouldBeTrue();
        theirs.Questions.Select(question => question.Name.ToString().TrimEnd('.')).ShouldBe(message.Questions.Select(question => question.Name));
        theirs.AnswerRecords.Select(Describe).ShouldBe(message.Answers.Select(Describe));
    }

    [Property(MaxTest = 2000)]
    public void Damaged_messages_are_refused_or_read_as_something_but_never_crash(int seed)
    {
        var random = new Random(seed);
        var bytes = DnsCodec.Encode(RandomMessage(random));
        for (var i = random.Next(1, 8); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
        // Whatever was read as a message can be written again.
        if (DnsCodec.TryDecode(bytes, out var message, out _)) DnsCodec.Encode(message!).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1 })] // a name that points to itself
    [InlineData(new byte[] { 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0xc0, 20, 0, 1, 0, 1, 0xc0, 12 })] // and one that points ahead
    public void Names_that_go_in_circles_are_refused(byte[] bytes)
    {
        DnsCodec.TryDecode(bytes, out _, out var id).ShouldBeFalse();
        id.ShouldBe((ushort)1);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_the_message_says_so()
    {
        var message = new DnsMessage
        {
            Id = 1,
            IsResponse = true,
            Questions = [new("web.default.svc.cluster.local", DnsType.A)],
            Answers = [.. Enumerable.Range(1, 100).Select(i => new DnsRecord("web.default.svc.cluster.local", 30, new DnsData.Address(IpAddress.FromV4((uint)i))))],
        };
        var bytes = DnsCodec.Encode(message, 512);
        bytes.Length.ShouldBeLessThanOrEqualTo(512);
        DnsCodec.TryDecode(bytes, out var decoded, out _).ShouldBeTrue();
        decoded!.Truncated.ShouldBeTrue();
        decoded.Answers.Length.ShouldBeInRange(25, 40);
    }

    private static string Text(DnsMessage message) => string.Join('\n', new object?[]
    {
        message.Id, message.IsResponse, message.OpCode, message.Authoritative, message.Truncated, message.RecursionDesired, message.RecursionAvailable, message.ResponseCode, message.UdpPayloadSize,
    }.Concat(message.Questions.Cast<object>()).Concat(message.Answers.Select(Describe)).Append("-").Concat(message.Authorities.Select(Describe)).Append("-").Concat(message.Additionals.Select(Describe)));

    private static string Describe(DnsRecord record) => $"{record.Name} {record.TimeToLive} " + record.Data switch
    {
        DnsData.Address a => a.Value.ToString(),
        DnsData.CanonicalName c => c.Target,
        DnsData.Pointer p => p.Target,
        DnsData.NameServer n => n.Target,
        DnsData.Service s => $"{s.Priority} {s.Weight} {s.Port} {s.Target}",
        DnsData.Text t => string.Join('|', t.Strings),
        DnsData.StartOfAuthority s => $"{s.PrimaryServer} {s.Mailbox} {s.Serial} {s.Minimum}",
        DnsData.Unknown u => Convert.ToHexString(u.Bytes.Span),
        _ => throw new InvalidOperationException(),
    };

    private static string Describe(DnsRecordBase record) => $"{Name(record.Name)} {record.TimeToLive} " + record switch
    {
        AddressRecordBase a => IpAddress.From(a.Address).ToString(),
        CNameRecord c => Name(c.CanonicalName),
        PtrRecord p => Name(p.PointerDomainName),
        NsRecord n => Name(n.NameServer),
        SrvRecord s => $"{s.Priority} {s.Weight} {s.Port} {Name(s.Target)}",
        TxtRecord t => string.Join('|', t.TextParts),
        SoaRecord s => $"{Name(s.MasterName)} {Name(s.ResponsibleName)} {s.SerialNumber} {s.NegativeCachingTTL}",
        UnknownRecord u => Convert.ToHexString(u.RecordData),
        _ => record.GetType().Name,
    };

    private static string Name(ARSoft.Tools.Net.DomainName name) => name.ToString().TrimEnd('.');

    private static DnsMessage RandomMessage(Random random) => new()
    {
        Id = (ushort)random.Next(65536),
        IsResponse = random.Next(2) == 0,
        Authoritative = random.Next(2) == 0,
        RecursionDesired = random.Next(2) == 0,
        RecursionAvailable = random.Next(2) == 0,
        ResponseCode = (DnsResponseCode)random.Next(6),
        Questions = [.. Enumerable.Range(0, random.Next(2)).Select(_ => new DnsQuestion(RandomName(random), DnsType.A))],
        Answers = RandomRecords(random),
        Authorities = RandomRecords(random),
        Additionals = RandomRecords(random),
        UdpPayloadSize = random.Next(2) == 0 ? null : (ushort)4096,
    };

    private static ImmutableArray<DnsRecord> RandomRecords(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => new DnsRecord(RandomName(random), (uint)random.Next(100_000), random.Next(8) switch
        {
            0 => new DnsData.Address(IpAddress.FromV4((uint)random.NextInt64())),
            1 => new DnsData.Address(IpAddress.From(new IPAddress(random.NextInt64() is var n ? [.. BitConverter.GetBytes(n | 1), .. BitConverter.GetBytes(n)] : []))),
            2 => new DnsData.CanonicalName(RandomName(random)),
            3 => new DnsData.Pointer(RandomName(random)),
            4 => new DnsData.NameServer(RandomName(random)),
            5 => new DnsData.Service(1, 2, (ushort)random.Next(65536), RandomName(random)),
            6 => new DnsData.Text(["a", "bc"]),
            _ => new DnsData.StartOfAuthority(RandomName(random), RandomName(random), 1, 2, 3, 4, (uint)random.Next(100)),
        }))];

    private static string RandomName(Random random)
    {
        string[] labels = ["web", "db-0", "default", "svc", "cluster", "local", "_http", "_tcp", "x", new string('l', 63)];
        return string.Join('.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => labels[random.Next(labels.Length)]));
    }
}
