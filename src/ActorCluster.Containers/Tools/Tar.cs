using System.Formats.Tar;
using System.IO.Compression;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Builtins;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Tools;

/// <summary>tar: what kubectl cp talks to.</summary>
internal sealed class Tar
{
    public static readonly Tool Tool = new(
        "tar",
        "c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...\n\nCreate, extract, or list files from a tar file\n\n\tc\tCreate\n\tx\tExtract\n\tt\tList\n\t-f FILE\tName of TARFILE ('-' for stdin/out)\n\t-C DIR\tChange to DIR before operation\n\t-v\tVerbose\n\t-O\tExtract to stdout\n\t-m\tDon't restore mtime\n\t-k\tDon't replace existing files\n\t-z\t(De)compress using gzip\n\t-h\tFollow symlinks\n\t--strip-components NUM\tNUM of leading components to strip",
        tool => new Tar(tool).RunAsync());

    private readonly ToolContext _tool;
    private readonly Options _options;
    private readonly string _folder;
    private int _status;

    private Tar(ToolContext tool)
    {
        _tool = tool;
        // "tar xf file": the first word is a cluster without its dash.
        var words = tool.Arguments.ToList();
        if (words.Count > 0 && !words[0].StartsWith('-')) words[0] = "-" + words[0];
        _options = Options.Parse(words, "ctxzahmvokOpf:C:T:X:ZJjs", ("create", 'c'), ("extract", 'x'), ("list", 't'), ("gzip", 'z'), ("file", 'f'), ("directory", 'C'), ("verbose", 'v'), ("overwrite", 'o'),
            ("strip-components", 'T'), ("no-same-owner", 'o'), ("no-same-permissions", 'm'), ("exclude", 'X'), ("to-stdout", 'O'), ("dereference", 'h'), ("warning", 's'), ("numeric-owner", 'o'));
        _folder = _options.Value('C') is { } folder ? tool.Path(folder) : tool.Process.WorkingDirectory;
    }

    /// <summary>-v: to stdout, unless that is the archive.</summary>
    private ValueTask ListAsync(string archive, string name) => archive == "-" ? _tool.WriteErrorAsync(name + "\n") : _tool.Out.WriteTextAsync(name + "\n");

    private async Task<int> RunAsync()
    {
        if (_options.Has('J') || _options.Has('j') || _options.Has('Z')) throw new ToolException("only gzip compression is emulated");
        if (!_tool.IsDirectory(_folder)) throw new ToolException($"can't change directory to '{_options.Value('C')}': No such file or directory");
        var archive = _options.Value('f') ?? "-";
        switch (_options.Last("cxt"))
        {
            case 'c': await CreateAsync(archive); break;
            case 'x' or 't':
                try
                {
                    await ReadAsync(archive, extract: _options.Has('x'));
                }
                catch (InvalidDataException)
                {
                    throw new ToolException("invalid tar magic");
                }
                catch (EndOfStreamException)
                {
                    throw new ToolException("short read");
                }
                break;
            default: throw new UsageException();
        }
        if (_status != 0 && _options.Has('c')) await _tool.WarnAsync("error exit delayed from previous errors");
        return _status;
    }

    private bool IsGzip(string archive) => _options.Has('z') || (_options.Has('a') && (archive.EndsWith(".gz", StringComparison.Ordinal) || archive.EndsWith(".tgz", StringComparison.Ordinal)));

    private async ValueTask CreateAsync(string archive)
    {
        if (_options.Operands.Count == 0) throw new ToolException("empty archive");
        await using var target = archive == "-" ? new StandardStream(null, _tool.Process.Stdout) : _tool.Files.Open(_tool.Path(archive), FileOpen.Write);
        await using (var body = IsGzip(archive) ? new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true) : target)
        await using (var writer = new TarWriter(body, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var operand in _options.Operands) await AddAsync(writer, operand);
        }
    }

    private async ValueTask AddAsync(TarWriter writer, string name)
    {
        _tool.Killed.ThrowIfCancellationRequested();
        if (_options.Values('X').Any(x => new ShellPattern(x).Matches(name) || new ShellPattern(x).Matches(ToolContext.LastName(name)))) return;
        var path = name.StartsWith('/') ? name : _folder.TrimEnd('/') + "/" + name;
        FileStatus status;
        try
        {
            status = _tool.Files.Stat(path, followLinks: _options.Has('h'));
        }
        catch (FileFaultException fault)
        {
            await _tool.WarnAsync($"{name}: {fault.Message}");
            _status = 1;
            return;
        }
        var stored = name.TrimStart('/');
        if (stored.Length == 0) stored = ".";
        var kind = status.Kind switch { FileKind.Directory => TarEntryType.Directory, FileKind.SymbolicLink => TarEntryType.SymbolicLink, FileKind.Regular => TarEntryType.RegularFile, _ => (TarEntryType?)null };
        if (kind is not null)
        {
            var entry = new GnuTarEntry(kind.Value, kind == TarEntryType.Directory ? stored.TrimEnd('/') + "/" : stored)
            {
                Mode = (UnixFileMode)status.Permissions,
                ModificationTime = status.Modified,
                UserName = "root",
                GroupName = "root",
            };
            if (kind == TarEntryType.SymbolicLink) entry.LinkName = _tool.Files.ReadLink(path);
            // A virtual file has no length; its bytes are gathered first.
            if (kind == TarEntryType.RegularFile) entry.DataStream = new MemoryStream(await _tool.ReadAllAsync(_tool.Open(path)), writable: false);
            await writer.WriteEntryAsync(entry, _tool.Killed);
            if (_options.Has('v')) await ListAsync(_options.Value('f') ?? "-", entry.Name);
        }
        if (status.Kind != FileKind.Directory) return;
        foreach (var child in _tool.Files.List(path)) await AddAsync(writer, name.TrimEnd('/') + "/" + child);
    }

    private async ValueTask ReadAsync(string archive, bool extract)
    {
        IInputStream input;
        try
        {
            input = _tool.Open(archive);
        }
        catch (FileFaultException fault)
        {
            throw new ToolException($"can't open '{archive}': {fault.Message}");
        }
        await using var source = new InputStreamAdapter(input, _tool.Killed);
        await using Stream body = IsGzip(archive) || archive.EndsWith("gz", StringComparison.Ordinal) ? new GZipStream(source, CompressionMode.Decompress) : source;
        await using var reader = new TarReader(body);
        var any = false;
        while (await reader.GetNextEntryAsync(copyData: false, _tool.Killed) is { } entry)
        {
            any = true;
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) continue;
            var name = entry.Name;
            if (_options.Operands.Count > 0 && !_options.Operands.Exists(o => name.TrimEnd('/') == o.TrimEnd('/') || name.StartsWith(o.TrimEnd('/') + "/", StringComparison.Ordinal))) continue;
            if (!extract)
            {
                var kind = entry.EntryType switch { TarEntryType.Directory => FileKind.Directory, TarEntryType.SymbolicLink => FileKind.SymbolicLink, _ => FileKind.Regular };
                await _tool.Out.WriteTextAsync(_options.Has('v')
                    ? $"{FileModes.Describe(new(kind, entry.Length, (int)entry.Mode, 0, 0, entry.ModificationTime))} root/root {entry.Length,9} {DateTexts.Format(entry.ModificationTime, "%Y-%m-%d %H:%M:%S")} {name}\n"
                    : name + "\n");
                continue;
            }
            if (_options.Has('v')) await _tool.Out.WriteTextAsync(name + "\n");
            await ExtractAsync(entry);
        }
        // kubectl cp of nothing is an archive of zeros; an empty input isn't one.
        if (!any && source.Total == 0) throw new ToolException("short read");
    }

    private async ValueTask ExtractAsync(TarEntry entry)
    {
        var parts = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToList();
        // Whatever an archive says, nothing leaves the folder.
        if (parts.Contains(".."))
        {
            await _tool.WarnAsync($"removing leading '{entry.Name[..(entry.Name.LastIndexOf("..", StringComparison.Ordinal) + 2)]}/' from member names");
            parts = [.. parts.Skip(parts.LastIndexOf("..") + 1)];
        }
        if (_options.Value('T') is { } strip) parts = [.. parts.Skip((int)ToolContext.Number(strip))];
        if (parts.Count == 0) return;
        var path = FileBuiltins.Normalize(_folder + "/" + string.Join('/', parts));
        try
        {
            if (_options.Has('O'))
            {
                if (entry.DataStream is not null) await CopyAsync(entry.DataStream, _tool.Out);
                return;
            }
            FileTools.MakeParents(_tool, path[..Math.Max(1, path.LastIndexOf('/'))]);
            var existing = _tool.Find(path, follow: false);
            if (existing is not null && _options.Has('k') && entry.EntryType != TarEntryType.Directory) return;
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    if (existing is null) _tool.Files.CreateDirectory(path, (int)entry.Mode);
                    break;
                case TarEntryType.SymbolicLink:
                    if (existing is not null) _tool.Files.Remove(path);
                    _tool.Files.CreateSymbolicLink(path, entry.LinkName);
                    return;
                case TarEntryType.HardLink:
                    if (existing is not null) _tool.Files.Remove(path);
                    _tool.Files.CreateLink(FileBuiltins.Normalize(_folder + "/" + entry.LinkName), path);
                    return;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    // A link in the way is replaced, not written through.
                    if (existing is { Kind: FileKind.SymbolicLink }) _tool.Files.Remove(path);
                    await using (var file = _tool.Files.Open(path, FileOpen.Write, (int)entry.Mode))
                    {
                        if (entry.DataStream is not null) await entry.DataStream.CopyToAsync(file, _tool.Killed);
                    }
                    _tool.Files.SetPermissions(path, (int)entry.Mode);
                    break;
                default:
                    await _tool.WarnAsync($"{entry.Name}: unsupported kind of member");
                    _status = 1;
                    return;
            }
            if (!_options.Has('m')) _tool.Files.SetModified(path, entry.ModificationTime);
        }
        catch (FileFaultException fault)
        {
            throw new ToolException($"can't open '{entry.Name}': {fault.Message}");
        }
    }

    private async ValueTask CopyAsync(Stream data, ToolOutput output)
    {
        var buffer = new byte[16384];
        int count;
        while ((count = await data.ReadAsync(buffer, _tool.Killed)) > 0) await output.WriteAsync(buffer.AsMemory(0, count));
    }
}
