namespace ActorCluster.Containers.FileSystem;

/// <summary>A regular file: an image's shared bytes until the first write, then bytes of its own.</summary>
internal sealed class FileInode : Inode
{
    private readonly Lock _gate = new();
    private readonly FileTree? _tree;
    private ReadOnlyMemory<byte> _shared;
    private byte[]? _own;
    private int _length;

    /// <summary>A file of an image.</summary>
    public FileInode(ReadOnlyMemory<byte> content)
    {
        _shared = content;
        _length = content.Length;
        Frozen = true;
        Permissions = 0b110_100_100;
    }

    public FileInode(FileTree tree) => _tree = tree;

    public override FileKind Kind => FileKind.Regular;

    public override long Length
    {
        get
        {
            lock (_gate) return _length;
        }
    }

    /// <summary>How many names it has; its bytes count against the tree's limit while it has one.</summary>
    public int Links { get; set; } = 1;

    public override int LinkCount => Links;

    public override Inode CopyUp(FileTree tree)
    {
        lock (_gate) return WithAttributesOf(new FileInode(tree) { _shared = Bytes, _length = _length });
    }

    public ReadOnlyMemory<byte> ReadAll()
    {
        lock (_gate) return _own is null ? _shared[.._length] : Bytes.ToArray();
    }

    public int Read(long position, Span<byte> buffer)
    {
        lock (_gate)
        {
            if (position >= _length) return 0;
            var count = (int)Math.Min(buffer.Length, _length - position);
            Bytes.Span.Slice((int)position, count).CopyTo(buffer);
            return count;
        }
    }

    /// <returns>The position after the write.</returns>
    public long Write(long position, ReadOnlySpan<byte> data, bool atEnd)
    {
        lock (_tree!.Gate)
        lock (_gate)
        {
            if (atEnd) position = _length;
            if (data.Length == 0) return position;
            var (end, now) = (position + data.Length, _tree.Now);
            var growth = Math.Max(0, end - _length);
            // Charged before anything is allocated, so that a limit is a limit on memory.
            _tree.Charge(growth);
            try
            {
                _tree.Journal?.Written(this, position, data, now);
            }
            catch (FileFaultException)
            {
                _tree.Charge(-growth);
                throw;
            }
            Restore(position, data);
            Modified = now;
            return end;
        }
    }

    public void SetLength(long length)
    {
        lock (_tree!.Gate)
        lock (_gate)
        {
            var (growth, now) = (length - _length, _tree.Now);
            _tree.Charge(Math.Max(0, growth));
            try
            {
                if (growth != 0) _tree.Journal?.Resized(this, length, now);
            }
            catch (FileFaultException)
            {
                _tree.Charge(-Math.Max(0, growth));
                throw;
            }
            _tree.Charge(Math.Min(0, growth));
            RestoreLength(length);
            Modified = now;
        }
    }

    /// <summary>Puts bytes that are accounted for.</summary>
    public void Restore(long position, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            var end = Math.Max(position + data.Length, _length);
            Reserve(end);
            data.CopyTo(_own.AsSpan((int)position));
            _length = (int)end;
        }
    }

    /// <summary>Sets a length that is accounted for.</summary>
    public void RestoreLength(long length)
    {
        lock (_gate)
        {
            if (length < _length)
            {
                if (_own is null) _shared = _shared[..(int)length];
                else if (length == 0) _own = [];
                else Array.Clear(_own, (int)length, _length - (int)length);
            }
            else if (length > _length)
            {
                Reserve(length);
            }
            _length = (int)length;
        }
    }

    private ReadOnlyMemory<byte> Bytes => _own is null ? _shared : _own.AsMemory(0, _length);

    private void Reserve(long length)
    {
        if (_own is not null && length <= _own.Length) return;
        var bytes = new byte[Math.Min(Array.MaxLength, Math.Max(length, _own is null ? length : _own.Length * 2L))];
        Bytes.CopyTo(bytes);
        (_own, _shared) = (bytes, default);
    }
}
