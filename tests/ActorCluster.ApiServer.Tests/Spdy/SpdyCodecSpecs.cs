using ActorCluster.ApiServer.Spdy;
using FsCheck.Xunit;

namespace ActorCluster.ApiServer.Tests.Spdy;

public class SpdyCodecSpecs
{
    private static readonly Dictionary<string, string> SomeHeaders = new() { ["streamtype"] = "data", ["port"] = "8080", ["requestid"] = "0", ["empty"] = "" };

    private static SpdyFrame[] Frames =>
    [
        new SpdyFrame.SynStream(1, SomeHeaders),
        new SpdyFrame.SynStream(3, new Dictionary<string, string>(), Fin: true),
        new SpdyFrame.SynReply(1, SomeHeaders),
        new SpdyFrame.MoreHeaders(1, SomeHeaders, Fin: true),
        new SpdyFrame.Data(1, "hello"u8.ToArray()),
        new SpdyFrame.Data(0x7fff_ffff, ReadOnlyMemory<byte>.Empty, Fin: true),
        new SpdyFrame.RstStream(5, SpdyReset.Cancel),
        new SpdyFrame.Ping(7),
        new SpdyFrame.GoAway(9, 1),
        new SpdyFrame.WindowUpdate(0, 65536),
        new SpdyFrame.Settings(32768),
        new SpdyFrame.Settings(null),
    ];

    [Fact]
    public async Task What_is_written_reads_back()
    {
        var read = await ReadAllAsync(Written());
        read.Select(Describe).ShouldBe(Frames.Select(Describe));
    }

    /// <summary>Header blocks that zlib itself made, with the dictionary that Go's library has.</summary>
    [Fact]
    public void Header_blocks_of_other_writers_are_read()
    {
        var reader = new SpdyHeaderReader();
        reader.Read(Convert.FromHexString(FirstBlock)).ShouldBe(new Dictionary<string, string> { ["streamtype"] = "error" });
        reader.Read(Convert.FromHexString(SecondBlock)).ShouldBe(new Dictionary<string, string> { ["streamtype"] = "stdout" });
    }

    [Fact]
    public async Task A_frame_that_ends_in_the_middle_is_refused_wherever_it_is_cut()
    {
        var whole = Written();
        var boundaries = new HashSet<int>();
        using var writer = new SpdyFrameWriter();
        var at = 0;
        foreach (var frame in Frames)
        {
            boundaries.Add(at);
            at += writer.Write(frame).Length;
        }
        for (var cut = 0; cut < whole.Length; cut++)
        {
            if (boundaries.Contains(cut)) (await ReadAllAsync(whole[..cut])).Count.ShouldBeLessThan(Frames.Length);
            else await Should.ThrowAsync<SpdyException>(() => ReadAllAsync(whole[..cut]));
        }
    }

    [Theory]
    [InlineData("8002000100000000", "SPDY version 2")]
    [InlineData("0000000000000000", "data on stream 0")]
    [InlineData("0000000100ffffff", "a frame of 16777215 bytes is too large")]
    [InlineData("80030009000000080000000100000000", "a window grows by nothing")]
    [InlineData("8003000600000000", "a frame is too short")]
    [InlineData("800300040000000400000009", "settings end in the middle")]
    public async Task What_is_no_frame_is_refused(string hex, string message) =>
        (await Should.ThrowAsync<SpdyException>(() => ReadAllAsync(Convert.FromHexString(hex)))).Message.ShouldBe(message);

    [Fact]
    public void A_header_block_ends_where_gos_reader_hands_it_out()
    {
        using var writer = new SpdyHeaderWriter();
        for (var i = 0; i < 3; i++) writer.Write(i == 0 ? new Dictionary<string, string>() : SomeHeaders)[^4..].ShouldBe([0x00, 0x00, 0xff, 0xff]);
    }

    [Fact]
    public void A_header_block_that_unpacks_to_a_mountain_is_refused()
    {
        using var writer = new SpdyHeaderWriter();
        var bomb = writer.Write(new Dictionary<string, string> { ["a"] = new string('a', 1_000_000) });
        bomb.Length.ShouldBeLessThan(64 * 1024);
        Should.Throw<SpdyException>(() => new SpdyHeaderReader().Read(bomb)).Message.ShouldBe("a header block is too large");
    }

    [Property(MaxTest = 300)]
    public void Arbitrary_bytes_are_frames_or_refused(byte[] bytes) => ReadOrRefuse(bytes);

    [Property(MaxTest = 300)]
    public void Forged_frames_are_frames_or_refused(byte[] positions, byte value)
    {
        var bytes = Written();
        foreach (var position in positions) bytes[position * 7 % bytes.Length] ^= value;
        ReadOrRefuse(bytes);
    }

    private const string FirstBlock = "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff";
    private const string SecondBlock = "c22a054ccc29f9a52500000000ffff";

    private static void ReadOrRefuse(byte[] bytes)
    {
        try
        {
            ReadAllAsync(bytes).GetAwaiter().GetResult();
        }
        catch (SpdyException fault)
        {
            fault.Message.ShouldNotBeEmpty();
        }
    }

    private static byte[] Written()
    {
        using var writer = new SpdyFrameWriter();
        return [.. Frames.SelectMany(writer.Write)];
    }

    private static async Task<List<SpdyFrame>> ReadAllAsync(byte[] bytes)
    {
        var reader = new SpdyFrameReader(new MemoryStream(bytes));
        var frames = new List<SpdyFrame>();
        while (await reader.ReadAsync(CancellationToken.None) is { } frame) frames.Add(frame);
        return frames;
    }

    private static string Describe(SpdyFrame frame) => frame switch
    {
        SpdyFrame.SynStream syn => $"SynStream {syn.Id} {syn.Fin} {string.Join(';', syn.Headers)}",
        SpdyFrame.SynReply reply => $"SynReply {reply.Id} {reply.Fin} {string.Join(';', reply.Headers)}",
        SpdyFrame.MoreHeaders headers => $"Headers {headers.Id} {headers.Fin} {string.Join(';', headers.Values)}",
        SpdyFrame.Data data => $"Data {data.Id} {data.Fin} {Convert.ToHexString(data.Bytes.Span)}",
        _ => frame.ToString(),
    };
}
