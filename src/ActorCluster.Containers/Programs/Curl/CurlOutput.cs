using System.Buffers;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>Standard output as the C library buffers it: in blocks of 4 KiB where it isn't a terminal, so that a short page comes after the meter.</summary>
internal sealed class CurlStdout(ProcessContext context, bool unbuffered)
{
    private const int BlockSize = 4096;
    private readonly ArrayBufferWriter<byte> _waiting = new();
    private readonly bool _direct = unbuffered || ProcessContext.IsTerminal(context.Stdout);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (!_direct && _waiting.WrittenCount + data.Length <= BlockSize)
        {
            _waiting.Write(data.Span);
            return;
        }
        await FlushAsync();
        await context.Stdout.WriteAsync(data, context.Killed);
    }

    public async ValueTask FlushAsync()
    {
        if (_waiting.WrittenCount == 0) return;
        await context.Stdout.WriteAsync(_waiting.WrittenSpan.ToArray(), context.Killed);
        _waiting.ResetWrittenCount();
    }
}

/// <summary>Where one transfer's body goes: standard output, or a file that is made when the first byte comes.</summary>
/// <param name="file">Null: standard output.</param>
internal sealed class CurlOutput(ProcessContext context, CurlStdout stdout, string? file, bool createDirectories) : IAsyncDisposable
{
    private Stream? _stream;

    /// <summary>A file, or anything that isn't the terminal: then there is a meter.</summary>
    public bool LeavesTerminalFree => file is not null || !ProcessContext.IsTerminal(context.Stdout);

    public string File => file ?? "";

    /// <exception cref="CurlFault">The file can't be made or written.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (file is null)
        {
            await stdout.WriteAsync(data);
            return;
        }
        try
        {
            _stream ??= Open(file);
            await _stream.WriteAsync(data, context.Killed);
        }
        catch (FileFaultException fault)
        {
            if (_stream is null) await context.PrintErrorAsync($"Warning: Failed to open the file {file}: {fault.Message}\n");
            throw new CurlFault(CurlFault.WriteError, $"client returned ERROR on write, {data.Length} passed, 0 returned");
        }
    }

    /// <summary>An answer without a body still makes its file.</summary>
    public ValueTask CompleteAsync() => file is null || _stream is not null ? default : WriteAsync(default);

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null) await _stream.DisposeAsync();
    }

    private Stream Open(string path)
    {
        var full = context.FullPath(path);
        if (createDirectories)
        {
            for (var slash = full.IndexOf('/', 1); slash > 0; slash = full.IndexOf('/', slash + 1))
            {
                if (!context.Files.Exists(full[..slash])) context.Files.CreateDirectory(full[..slash]);
            }
        }
        return context.Files.Open(full, FileOpen.Write);
    }
}
