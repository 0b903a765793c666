using System.Buffers.Binary;
using System.Numerics;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.FileSystem.Journals;

namespace ActorCluster.Nodes.Volumes;

/// <summary>
/// A volume's journal as a file of the real disk: records, each with its length and a checksum (CRC32c). What was appended is there after the process was
/// killed; a record that was cut short ends the file.
/// </summary>
internal sealed class JournalFile(string path) : IVolumeJournal
{
    private const int HeaderLength = 8;

    private readonly RealSpace _space = new(Path.GetDirectoryName(path)!);
    private FileStream? _file;

    /// <summary>"ACJ" and the format's version.</summary>
    private static ReadOnlySpan<byte> Magic => "ACJ\u0001"u8;

    public bool IsThere => File.Exists(path);

    public long Length { get; private set; }

    private FileStream OpenFile => _file ?? throw new FileFaultException(FileFault.InputOutput, path);

    public void Open(Action<ReadOnlyMemory<byte>> read) => Try(() =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = Create(path, FileMode.OpenOrCreate);
        try
        {
            Length = Read(file, read);
            _file = file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    public void Append(ReadOnlySpan<byte> record)
    {
        var framed = Frame(record);
        Try(() =>
        {
            if (!_space.Has(framed.Length)) throw new FileFaultException(FileFault.NoSpace, path);
            RandomAccess.Write(OpenFile.SafeFileHandle, framed, Length);
        });
        // Not after a failure: the next one takes its place.
        Length += framed.Length;
    }

    public void Rewrite(Action<Action<ReadOnlySpan<byte>>> write) => Try(() =>
    {
        var draft = path + ".new";
        var file = Create(draft, FileMode.Create);
        try
        {
            long length = Magic.Length;
            RandomAccess.Write(file.SafeFileHandle, Magic, 0);
            write(record =>
            {
                var framed = Frame(record);
                RandomAccess.Write(file.SafeFileHandle, framed, length);
                length += framed.Length;
            });
            Replace(draft, ref file);
            Length = length;
        }
        catch
        {
            file.Dispose();
            File.Delete(draft);
            throw;
        }
    });

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Replace(string draft, ref FileStream file)
    {
        if (OperatingSystem.IsWindows())
        {
            // Which renames no open file.
            file.Dispose();
            Close();
            File.Move(draft, path, overwrite: true);
            file = Create(path, FileMode.Open);
        }
        else
        {
            File.Move(draft, path, overwrite: true);
            Close();
        }
        _file = file;
    }

    private long Read(FileStream file, Action<ReadOnlyMemory<byte>> read)
    {
        // Not disposed: it would take the file along.
        var buffered = new BufferedStream(file, 1 << 16);
        var magic = new byte[Magic.Length];
        long length = magic.Length;
        if (buffered.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length)
        {
            // New, or its process was killed when it had just made it.
            RandomAccess.Write(file.SafeFileHandle, Magic, 0);
            return length;
        }
        if (!magic.AsSpan().SequenceEqual(Magic)) throw new InvalidDataException($"{path} is not a volume's journal.");
        var header = new byte[HeaderLength];
        while (buffered.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (size < 0 || size > file.Length - length - HeaderLength) break;
            var record = new byte[size];
            buffered.ReadExactly(record);
            if (Checksum(record) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4))) break;
            read(record);
            length += HeaderLength + size;
        }
        if (file.Length > length) file.SetLength(length);
        return length;
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is (IOException and not FileFaultException) or UnauthorizedAccessException or InvalidDataException)
        {
            throw new FileFaultException(fault is IOException failed && RealSpace.IsExhausted(failed) ? FileFault.NoSpace : FileFault.InputOutput, path);
        }
    }

    private static FileStream Create(string path, FileMode mode) => new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    private static byte[] Frame(ReadOnlySpan<byte> record)
    {
        var framed = new byte[HeaderLength + record.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(4), Checksum(record));
        record.CopyTo(framed.AsSpan(HeaderLength));
        return framed;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
