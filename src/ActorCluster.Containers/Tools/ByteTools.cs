using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>Tools for bytes: sums, base64, gzip, dd, hexdump, od, cmp.</summary>
internal static class ByteTools
{
#pragma warning disable CA5350, CA5351 // md5sum and sha1sum are what they are called.
    public static IEnumerable<Tool> All =>
    [
        Sum("md5sum", "MD5", MD5.HashData),
        Sum("sha1sum", "SHA1", SHA1.HashData),
        Sum("sha256sum", "SHA256", SHA256.HashData),
        Sum("sha384sum", "SHA384", SHA384.HashData),
        Sum("sha512sum", "SHA512", SHA512.HashData),
        new("cksum", "FILE...\n\nCalculate CRC32 checksum of FILEs", CheckSumAsync),
        new("base64", "[-d] [-w COL] [FILE]\n\nBase64 encode or decode FILE to standard output\n\n\t-d\tDecode data\n\t-w COL\tWrap lines at COL (default 76, 0 disables)", Base64Async) { TerseErrors = true },
        new("gzip", "[-cfkdt123456789] [FILE]...\n\nCompress FILEs (or stdin)\n\n\t-d\tDecompress\n\t-t\tTest integrity\n\t-c\tWrite to stdout\n\t-f\tForce\n\t-k\tKeep input files", tool => GzipAsync(tool, decompress: false, toStdout: false)) { TerseErrors = true },
        new("gunzip", "[-cfkt] [FILE]...\n\nDecompress FILEs (or stdin)", tool => GzipAsync(tool, decompress: true, toStdout: false)) { TerseErrors = true },
        new("zcat", "[FILE]...\n\nDecompress to stdout", tool => GzipAsync(tool, decompress: true, toStdout: true)) { TerseErrors = true },
        new("dd", "[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]\n\t[conv=notrunc|noerror|sync|fsync]\n\nCopy a file with converting and formatting", CopyBlocksAsync),
        new("hexdump", "[-bcdoxCv] [-n LEN] [-s OFS] [FILE]...\n\nDisplay FILEs (or stdin) in a user specified format\n\n\t-C\t\tDisplay 16 bytes in hex and ASCII\n\t-n LENGTH\tShow only first LENGTH bytes\n\t-s OFFSET\tSkip this many bytes\n\t-v\t\tShow all (no dup folding)", HexDumpAsync) { TerseErrors = true },
        new("xxd", "[-pri] [-g N] [-c N] [-l LEN] [-s OFS] [FILE]\n\nHex dump FILE (or stdin)", HexAsync) { TerseErrors = true },
        new("od", "[-abcdefhilovx] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [FILE]...\n\nPrint FILEs (or stdin) unambiguously, as octal bytes by default", OctalAsync) { TerseErrors = true },
        new("cmp", "[-ls] FILE1 [FILE2]\n\nCompare FILE1 with FILE2 (or stdin)\n\n\t-s\tQuiet", CompareAsync) { TerseErrors = true, UsageStatus = 2 },
    ];
#pragma warning restore CA5350, CA5351

    private static Tool Sum(string name, string kind, Func<byte[], byte[]> hash) =>
        new(name, $"[-c[sw]] [FILE]...\n\nPrint or check {kind} checksums\n\n\t-c\tCheck sums against list in FILEs\n\t-s\tDon't output anything, status code shows success\n\t-w\tWarn about improperly formatted checksum lines", tool => SumAsync(tool, hash));

    private static async Task<int> SumAsync(ToolContext tool, Func<byte[], byte[]> hash)
    {
        var options = tool.Parse("cswbt", ("check", 'c'), ("status", 's'), ("binary", 'b'));
        var status = 0;
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                status = 1;
                continue;
            }
            if (!options.Has('c'))
            {
                await tool.Out.WriteTextAsync($"{Convert.ToHexStringLower(hash(await tool.ReadAllAsync(input)))}  {file}\n");
                continue;
            }
            var (failed, count) = (0, 0);
            await foreach (var line in tool.Lines(input).AllAsync())
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                if (space < 1) continue;
                count++;
                var name = Shell.ByteText.ToText(line[(space + 1)..].TrimStart(' ', '*'));
                var matches = await tool.TryOpenAsync(name) is { } content && Convert.ToHexStringLower(hash(await tool.ReadAllAsync(content))) is var sum && sum.Equals(line[..space], StringComparison.OrdinalIgnoreCase);
                if (!matches) failed++;
                if (!options.Has('s')) await tool.Out.WriteTextAsync($"{name}: {(matches ? "OK" : "FAILED")}\n");
            }
            if (failed > 0 && !options.Has('s')) await tool.WarnAsync($"WARNING: {failed} of {count} computed checksums did NOT match");
            if (failed > 0 || count == 0) status = 1;
        }
        return status;
    }

    private static async Task<int> CheckSumAsync(ToolContext tool)
    {
        foreach (var file in tool.Arguments.Count > 0 ? tool.Arguments : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input) return 1;
            var data = await tool.ReadAllAsync(input);
            var crc = 0u;
            void Add(byte b)
            {
                crc ^= (uint)b << 24;
                for (var i = 0; i < 8; i++) crc = (crc & 0x80000000) != 0 ? crc << 1 ^ 0x04c11db7 : crc << 1;
            }
            foreach (var b in data) Add(b);
            for (var length = (ulong)data.Length; length > 0; length >>= 8) Add((byte)length);
            await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"{~crc} {data.Length}{(file == "-" ? "" : " " + file)}\n"));
        }
        return 0;
    }

    private static async Task<int> Base64Async(ToolContext tool)
    {
        var options = tool.Parse("dw:i", ("decode", 'd'), ("wrap", 'w'));
        if (options.Operands.Count > 1) throw new UsageException();
        if (await tool.TryOpenAsync(options.Operands.Count > 0 ? options.Operands[0] : "-") is not { } input) return 1;
        var data = await tool.ReadAllAsync(input);
        if (options.Has('d'))
        {
            var text = string.Concat(Encoding.Latin1.GetString(data).Where(c => !char.IsWhiteSpace(c)));
            try
            {
                await tool.Out.WriteAsync(Convert.FromBase64String(text));
                return 0;
            }
            catch (FormatException)
            {
                throw new ToolException("truncated base64 input");
            }
        }
        var width = (int)Math.Clamp(options.Value('w') is { } w ? ToolContext.Number(w) : 76, 0, int.MaxValue);
        var encoded = Convert.ToBase64String(data);
        if (width == 0) await tool.Out.WriteAsync(encoded);
        else for (var i = 0; i < encoded.Length; i += width) await tool.Out.WriteLineAsync(encoded[i..Math.Min(encoded.Length, i + width)]);
        return 0;
    }

    private static async Task<int> GzipAsync(ToolContext tool, bool decompress, bool toStdout)
    {
        var options = tool.Parse("cfkdtnqv123456789", ("decompress", 'd'), ("stdout", 'c'), ("keep", 'k'), ("force", 'f'));
        decompress |= options.Has('d') || options.Has('t');
        var status = 0;
        foreach (var file in options.Operands.Count > 0 ? options.Operands : ["-"])
        {
            if (await tool.TryOpenAsync(file) is not { } input)
            {
                status = 1;
                continue;
            }
            var stdout = toStdout || options.Has('c') || file == "-";
            if (decompress && !stdout && !options.Has('t') && !file.EndsWith(".gz", StringComparison.Ordinal) && !file.EndsWith(".tgz", StringComparison.Ordinal))
            {
                await tool.WarnAsync($"{file}: unknown suffix - ignored");
                status = 1;
                continue;
            }
            var output = new MemoryStream();
            try
            {
                await using var source = new InputStreamAdapter(input, tool.Killed);
                if (decompress)
                {
                    await using var unpacked = new GZipStream(source, CompressionMode.Decompress);
                    await CopyLimitedAsync(tool, unpacked, output);
                    if (source.Total == 0) throw new InvalidDataException();
                }
                else
                {
                    await using var packed = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
                    await CopyLimitedAsync(tool, source, packed);
                }
            }
            catch (InvalidDataException)
            {
                await tool.WarnAsync(decompress ? "invalid magic" : "broken input");
                status = 1;
                continue;
            }
            if (options.Has('t')) continue;
            if (stdout)
            {
                await tool.Out.WriteAsync(output.ToArray());
                continue;
            }
            var target = !decompress ? file + ".gz" : file.EndsWith(".tgz", StringComparison.Ordinal) ? file[..^4] + ".tar" : file[..^3];
            if (tool.Exists(target) && !options.Has('f'))
            {
                await tool.WarnAsync($"can't open '{target}': File exists");
                status = 1;
                continue;
            }
            await using (var stream = tool.Files.Open(tool.Path(target), FileOpen.Write)) await stream.WriteAsync(output.ToArray(), tool.Killed);
            if (!options.Has('k')) tool.Files.Remove(tool.Path(file));
        }
        return status;
    }

    /// <summary>A few bytes can unpack to a great many.</summary>
    private static async ValueTask CopyLimitedAsync(ToolContext tool, Stream from, Stream to)
    {
        var buffer = new byte[16384];
        var total = 0L;
        int count;
        while ((count = await from.ReadAsync(buffer, tool.Killed)) > 0)
        {
            if ((total += count) > FileTree.DefaultLimit) throw new ToolException("out of memory");
            await to.WriteAsync(buffer.AsMemory(0, count), tool.Killed);
        }
    }

    private static async Task<int> CopyBlocksAsync(ToolContext tool)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in tool.Arguments)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || word[..equals] is not ("if" or "of" or "bs" or "ibs" or "obs" or "count" or "skip" or "seek" or "conv" or "status" or "iflag" or "oflag")) throw new UsageException();
            values[word[..equals]] = word[(equals + 1)..];
        }
        long Value(string name, long otherwise) => values.TryGetValue(name, out var text) ? ToolContext.Size(text) : otherwise;
        var block = Math.Clamp(Value("bs", Value("ibs", 512)), 1, 64 << 20);
        var remaining = Value("count", long.MaxValue);
        var conversions = values.GetValueOrDefault("conv", "").Split(',');
        if (await tool.TryOpenAsync(values.GetValueOrDefault("if", "-")) is not { } input) return 1;
        Stream? target = null;
        if (values.TryGetValue("of", out var file))
        {
            target = tool.Files.Open(tool.Path(file), conversions.Contains("notrunc") || values.ContainsKey("seek") ? FileOpen.ReadWrite : FileOpen.Write);
            if (target.CanSeek)
            {
                target.Position = Value("seek", 0) * block;
                if (!conversions.Contains("notrunc") && values.ContainsKey("seek")) target.SetLength(target.Position);
            }
        }
        var started = tool.Clock.GetTimestamp();
        var buffer = new byte[block];
        for (var skip = Value("skip", 0); skip > 0; skip--) if (await FillAsync(tool, input, buffer) == 0) break;
        long full = 0, partial = 0, bytes = 0;
        for (; remaining > 0; remaining--)
        {
            var count = await FillAsync(tool, input, buffer);
            if (count == 0) break;
            if (count == block) full++;
            else partial++;
            bytes += count;
            if (target is null) await tool.Out.WriteAsync(buffer.AsMemory(0, count));
            else await target.WriteAsync(buffer.AsMemory(0, count), tool.Killed);
            if (full % 64 == 0) await Task.Yield();
        }
        await tool.Out.FlushAsync();
        if (target is not null) await target.DisposeAsync();
        var seconds = tool.Clock.GetElapsedTime(started).TotalSeconds;
        if (values.GetValueOrDefault("status") != "none")
        {
            var counts = string.Create(CultureInfo.InvariantCulture, $"{full}+{partial} records in\n{full}+{partial} records out\n");
            if (values.GetValueOrDefault("status") != "noxfer")
                counts += string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes ({ListingTools.Human(bytes)}B) copied, {seconds:F6} seconds, {ListingTools.Human((long)(bytes / Math.Max(seconds, 1e-6)))}B/s\n");
            await tool.WriteErrorAsync(counts);
        }
        return 0;
    }

    private static async ValueTask<int> FillAsync(ToolContext tool, IInputStream input, byte[] buffer)
    {
        var count = 0;
        while (count < buffer.Length && await input.ReadAsync(buffer.AsMemory(count), tool.Killed) is > 0 and var read) count += read;
        return count;
    }

    private static async ValueTask<byte[]> GatherAsync(ToolContext tool, List<string> files, long skip, long length)
    {
        var all = new MemoryStream();
        foreach (var file in files.Count > 0 ? files : ["-"])
        {
            var input = await tool.TryOpenAsync(file) is { } opened ? opened : throw new ToolException(null);
            // An endless device is read no further than asked.
            if (length < int.MaxValue)
            {
                var buffer = new byte[8192];
                while (all.Length < skip + length && await input.ReadAsync(buffer, tool.Killed) is > 0 and var read) all.Write(buffer, 0, read);
            }
            else all.Write(await tool.ReadAllAsync(input));
        }
        var from = (int)Math.Min(skip, all.Length);
        return all.ToArray().AsSpan(from, (int)Math.Min(length, all.Length - from)).ToArray();
    }

    private static async Task<int> HexDumpAsync(ToolContext tool)
    {
        var options = tool.Parse("bcdoxCvn:s:e:");
        var skip = options.Value('s') is { } s ? ToolContext.Size(s) : 0;
        var data = await GatherAsync(tool, options.Operands, skip, options.Value('n') is { } n ? ToolContext.Size(n) : int.MaxValue);
        // A short last row is filled with blanks, but for -C, which does so itself.
        Func<byte[], string> row = options.Last("bcdoxC") switch
        {
            'C' => Canonical,
            'b' => bytes => Octets(bytes).PadRight(16 * 4),
            'c' => bytes => Characters(bytes).PadRight(16 * 4),
            'd' => bytes => Words(bytes, "   ", w => w.ToString("D5", CultureInfo.InvariantCulture)).PadRight(8 * 8),
            'o' => bytes => Words(bytes, "  ", w => Convert.ToString(w, 8).PadLeft(6, '0')).PadRight(8 * 8),
            'x' => bytes => Words(bytes, "    ", w => w.ToString("x4", CultureInfo.InvariantCulture)).PadRight(8 * 8),
            _ => bytes => Words(bytes, " ", w => w.ToString("x4", CultureInfo.InvariantCulture)).PadRight(8 * 5),
        };
        await DumpAsync(tool, data, (int)skip, options.Has('v'), offset => offset.ToString(options.Has('C') ? "x8" : "x7", CultureInfo.InvariantCulture), row);
        return 0;
    }

    /// <summary>Rows of 16 bytes; equal ones are folded into "*".</summary>
    private static async ValueTask DumpAsync(ToolContext tool, byte[] data, int start, bool all, Func<int, string> offset, Func<byte[], string> format)
    {
        byte[]? previous = null;
        var folded = false;
        for (var at = 0; at < data.Length; at += 16)
        {
            var row = data.AsSpan(at, Math.Min(16, data.Length - at)).ToArray();
            if (!all && previous is not null && row.AsSpan().SequenceEqual(previous))
            {
                if (!folded) await tool.Out.WriteLineAsync("*");
                folded = true;
                continue;
            }
            (previous, folded) = (row, false);
            await tool.Out.WriteLineAsync(offset(start + at) + format(row));
        }
        if (data.Length > 0 && offset(start + data.Length) is { Length: > 0 } end) await tool.Out.WriteLineAsync(end);
    }

    private static string Characters(byte[] row) =>
        string.Concat(row.Select(b => "   " + b switch { 0 => "\\0", 7 => "\\a", 8 => "\\b", 9 => "\\t", 10 => "\\n", 11 => "\\v", 12 => "\\f", 13 => "\\r", >= 0x20 and < 0x7f => " " + (char)b, _ => Convert.ToString(b, 8).PadLeft(3, '0') }).Select(cell => cell[^4..]));

    private static string Octets(byte[] row) => string.Concat(row.Select(b => " " + Convert.ToString(b, 8).PadLeft(3, '0')));

    private static string Printable(byte[] row) => string.Concat(row.Select(b => b is >= 0x20 and < 0x7f ? (char)b : '.'));

    private static string Canonical(byte[] row)
    {
        var hex = new StringBuilder();
        for (var i = 0; i < 16; i++) hex.Append(i == 8 ? "  " : " ").Append(i < row.Length ? row[i].ToString("x2", CultureInfo.InvariantCulture) : "  ");
        return $" {hex}  |{Printable(row)}|";
    }

    private static string Words(byte[] row, string gap, Func<int, string> format)
    {
        var words = new StringBuilder();
        for (var i = 0; i < row.Length; i += 2) words.Append(gap).Append(format(row[i] | (i + 1 < row.Length ? row[i + 1] << 8 : 0)));
        return words.ToString();
    }

    private static async Task<int> HexAsync(ToolContext tool)
    {
        var options = tool.Parse("prig:c:l:s:");
        if (options.Has('r'))
        {
            var digits = string.Concat(Encoding.Latin1.GetString(await GatherAsync(tool, options.Operands, 0, int.MaxValue)).Where(char.IsAsciiHexDigit));
            await tool.Out.WriteAsync(Convert.FromHexString(digits[..(digits.Length / 2 * 2)]));
            return 0;
        }
        var data = await GatherAsync(tool, options.Operands, options.Value('s') is { } s ? ToolContext.Size(s) : 0, options.Value('l') is { } l ? ToolContext.Size(l) : int.MaxValue);
        var columns = (int)Math.Clamp(options.Value('c') is { } c ? ToolContext.Number(c) : options.Has('p') ? 30 : 16, 1, 256);
        for (var at = 0; at < data.Length; at += columns)
        {
            var row = data.AsSpan(at, Math.Min(columns, data.Length - at)).ToArray();
            var hex = Convert.ToHexStringLower(row);
            if (options.Has('p')) await tool.Out.WriteLineAsync(hex);
            else
            {
                var pairs = string.Join(' ', hex.Chunk(4).Select(p => new string(p)));
                await tool.Out.WriteLineAsync($"{at:x8}: {pairs.PadRight(columns * 2 + (columns - 1) / 2)}  {Printable(row)}");
            }
        }
        return 0;
    }

    private static async Task<int> OctalAsync(ToolContext tool)
    {
        var options = tool.Parse("abcdefhilovxt:A:N:j:w::");
        var skip = options.Value('j') is { } j ? ToolContext.Size(j) : 0;
        var data = await GatherAsync(tool, options.Operands, skip, options.Value('N') is { } n ? ToolContext.Size(n) : int.MaxValue);
        var type = options.Value('t') ?? options.Last("abcxdoh") switch { 'c' => "c", 'b' => "o1", 'x' or 'h' => "x2", 'd' => "u2", 'a' => "a", _ => "o2" };
        var radix = options.Value('A') ?? "o";
        string Offset(int at) => radix switch { "n" => "", "x" => at.ToString("x6", CultureInfo.InvariantCulture), "d" => at.ToString("D7", CultureInfo.InvariantCulture), _ => Convert.ToString(at, 8).PadLeft(7, '0') };
        string Row(byte[] row) => type switch
        {
            "c" => Characters(row),
            "x1" or "xC" => string.Concat(row.Select(b => $" {b:x2}")),
            "o1" or "oC" => Octets(row),
            "u1" => string.Concat(row.Select(b => $" {b,3}")),
            "d1" => string.Concat(row.Select(b => $" {(sbyte)b,4}")),
            "x2" or "x" => Words(row, " ", w => w.ToString("x4", CultureInfo.InvariantCulture)),
            "u2" or "d2" => Words(row, " ", w => w.ToString(CultureInfo.InvariantCulture).PadLeft(5)),
            "x4" or "u4" or "d4" => string.Concat(row.Chunk(4).Select(c => BitConverter.ToUInt32([.. c, 0, 0, 0])).Select(v => type == "x4" ? $" {v:x8}" : $" {v,10}")),
            _ => Words(row, " ", w => Convert.ToString(w, 8).PadLeft(6, '0')),
        };
        await DumpAsync(tool, data, (int)skip, options.Has('v'), Offset, Row);
        return 0;
    }

    private static async Task<int> CompareAsync(ToolContext tool)
    {
        var options = tool.Parse("lsn:", ("quiet", 's'), ("silent", 's'));
        if (options.Operands.Count is 0 or > 4) throw new UsageException();
        var names = (First: options.Operands[0], Second: options.Operands.Count > 1 ? options.Operands[1] : "-");
        if (await tool.TryOpenAsync(names.First) is not { } one || await tool.TryOpenAsync(names.Second) is not { } two) return 2;
        var (left, right) = (await tool.ReadAllAsync(one), await tool.ReadAllAsync(two));
        var line = 1;
        var status = 0;
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] != right[i])
            {
                status = 1;
                if (options.Has('s')) return 1;
                if (!options.Has('l'))
                {
                    await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"{names.First} {names.Second} differ: char {i + 1}, line {line}\n"));
                    return 1;
                }
                await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture, $"{i + 1} {Convert.ToString(left[i], 8),3} {Convert.ToString(right[i], 8),3}\n"));
            }
            if (left[i] == '\n') line++;
        }
        if (left.Length == right.Length) return status;
        if (!options.Has('s')) await tool.WarnAsync($"EOF on {(left.Length < right.Length ? names.First : names.Second)}");
        return 1;
    }
}
