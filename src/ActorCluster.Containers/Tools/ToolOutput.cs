using System.Buffers;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools;

/// <summary>Buffered standard output, as stdio has it. Texts are bytes-in-characters unless the method says otherwise.</summary>
internal sealed class ToolOutput(IOutputStream stream, CancellationToken killed)
{
    private const int Threshold = 4096;

    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public async ValueTask WriteAsync(string bytes)
    {
        Encoding.Latin1.GetBytes(bytes, _buffer);
        if (_buffer.WrittenCount >= Threshold) await FlushAsync();
    }

    public ValueTask WriteLineAsync(string bytes) => WriteAsync(bytes + "\n");

    /// <summary>Real text: names, messages.</summary>
    public ValueTask WriteTextAsync(string text) => WriteAsync(ByteText.FromText(text));

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        _buffer.Write(data.Span);
        if (_buffer.WrittenCount >= Threshold) await FlushAsync();
    }

    public async ValueTask FlushAsync()
    {
        if (_buffer.WrittenCount == 0) return;
        var data = _buffer.WrittenMemory.ToArray();
        _buffer.ResetWrittenCount();
        try
        {
            await stream.WriteAsync(data, killed);
        }
        catch (IOException fault) when (fault is not BrokenPipeException)
        {
            throw new ToolException($"write error: {fault.Message}");
        }
    }
}
