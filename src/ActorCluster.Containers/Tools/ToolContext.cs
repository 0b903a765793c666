using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell;
using ActorCluster.Containers.Shell.Builtins;

namespace ActorCluster.Containers.Tools;

/// <summary>What a tool works with: its arguments, its files, and buffered text in and out.</summary>
internal sealed class ToolContext
{
    private const long KeptLimit = 128 << 20;

    private readonly Tool _tool;
    private long _kept;

    /// <param name="words">With the tool's own name.</param>
    public ToolContext(Tool tool, ProcessContext process, IReadOnlyList<string> words)
    {
        (_tool, Process, Words) = (tool, process, words);
        Out = new ToolOutput(process.Stdout, process.Killed);
    }

    public ProcessContext Process { get; }
    public IReadOnlyList<string> Words { get; }
    public IReadOnlyList<string> Arguments => [.. Words.Skip(1)];
    public string Name => _tool.Name;
    public ToolOutput Out { get; }
    public IFileSystem Files => Process.Files;
    public CancellationToken Killed => Process.Killed;
    public TimeProvider Clock => Process.Clock;

    public Options Parse(string letters, params (string Name, char Letter)[] longs) => Options.Parse(Arguments, letters, longs);

    /// <summary>A path joined with the working directory.</summary>
    public string Path(string path) => path.Length == 0 || path.StartsWith('/') ? path : Process.WorkingDirectory.TrimEnd('/') + "/" + path;

    public async ValueTask WarnAsync(string message)
    {
        await Out.FlushAsync();
        await WriteErrorAsync($"{Name}: {message}\n");
    }

    public ValueTask WriteErrorAsync(string text) => Process.Stderr.WriteAsync(Encoding.UTF8.GetBytes(text), Killed);

    public bool Exists(string path) => Find(path, follow: false) is not null;
    public bool IsDirectory(string path) => Find(path) is { Kind: FileKind.Directory };

    public FileStatus? Find(string path, bool follow = true)
    {
        try
        {
            return Files.Stat(Path(path), follow);
        }
        catch (FileFaultException)
        {
            return null;
        }
    }

    /// <summary>A file for reading, "-" being standard input.</summary>
    public IInputStream Open(string path) => path == "-" ? Process.Stdin : ToInput(Files.Open(Path(path), FileOpen.Read));

    public static IInputStream ToInput(Stream stream) => stream is StandardStream { Input: { } input } ? input : new FileInput(stream);

    /// <summary>Opens a file, or says that it can't and returns null.</summary>
    public async ValueTask<IInputStream?> TryOpenAsync(string path)
    {
        try
        {
            return Open(path);
        }
        catch (FileFaultException fault)
        {
            await WarnAsync(_tool.TerseErrors && fault.Fault != FileFault.IsADirectory ? $"{path}: {fault.Message}" : Describe(path, fault));
            return null;
        }
    }

    /// <summary>busybox's wording for a file that can't be opened; a folder can, but not be read.</summary>
    public static string Describe(string path, FileFaultException fault) =>
        fault.Fault == FileFault.IsADirectory ? "read error: Is a directory" : $"can't open '{path}': {fault.Message}";

    /// <summary>Lines of a file as bytes-in-characters; output is flushed before each wait for more.</summary>
    public LineReader Lines(IInputStream input) => new(input, Out, Killed);

    public async ValueTask<byte[]> ReadAllAsync(IInputStream input, long limit = FileTree.DefaultLimit)
    {
        var all = new MemoryStream();
        var buffer = new byte[16384];
        int count;
        while ((count = await input.ReadAsync(buffer, Killed)) > 0)
        {
            all.Write(buffer, 0, count);
            if (all.Length > limit) throw new ToolException("out of memory");
        }
        return all.ToArray();
    }

    /// <summary>Counts text that the tool keeps: a tool that gathers all its input must end before the host's memory does.</summary>
    public void Keep(string text)
    {
        _kept += 2L * text.Length + 40;
        if (_kept > KeptLimit) throw new ToolException("out of memory");
    }

    public static long Number(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) return value;
        throw new ToolException($"invalid number '{text}'");
    }

    /// <summary>A number with a unit: b 512, k 1024, m 1024^2, g.</summary>
    public static long Size(string text)
    {
        var factor = text.Length == 0 ? 1 : text[^1] switch
        {
            'c' => 1,
            'w' => 2,
            'b' => 512,
            'k' or 'K' => 1024,
            'm' or 'M' => 1024 * 1024,
            'g' or 'G' => 1024L * 1024 * 1024,
            _ => 0,
        };
        var digits = factor == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || Math.Abs(value) > long.MaxValue / Math.Max(factor, 1))
            throw new ToolException($"invalid number '{text}'");
        return value * Math.Max(factor, 1);
    }

    /// <summary>Seconds, with a fraction and s, m, h or d.</summary>
    public static TimeSpan Duration(string text)
    {
        var unit = text.Length > 0 && "smhd".Contains(text[^1], StringComparison.Ordinal) ? text[^1] : '\0';
        var digits = unit == '\0' ? text : text[..^1];
        if (text is "inf" or "infinity") return Timeout.InfiniteTimeSpan;
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) throw new ToolException($"invalid number '{text}'");
        var seconds = value * unit switch { 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 1 };
        return seconds > 4_000_000 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
    }

    public string Normalize(string path) => FileBuiltins.Normalize(Path(path));

    /// <summary>The last name of a path.</summary>
    public static string LastName(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>Real text as the bytes it is written as.</summary>
    public static string Bytes(string text) => ByteText.FromText(text);
}
