using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Sctp;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Network.Tests.Sctp;

/// <summary>Single rules of RFC 9260 on one machine with a peer that the test plays itself.</summary>
public class SctpPacketRuleSpecs : ISctpOutput
{
    private const uint OwnTag = 0xaaaa;
    private const uint PeerTag = 0xbbbb;

    private static readonly SocketAddress Own = new(IpAddress.FromV4(1), 1000);
    private static readonly SocketAddress Peer = new(IpAddress.FromV4(2), 80);
    private static readonly SctpSettings Settings = SctpSettings.Default with { MaximumTransmissionUnit = 1500 };

    private readonly List<SctpPacket> _sent = [];
    private readonly List<SctpMessage> _received = [];
    private readonly SctpSecrets _secrets = new(new RandomSource(1));
    private readonly SctpAssociationMachine _machine;
    private SocketFault? _fault;
    private bool _closed;
    private bool _ended;
    private long _now;

    public SctpPacketRuleSpecs() => _machine = new(Settings, _secrets, Own, Peer, this, OwnTag, 100);

    private SctpChunk Last => _sent[^1].Chunks[^1];

    [Fact]
    public void The_handshake_sends_init_without_a_tag_and_echoes_the_cookie()
    {
        _machine.Connect(0);
        (_sent[0].VerificationTag, _sent[0].IsInit).ShouldBe((0u, true));
        Receive(new SctpInitAck(PeerTag, 10_000, 3, 5, 500, "cookie"u8.ToArray()));
        _sent[1].VerificationTag.ShouldBe(PeerTag);
        ((SctpCookieEcho)Last).Cookie.ToArray().ShouldBe("cookie"u8.ToArray());
        Receive(new SctpCookieAck());
        (_machine.State, _machine.OutboundStreams).ShouldBe((SctpState.Established, 5));
    }

    [Fact]
    public void Packets_with_a_wrong_tag_are_ignored_whatever_is_in_them()
    {
        Establish();
        foreach (var chunk in new SctpChunk[] { new SctpAbort(false, []), new SctpShutdown(100), Data(500), new SctpShutdownComplete(false) })
            Receive(OwnTag + 1, chunk);
        Receive(OwnTag, new SctpAbort(true, [])); // the T bit says that the tag is the peer's
        (_machine.State, _sent.Count, _received.Count).ShouldBe((SctpState.Established, 0, 0));
        Receive(PeerTag, new SctpAbort(true, []));
        _fault.ShouldBe(SocketFault.ConnectionReset);
    }

    [Fact]
    public void An_abort_during_the_handshake_is_a_refusal()
    {
        _machine.Connect(0);
        Receive(new SctpAbort(false, []));
        _fault.ShouldBe(SocketFault.ConnectionRefused);
    }

    [Fact]
    public void An_init_is_sent_nine_times_with_growing_pauses_before_it_is_given_up()
    {
        _machine.Connect(0);
        var times = TickUntilClosed();
        _fault.ShouldBe(SocketFault.TimedOut);
        _sent.Count(packet => packet.IsInit).ShouldBe(Settings.InitRetries + 1);
        times.Select(time => time / TimeSpan.TicksPerSecond).ShouldBe([1L, 3, 7, 15, 31, 63, 123, 183, 243]);
    }

    [Fact]
    public void Data_that_is_never_acknowledged_is_given_up_with_an_abort()
    {
        Establish();
        Send("x");
        TickUntilClosed();
        (_fault, Last).ShouldBe((SocketFault.TimedOut, Last.ShouldBeOfType<SctpAbort>()));
        _sent.Count(packet => packet.Contains<SctpData>()).ShouldBe(Settings.Retries + 1);
    }

    [Fact]
    public void An_idle_association_sends_heartbeats_and_ends_when_nobody_answers()
    {
        Establish();
        for (var i = 0; i < 20; i++)
        {
            Tick();
            Receive(new SctpHeartbeatAck(((SctpHeartbeat)Last).Information));
        }
        _now.ShouldBe(20 * (Settings.HeartbeatInterval + TimeSpan.TicksPerSecond));
        _closed.ShouldBeFalse();
        TickUntilClosed();
        _fault.ShouldBe(SocketFault.TimedOut);
    }

    [Fact]
    public void A_heartbeat_is_answered_with_what_was_in_it()
    {
        Establish();
        Receive(new SctpHeartbeat("abc"u8.ToArray()));
        ((SctpHeartbeatAck)Last).Information.ToArray().ShouldBe("abc"u8.ToArray());
    }

    [Fact]
    public void Every_second_packet_is_acknowledged_at_once_and_a_single_one_soon()
    {
        Establish();
        Receive(Data(500));
        _sent.ShouldBeEmpty();
        Tick();
        (_now, ((SctpSack)Last).CumulativeTsn).ShouldBe((Settings.DelayedAck, 500u));
        _sent.Clear();
        Receive(Data(501));
        Receive(Data(502));
        ((SctpSack)_sent.ShouldHaveSingleItem().Chunks[0]).CumulativeTsn.ShouldBe(502u);
    }

    [Fact]
    public void Reading_a_message_is_no_reason_to_tell_of_the_window_unless_it_was_nearly_shut()
    {
        Establish();
        Receive(Data(500));
        _machine.Consume(MessageAssembly.Cost(Data(500)));
        _sent.ShouldBeEmpty();
        for (uint tsn = 501; tsn < 700; tsn++) Receive(Data(tsn, size: 1400));
        _sent.Clear();
        for (var i = 0; i < 3; i++) _machine.Consume(MessageAssembly.Cost(Data(501, size: 1400)));
        ((SctpSack)Last).Window.ShouldBeGreaterThan(1500u);
    }

    [Fact]
    public void A_gap_and_a_duplicate_are_told_at_once()
    {
        Establish();
        Receive(Data(502));
        var sack = (SctpSack)Last;
        (sack.CumulativeTsn, sack.Gaps.ShouldHaveSingleItem()).ShouldBe((499u, new SctpGap(3, 3)));
        Receive(Data(502));
        ((SctpSack)Last).Duplicates.ShouldBe([502u]);
    }

    [Fact]
    public void Three_sacks_that_miss_a_chunk_bring_it_again_at_once()
    {
        Establish();
        foreach (var text in "abcdef") Send(new string(text, 1000));
        _sent.Clear();
        foreach (var end in new ushort[] { 2, 3 }) Receive(new SctpSack(99, 100_000, [new(2, end)], []));
        _sent.SelectMany(packet => packet.Chunks).OfType<SctpData>().ShouldNotContain(chunk => chunk.Tsn == 100);
        Receive(new SctpSack(99, 100_000, [new(2, 4)], []));
        _sent.SelectMany(packet => packet.Chunks).OfType<SctpData>().ShouldContain(chunk => chunk.Tsn == 100);
    }

    [Fact]
    public void Data_on_a_stream_that_there_is_not_is_acknowledged_and_told_of()
    {
        Establish();
        Receive(Data(500, stream: 7)); // three were agreed on
        _received.ShouldBeEmpty();
        ((SctpError)Last).Causes.ShouldHaveSingleItem().Code.ShouldBe(SctpCauseCode.InvalidStream);
        Tick();
        ((SctpSack)Last).CumulativeTsn.ShouldBe(500u);
    }

    [Fact]
    public void Data_without_data_aborts()
    {
        Establish();
        Receive(new SctpData(SctpDataFlags.Beginning | SctpDataFlags.Ending, 500, 0, 0, 0, default));
        (_closed, ((SctpAbort)Last).Causes.ShouldHaveSingleItem().Code).ShouldBe((true, SctpCauseCode.NoUserData));
    }

    [Fact]
    public void What_the_program_does_not_read_shuts_the_window()
    {
        Establish();
        for (uint tsn = 500; tsn < 800; tsn++) Receive(Data(tsn, size: 1400));
        _received.Sum(message => message.Payload.Length).ShouldBeLessThanOrEqualTo(Settings.ReceiveBuffer);
        ((SctpSack)Last).Window.ShouldBeLessThan(1416u);
        ((SctpSack)Last).CumulativeTsn.ShouldBe(499 + (uint)_received.Count);
    }

    [Fact]
    public void A_shutdown_waits_for_the_acknowledgment_of_what_was_sent()
    {
        Establish();
        Send("x");
        _machine.Shutdown(_now);
        _machine.State.ShouldBe(SctpState.ShutdownPending);
        Receive(new SctpSack(100, 10_000, [], []));
        (_machine.State, Last.ShouldBeOfType<SctpShutdown>().CumulativeTsn).ShouldBe((SctpState.ShutdownSent, 499u));
        Receive(Data(500)); // sent before the peer knew
        (_received.Count, Last.ShouldBeOfType<SctpShutdown>().CumulativeTsn).ShouldBe((1, 500u));
        Receive(new SctpShutdownAck());
        (_closed, _fault, Last.ShouldBeOfType<SctpShutdownComplete>().TagIsReflected).ShouldBe((true, null, false));
    }

    [Fact]
    public void A_peer_that_shuts_down_gets_what_is_on_its_way_and_no_more()
    {
        Establish();
        Send("x");
        Receive(new SctpShutdown(99));
        (_machine.State, _machine.CanSend, _ended).ShouldBe((SctpState.ShutdownReceived, false, true));
        Receive(new SctpShutdown(100));
        (_machine.State, Last).ShouldBe((SctpState.ShutdownAckSent, new SctpShutdownAck()));
        Receive(new SctpShutdownComplete(false));
        (_closed, _fault).ShouldBe((true, null));
    }

    [Fact]
    public void A_message_that_the_peer_could_never_hold_is_not_sendable()
    {
        Establish();
        (_machine.IsSendable(9_000), _machine.IsSendable(10_000)).ShouldBe((true, false));
    }

    [Fact]
    public void A_cookie_for_other_addresses_or_with_a_changed_bit_is_not_ours()
    {
        var init = new SctpPacket(Peer.Address, Own.Address, Peer.Port, Own.Port, 0, [new SctpInit(1, 10_000, 1, 1, 7)]);
        var answer = _secrets.Answer(init, 5, 6, Settings, 3);
        var cookie = ((SctpInitAck)answer.Chunks[0]).Cookie.ToArray();
        _secrets.TryOpen(init, cookie, out var opened).ShouldBeTrue();
        (opened.LocalTag, opened.PeerTag, opened.LocalTsn, opened.PeerTsn, opened.CreatedAt).ShouldBe((5u, 1u, 6u, 7u, 3L));
        _secrets.TryOpen(init with { SourcePort = 81 }, cookie, out _).ShouldBeFalse();
        cookie[10] ^= 1;
        _secrets.TryOpen(init, cookie, out _).ShouldBeFalse();
        _secrets.TryOpen(init, cookie.AsSpan(1), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_cookie_tells_a_peer_that_began_anew_from_stray_copies()
    {
        Establish();
        var cookie = new SctpCookie(0, OwnTag, PeerTag, 1, 1, 1, 1, 1, 0, 0);
        _machine.Judge(cookie).ShouldBe(CookieMeaning.ThisAssociation);
        _machine.Judge(cookie with { LocalTag = 1 }).ShouldBe(CookieMeaning.Nothing);
        _machine.Judge(cookie with { LocalTag = 1, PeerTag = 2 }).ShouldBe(CookieMeaning.Nothing);
        _machine.Judge(cookie with { LocalTag = 1, PeerTag = 2, LocalTieTag = OwnTag, PeerTieTag = PeerTag }).ShouldBe(CookieMeaning.Restart);
    }

    [Fact]
    public void What_comes_out_of_the_blue_is_answered_as_the_rfc_says()
    {
        SctpPacket Packet(params SctpChunk[] chunks) => new(Peer.Address, Own.Address, 80, 1000, 77, [.. chunks]);
        var refusal = OutOfTheBlue.Answer(Packet(new SctpInit(5, 1, 1, 1, 1)) with { VerificationTag = 0 }).ShouldNotBeNull();
        (refusal.VerificationTag, refusal.Source, refusal.DestinationPort, ((SctpAbort)refusal.Chunks[0]).TagIsReflected).ShouldBe((5u, Own.Address, (ushort)80, false));
        var abort = OutOfTheBlue.Answer(Packet(Data(1))).ShouldNotBeNull();
        (abort.VerificationTag, ((SctpAbort)abort.Chunks[0]).TagIsReflected).ShouldBe((77u, true));
        var complete = OutOfTheBlue.Answer(Packet(new SctpShutdownAck())).ShouldNotBeNull();
        (complete.VerificationTag, ((SctpShutdownComplete)complete.Chunks[0]).TagIsReflected).ShouldBe((77u, true));
        foreach (var silent in new[] { Packet(), Packet(new SctpAbort(false, [])), Packet(new SctpShutdownComplete(false)), Packet(new SctpCookieAck()), Packet(new SctpInit(5, 1, 1, 1, 1)) })
            OutOfTheBlue.Answer(silent).ShouldBeNull();
    }

    void ISctpOutput.Transmit(SctpPacket packet) => _sent.Add(packet);

    void ISctpOutput.OnEstablished()
    {
    }

    void ISctpOutput.OnMessage(SctpMessage message, int cost) => _received.Add(message);
    void ISctpOutput.OnEnd() => _ended = true;
    void ISctpOutput.OnClosed(SocketFault? fault) => (_closed, _fault) = (true, fault);

    private void Establish()
    {
        _machine.Connect(0);
        Receive(new SctpInitAck(PeerTag, 10_000, 3, 5, 500, new byte[] { 1 }));
        Receive(new SctpCookieAck());
        _sent.Clear();
    }

    private void Send(string text)
    {
        _machine.Send(new(System.Text.Encoding.UTF8.GetBytes(text)));
        _machine.Push(_now);
    }

    private void Receive(params SctpChunk[] chunks) => Receive(OwnTag, chunks);

    private void Receive(uint tag, params SctpChunk[] chunks) =>
        _machine.Receive(new(Peer.Address, Own.Address, Peer.Port, Own.Port, tag, [.. chunks]), _now);

    private void Tick()
    {
        _now = _machine.Deadline;
        _machine.Tick(_now);
    }

    private List<long> TickUntilClosed()
    {
        var times = new List<long>();
        while (!_closed)
        {
            Tick();
            times.Add(_now);
        }
        return times;
    }

    private static SctpData Data(uint tsn, ushort stream = 0, int size = 1) =>
        new(SctpDataFlags.Beginning | SctpDataFlags.Ending, tsn, stream, (ushort)(tsn - 500), 0, new byte[size]);
}
