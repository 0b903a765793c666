using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools;

/// <summary>Lines of an input, as bytes-in-characters, without their delimiter.</summary>
internal sealed class LineReader(IInputStream input, ToolOutput output, CancellationToken killed)
{
    private const int LineLimit = 64 << 20;

    private readonly byte[] _buffer = new byte[8192];
    private int _start;
    private int _end;

    public byte Delimiter { get; init; } = (byte)'\n';

    /// <summary>Whether the line read last ended with the delimiter; only the file's last may not.</summary>
    public bool Ended { get; private set; }

    /// <returns>Null at the end.</returns>
    public async ValueTask<string?> ReadAsync()
    {
        StringBuilder? partial = null;
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(Delimiter);
            if (at >= 0)
            {
                var line = ByteText.FromBytes(_buffer.AsSpan(_start, at));
                _start += at + 1;
                Ended = true;
                return partial is null ? line : partial.Append(line).ToString();
            }
            (partial ??= new()).Append(ByteText.FromBytes(_buffer.AsSpan(_start, _end - _start)));
            if (partial.Length > LineLimit) throw new ToolException("out of memory");
            // Whoever reads what was printed so far needn't wait for more input.
            await output.FlushAsync();
            (_start, _end) = (0, await input.ReadAsync(_buffer, killed));
            if (_end > 0) continue;
            Ended = false;
            return partial.Length == 0 ? null : partial.ToString();
        }
    }

    public async IAsyncEnumerable<string> AllAsync()
    {
        while (await ReadAsync() is { } line) yield return line;
    }
}
