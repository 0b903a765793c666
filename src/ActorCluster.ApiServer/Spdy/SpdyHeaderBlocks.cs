using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace ActorCluster.ApiServer.Spdy;

/// <summary>Reads compressed header blocks: one zlib stream with a preset dictionary over the life of the connection.</summary>
internal sealed class SpdyHeaderReader
{
    private const int LargestBlock = 64 * 1024;
    private readonly Inflater _inflater = new();

    /// <exception cref="SpdyException">No such block.</exception>
    public IReadOnlyDictionary<string, string> Read(ReadOnlySpan<byte> compressed)
    {
        var plain = new byte[LargestBlock];
        var length = Inflate(compressed.ToArray(), plain);
        var rest = plain.AsSpan(0, length);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var count = Number(ref rest);
        for (var i = 0; i < count; i++)
        {
            var name = Text(ref rest);
            // Several values of one name stand behind one another, with a NUL between them.
            if (!headers.TryAdd(name, Text(ref rest).Replace('\0', ','))) throw new SpdyException($"the header {name} comes twice in a block");
        }
        return headers;
    }

    private int Inflate(byte[] compressed, byte[] plain)
    {
        try
        {
            _inflater.SetInput(compressed);
            var length = 0;
            while (true)
            {
                var count = _inflater.Inflate(plain, length, plain.Length - length);
                length += count;
                if (length == plain.Length) throw new SpdyException("a header block is too large");
                if (count > 0) continue;
                if (!_inflater.IsNeedingDictionary) break;
                _inflater.SetDictionary(SpdyDictionary.Bytes);
            }
            if (!_inflater.IsNeedingInput) throw new SpdyException("a header block goes on behind its end");
            return length;
        }
        catch (Exception fault) when (fault is SharpZipBaseException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw new SpdyException($"a header block can't be unpacked: {fault.Message}", fault);
        }
    }

    private static int Number(ref Span<byte> from)
    {
        if (from.Length < 4) throw new SpdyException("a header block ends in the middle");
        var number = BinaryPrimitives.ReadInt32BigEndian(from);
        from = from[4..];
        return number >= 0 ? number : throw new SpdyException("a header block has a length below nothing");
    }

    private static string Text(ref Span<byte> from)
    {
        var length = Number(ref from);
        if (length > from.Length) throw new SpdyException("a header block ends in the middle");
        var text = Encoding.Latin1.GetString(from[..length]);
        from = from[length..];
        return text;
    }
}

/// <summary>Writes them. Each block ends with an empty stored one: Go's reader hands out what it has at nothing less.</summary>
internal sealed class SpdyHeaderWriter : IDisposable
{
    private readonly MemoryStream _compressed = new();
    private readonly ZLibStream _zlib;

    public SpdyHeaderWriter() => _zlib = new ZLibStream(_compressed, CompressionLevel.Optimal, leaveOpen: true);

    public byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        Number(plain, headers.Count);
        foreach (var (name, value) in headers)
        {
            Text(plain, name.ToLowerInvariant());
            Text(plain, value);
        }
        _compressed.SetLength(0);
        _zlib.Write(plain.ToArray());
        _zlib.Flush();
        return _compressed.ToArray();
    }

    public void Dispose()
    {
        _zlib.Dispose();
        _compressed.Dispose();
    }

    private static void Number(MemoryStream to, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        to.Write(bytes);
    }

    private static void Text(MemoryStream to, string text)
    {
        Number(to, text.Length);
        to.Write(Encoding.Latin1.GetBytes(text));
    }
}
