using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Shell.Execution;

/// <summary>An open file: either direction may be missing.</summary>
internal sealed record OpenFile(IInputStream? Input, IOutputStream? Output)
{
    public void Hold()
    {
        (Input as ISharedStream)?.Hold();
        if (!ReferenceEquals(Input, Output)) (Output as ISharedStream)?.Hold();
    }

    public void Release()
    {
        (Input as ISharedStream)?.Release();
        if (!ReferenceEquals(Input, Output)) (Output as ISharedStream)?.Release();
    }
}

/// <summary>A shell's descriptors. Each entry holds its file open.</summary>
internal sealed class FileDescriptors
{
    private static readonly OpenFile Closed = new(new ClosedStream(), new ClosedStream());

    private readonly Dictionary<int, OpenFile> _files = [];

    public FileDescriptors(ProcessContext context)
    {
        Set(0, new((IInputStream)ProcessStreams.Unwrap(context.Stdin), null));
        Set(1, new(null, (IOutputStream)ProcessStreams.Unwrap(context.Stdout)));
        Set(2, new(null, (IOutputStream)ProcessStreams.Unwrap(context.Stderr)));
    }

    private FileDescriptors()
    {
    }

    public OpenFile? Find(int descriptor) => _files.GetValueOrDefault(descriptor);
    public IInputStream Input(int descriptor) => Find(descriptor)?.Input ?? Closed.Input!;
    public IOutputStream Output(int descriptor) => Find(descriptor)?.Output ?? Closed.Output!;

    public void Set(int descriptor, OpenFile file)
    {
        file.Hold();
        Close(descriptor);
        _files[descriptor] = file;
    }

    public void Close(int descriptor)
    {
        if (_files.Remove(descriptor, out var file)) file.Release();
    }

    public void CloseAll()
    {
        foreach (var file in _files.Values) file.Release();
        _files.Clear();
    }

    public FileDescriptors Clone()
    {
        var copy = new FileDescriptors();
        foreach (var (descriptor, file) in _files) copy.Set(descriptor, file);
        return copy;
    }

    private sealed class ClosedStream : IInputStream, IOutputStream
    {
        private const string Message = "Bad file descriptor";

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new IOException(Message);
        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new IOException(Message);
    }
}
