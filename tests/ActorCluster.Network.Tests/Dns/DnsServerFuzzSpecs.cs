using System.Buffers.Binary;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Stack;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tests.Stack;
using FsCheck.Xunit;

namespace ActorCluster.Network.Tests.Dns;

/// <summary>Whatever comes to the DNS server's port: it answers what can be answered with the right code, and goes on serving.</summary>
public sealed class DnsServerFuzzSpecs : IDisposable
{
    private static readonly SocketAddress ServerAddress = new(IpAddress.Parse("10.244.9.9"), 53);

    private readonly VirtualWorld _world = new();
    private readonly NetworkNamespace _server;
    private readonly NetworkNamespace _client;
    private readonly IUdpSocket _socket;

    public DnsServerFuzzSpecs()
    {
        var tables = new NetworkTablesSource();
        tables.Publish(DnsWorld.Tables);
        _server = _world.Add("10.244.9.9");
        ClusterDnsServer.Start(_server, tables, _world.Simulation);
        _client = _world.Add("10.244.1.2");
        _socket = _client.BindUdp(new(IpAddress.AnyV4, 0));
    }

    [Fact]
    public void A_question_cut_short_anywhere_is_a_format_error_if_it_has_a_header_and_nothing_otherwise()
    {
        var question = Query("web.default.svc.cluster.local");
        for (var length = 0; length < question.Length; length++)
        {
            var answer = Ask(question[..length]);
            if (length < 12) answer.ShouldBeNull();
            else answer.ShouldNotBeNull().ShouldSatisfyAllConditions(a => a.ResponseCode.ShouldBe(DnsResponseCode.FormatError), a => a.Id.ShouldBe((ushort)0x1234), a => a.IsResponse.ShouldBeTrue());
        }
        ShouldServe();
    }

    [Fact]
    public void Counts_that_lie_are_format_errors()
    {
        for (var count = 4; count < 12; count += 2)
        {
            foreach (var lie in (ushort[])[2, 3, 255, ushort.MaxValue])
            {
                var question = Query("web.default.svc.cluster.local");
                BinaryPrimitives.WriteUInt16BigEndian(question.AsSpan(count), lie);
                Ask(question).ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.FormatError, $"{lie} at {count}");
            }
        }
        ShouldServe();
    }

    [Fact]
    public void No_question_and_two_questions_are_format_errors()
    {
        Ask(DnsCodec.Encode(new() { Id = 1 })).ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.FormatError);
        Ask(DnsCodec.Encode(new() { Id = 1, Questions = [new("web.default.svc.cluster.local", DnsType.A), new("db.default.svc.cluster.local", DnsType.A)] }))
            .ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.FormatError);
    }

    [Fact]
    public void A_question_with_answers_in_it_is_a_format_error_and_an_answer_is_left_unanswered()
    {
        var record = new DnsRecord("web.default.svc.cluster.local", 30, new DnsData.Address(IpAddress.LoopbackV4));
        var query = new DnsMessage { Id = 1, Questions = [new("web.default.svc.cluster.local", DnsType.A)], Answers = [record, record] };
        Ask(DnsCodec.Encode(query)).ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.FormatError);
        Ask(DnsCodec.Encode(query with { IsResponse = true })).ShouldBeNull();
        ShouldServe();
    }

    [Fact]
    public void Other_operations_are_not_implemented_and_other_classes_are_refused()
    {
        for (var operation = 1; operation < 16; operation++)
        {
            var question = Query("web.default.svc.cluster.local");
            question[2] |= (byte)(operation << 3);
            Ask(question).ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.NotImplemented);
        }
        foreach (var @class in (byte[])[0, 3, 4, 254])
        {
            var question = Query("web.default.svc.cluster.local");
            question[^1] = @class;
            var answer = Ask(question).ShouldNotBeNull();
            (answer.ResponseCode, answer.Answers.Length, (int)answer.Questions[0].Class).ShouldBe((DnsResponseCode.Refused, 0, @class));
        }
    }

    [Fact]
    public void An_edns_version_of_the_future_is_answered_with_ours()
    {
        var question = DnsCodec.Encode(new() { Id = 1, Questions = [new("web.default.svc.cluster.local", DnsType.A)], UdpPayloadSize = 1232, EdnsVersion = 1 });
        var answer = Ask(question).ShouldNotBeNull();
        (answer.ResponseCode, answer.UdpPayloadSize.HasValue, answer.EdnsVersion, answer.Answers.Length).ShouldBe((DnsResponseCode.BadVersion, true, (byte)0, 0));
    }

    [Fact]
    public void Names_in_circles_and_names_without_end_are_format_errors()
    {
        byte[] header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        foreach (var name in (byte[][])
                 [
                     [0xc0, 12], [0xc0, 14], [0xff, 0xff], [1, (byte)'a', 0xc0, 12, 0xc0, 12], [0xc0], [64, 0], [0x80, 0], [.. label, .. label, .. label, .. label, 0],
                     [.. Enumerable.Repeat<byte[]>([1, (byte)'a'], 200).SelectMany(x => x), 0], [3, (byte)'a', (byte)'.', (byte)'b', 0], [2, 0xff, 0xfe, 0],
                     [.. Enumerable.Repeat<byte[]>([62, .. System.Text.Encoding.UTF8.GetBytes(new string('é', 31))], 5).SelectMany(x => x), 0],
                 ])
            Ask([.. header, .. name, 0, 1, 0, 1]).ShouldNotBeNull().ResponseCode.ShouldBe(DnsResponseCode.FormatError, Convert.ToHexString(name));
        ShouldServe();
    }

    [Property(MaxTest = 100)]
    public void Mutated_questions_get_an_answer_to_themselves_or_none(int seed)
    {
        var random = new Random(seed);
        string[] names = ["web.default.svc.cluster.local", "many.default.svc.cluster.local", "loop.default.svc.cluster.local", "50.0.96.10.in-addr.arpa", "_sql._tcp.db.default.svc.cluster.local", ""];
        DnsType[] types = [DnsType.A, DnsType.Aaaa, DnsType.Srv, DnsType.Ptr, DnsType.Any, DnsType.Soa, (DnsType)random.Next(65536)];
        for (var i = 0; i < 20; i++)
        {
            var bytes = DnsCodec.Encode(new()
            {
                Id = 0x1234, Questions = [new(names[random.Next(names.Length)], types[random.Next(types.Length)])], UdpPayloadSize = random.Next(2) == 0 ? null : (ushort)random.Next(65536),
            });
            switch (random.Next(4))
            {
                case 0: random.NextBytes(bytes.AsSpan(2)); break;
                case 1: bytes = [.. bytes[..random.Next(bytes.Length)], .. bytes[..random.Next(bytes.Length)]]; break;
                default:
                    for (var flips = random.Next(1, 6); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
            }
            if (Ask(bytes) is { } answer) (answer.IsResponse, answer.Id).ShouldBe((true, BinaryPrimitives.ReadUInt16BigEndian(bytes)));
        }
        ShouldServe();
    }

    [Property(MaxTest = 50)]
    public void Nonsense_over_tcp_ends_that_connection_and_no_other(int seed)
    {
        var random = new Random(seed);
        var good = _world.Run(_client.ConnectTcpAsync(ServerAddress));
        var bad = _world.Run(_client.ConnectTcpAsync(ServerAddress));
        var nonsense = new byte[random.Next(200)];
        random.NextBytes(nonsense);
        if (random.Next(2) == 0) nonsense = DnsServer.WithLength(nonsense);
        _world.Run(bad.Output.WriteAsync(nonsense).AsTask());
        _world.Run(bad.Output.CompleteAsync().AsTask());
        // Any answers, and then the end: the server waits for no more than was promised once nothing can come.
        var end = ReadToEndAsync(bad);
        _world.Run(end, TimeSpan.FromMinutes(1));

        var question = DnsServer.WithLength(Query("web.default.svc.cluster.local"));
        foreach (var piece in question) _world.Run(good.Output.WriteAsync(new[] { piece }).AsTask());
        var read = _world.Run(good.Input.ReadAtLeastAsync(2 + 12).AsTask());
        DnsServer.TryTakeMessage(read.Buffer, out var answer, out _).ShouldBeTrue();
        DnsCodec.TryDecode(answer, out var message, out _).ShouldBeTrue();
        message!.Answers.ShouldHaveSingleItem();
        good.Abort();
        bad.Abort();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _client.Dispose();
        _server.Dispose();
    }

    private static async Task ReadToEndAsync(ITcpConnection connection)
    {
        while (true)
        {
            var read = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private static byte[] Query(string name) => DnsCodec.Encode(new() { Id = 0x1234, RecursionDesired = true, Questions = [new(name, DnsType.A)] });

    /// <returns>Null: the server said nothing to it. A good question that follows tells that none is coming.</returns>
    private DnsMessage? Ask(byte[] question)
    {
        _socket.Send(question, ServerAddress);
        _socket.Send(DnsCodec.Encode(new() { Id = 0x4321, Questions = [new("marker.default.svc.cluster.local", DnsType.Txt)] }), ServerAddress);
        DnsMessage? answer = null;
        while (true)
        {
            var datagram = _world.Run(_socket.ReceiveAsync().AsTask());
            DnsCodec.TryDecode(datagram.Payload, out var message, out _).ShouldBeTrue("the server's own message is well formed");
            if (message!.Questions is [{ Type: DnsType.Txt, Name: "marker.default.svc.cluster.local" }]) return answer;
            answer.ShouldBeNull("one question has one answer");
            answer = message;
        }
    }

    private void ShouldServe() =>
        Ask(Query("web.default.svc.cluster.local")).ShouldNotBeNull().Answers.ShouldHaveSingleItem().Data.ShouldBe(new DnsData.Address(IpAddress.Parse("10.96.0.50")));
}
