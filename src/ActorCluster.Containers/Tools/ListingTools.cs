using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>ls, stat, readlink, realpath, du, df, mount, which.</summary>
internal static class ListingTools
{
    public static IEnumerable<Tool> All =>
    [
        new("ls", "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...\n\nList directory contents\n\n\t-1\tOne column output\n\t-a\tInclude names starting with .\n\t-A\tLike -a, but exclude . and ..\n\t-d\tList directory names, not contents\n\t-R\tRecurse\n\t-p\tAppend / to directory names\n\t-F\tAppend indicator (one of */=@|) to names\n\t-l\tLong format\n\t-h\tHuman readable sizes (1K 243M 2G)\n\t-S\tSort by size\n\t-t\tSort by mtime\n\t-r\tReverse sort order", Listing.RunAsync),
        new("stat", "[-ltf] [-c FMT] FILE...\n\nDisplay file (default) or filesystem status\n\n\t-c FMT\tUse the specified format\n\t-L\tFollow links\n\t-t\tTerse display", StatAsync),
        new("readlink", "[-fnv] FILE\n\nDisplay the value of a symlink\n\n\t-f\tCanonicalize by following all symlinks\n\t-n\tDon't add newline at the end", ReadLinkAsync),
        new("realpath", "FILE...\n\nPrint absolute pathnames of FILE", RealPathAsync),
        new("which", "[-a] COMMAND...\n\nLocate COMMAND", WhichAsync),
        new("du", "[-aHLdclsxhmk] [FILE]...\n\nSummarize disk space used for FILEs (or directories)\n\n\t-a\tShow file sizes too\n\t-s\tDisplay only a total for each argument\n\t-d N\tLimit output to directories (and files with -a) of depth < N\n\t-c\tShow grand total\n\t-h\tSizes in human readable format (e.g., 1K 243M 2G)\n\t-m\tSizes in megabytes\n\t-k\tSizes in kilobytes (default)", UsageAsync),
        new("df", "[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...\n\nPrint filesystem usage statistics", FreeAsync),
        new("mount", "[-t FSTYPE] [-o OPT] [DEVICE] [NODE]\n\nMount a filesystem, or list what is mounted", MountAsync),
    ];

    private static async Task<int> StatAsync(ToolContext tool)
    {
        var options = tool.Parse("ltfLc:", ("format", 'c'));
        if (options.Operands.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var operand in options.Operands)
        {
            try
            {
                var file = tool.Files.Stat(tool.Path(operand), followLinks: options.Has('L'));
                if (options.Value('c') is { } format) await tool.Out.WriteTextAsync(FormatStat(tool, operand, file, format) + "\n");
                else await tool.Out.WriteTextAsync(DescribeStat(tool, operand, file));
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"can't stat '{operand}': {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static string KindName(FileStatus file) => file.Kind switch
    {
        FileKind.Directory => "directory",
        FileKind.SymbolicLink => "symbolic link",
        FileKind.Device => "character special file",
        _ => file.Length == 0 ? "regular empty file" : "regular file",
    };

    private static string DescribeStat(ToolContext tool, string name, FileStatus file)
    {
        var shown = file.Kind == FileKind.SymbolicLink ? $"'{name}' -> '{tool.Files.ReadLink(tool.Path(name))}'" : name;
        var time = DateTexts.Format(file.Modified, "%Y-%m-%d %H:%M:%S.%N %z");
        return string.Create(CultureInfo.InvariantCulture,
            $"  File: {shown}\n  Size: {file.Length,-10}\tBlocks: {(file.Length + 511) / 512,-10} IO Block: 4096   {KindName(file)}\n" +
            $"Device: 1h/1d\tInode: 1           Links: {file.Links}\n" +
            $"Access: ({Convert.ToString(file.Permissions, 8).PadLeft(4, '0')}/{FileModes.Describe(file)})  Uid: ({file.UserId,5}/{Accounts.UserName(tool.Files, file.UserId) ?? "UNKNOWN",8})   Gid: ({file.GroupId,5}/{Accounts.GroupName(tool.Files, file.GroupId) ?? "UNKNOWN",8})\n" +
            $"Access: {time}\nModify: {time}\nChange: {time}\n");
    }

    private static string FormatStat(ToolContext tool, string name, FileStatus file, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            text.Append(format[++i] switch
            {
                'n' => name,
                'N' => $"'{name}'{(file.Kind == FileKind.SymbolicLink ? $" -> '{tool.Files.ReadLink(tool.Path(name))}'" : "")}",
                's' => file.Length.ToString(CultureInfo.InvariantCulture),
                'b' => ((file.Length + 511) / 512).ToString(CultureInfo.InvariantCulture),
                'B' => "512",
                'a' => Convert.ToString(file.Permissions, 8),
                'A' => FileModes.Describe(file),
                'f' => ((file.Kind switch { FileKind.Directory => 0x4000, FileKind.SymbolicLink => 0xa000, FileKind.Device => 0x2000, _ => 0x8000 }) | file.Permissions).ToString("x", CultureInfo.InvariantCulture),
                'F' => KindName(file),
                'u' => file.UserId.ToString(CultureInfo.InvariantCulture),
                'g' => file.GroupId.ToString(CultureInfo.InvariantCulture),
                'U' => Accounts.UserName(tool.Files, file.UserId) ?? "UNKNOWN",
                'G' => Accounts.GroupName(tool.Files, file.GroupId) ?? "UNKNOWN",
                'h' => file.Links.ToString(CultureInfo.InvariantCulture),
                't' or 'T' => "0",
                'X' or 'Y' or 'Z' => file.Modified.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                'x' or 'y' or 'z' => DateTexts.Format(file.Modified, "%Y-%m-%d %H:%M:%S.%N %z"),
                '%' => "%",
                var other => "%" + other,
            });
        }
        return text.ToString();
    }

    private static async Task<int> ReadLinkAsync(ToolContext tool)
    {
        var options = tool.Parse("fnvem", ("canonicalize", 'f'));
        if (options.Operands.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var operand in options.Operands)
        {
            try
            {
                var target = options.Has('f') || options.Has('e') ? ((ProcessFiles)tool.Files).Canonical(tool.Path(operand), mustExist: options.Has('e')) : tool.Files.ReadLink(tool.Path(operand));
                await tool.Out.WriteTextAsync(target + (options.Has('n') ? "" : "\n"));
            }
            catch (FileFaultException)
            {
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> RealPathAsync(ToolContext tool)
    {
        if (tool.Arguments.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var operand in tool.Arguments)
        {
            try
            {
                await tool.Out.WriteTextAsync(((ProcessFiles)tool.Files).Canonical(tool.Path(operand), mustExist: false) + "\n");
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"{operand}: {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> WhichAsync(ToolContext tool)
    {
        var options = tool.Parse("a");
        if (options.Operands.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var name in options.Operands)
        {
            var path = tool.Process.Processes.FindProgram(name, tool.Process.Environment.GetValueOrDefault("PATH", ""), tool.Process.WorkingDirectory);
            if (path is null) status = 1;
            else await tool.Out.WriteTextAsync((name.Contains('/', StringComparison.Ordinal) ? name : path) + "\n");
        }
        return status;
    }

    private static async Task<int> UsageAsync(ToolContext tool)
    {
        var options = tool.Parse("aHLd:clsxhmkb", ("max-depth", 'd'), ("summarize", 's'), ("human-readable", 'h'));
        var limit = options.Has('s') ? 0 : options.Value('d') is { } depth ? ToolContext.Number(depth) : long.MaxValue;
        var total = 0L;
        var status = 0;
        foreach (var operand in options.Operands.Count > 0 ? options.Operands : ["."])
        {
            if (!tool.Exists(operand))
            {
                await tool.WarnAsync($"{operand}: No such file or directory");
                status = 1;
                continue;
            }
            total += await MeasureAsync(operand, 0);
        }
        if (options.Has('c')) await PrintAsync(total, "total");
        return status;

        async ValueTask<long> MeasureAsync(string path, int level)
        {
            tool.Killed.ThrowIfCancellationRequested();
            var file = tool.Files.Stat(tool.Path(path), followLinks: level == 0);
            var folder = file.Kind == FileKind.Directory;
            var size = folder ? 4096 : file.Kind == FileKind.Regular ? (file.Length + 4095) / 4096 * 4096 : 0;
            if (folder) foreach (var name in tool.Files.List(tool.Path(path))) size += await MeasureAsync(path.TrimEnd('/') + "/" + name, level + 1);
            if (level <= limit && (folder || level == 0 || options.Has('a'))) await PrintAsync(size, path);
            return size;
        }

        ValueTask PrintAsync(long bytes, string name) => tool.Out.WriteTextAsync(
            $"{(options.Has('h') ? Human(bytes) : options.Has('b') ? bytes.ToString(CultureInfo.InvariantCulture) : options.Has('m') ? (bytes >> 20).ToString(CultureInfo.InvariantCulture) : (bytes >> 10).ToString(CultureInfo.InvariantCulture))}\t{name}\n");
    }

    /// <summary>"4.0K", "243M" as busybox's -h.</summary>
    public static string Human(long bytes)
    {
        if (bytes < 1024) return bytes.ToString(CultureInfo.InvariantCulture);
        var value = (double)bytes;
        var unit = -1;
        while (value >= 1024 && unit < 4)
        {
            value /= 1024;
            unit++;
        }
        return value.ToString(value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture) + "KMGTP"[unit];
    }

    private static async Task<int> FreeAsync(ToolContext tool)
    {
        var options = tool.Parse("PkmhTaiB:t:");
        var table = ((ProcessView)tool.Process.Processes).Table;
        var files = table.Container.Namespace;
        await tool.Out.WriteAsync($"Filesystem           {(options.Has('h') ? "     Size" : options.Has('m') ? "1M-blocks" : "1K-blocks")}      Used Available Use% Mounted on\n");
        var rows = new List<(string Name, string Path, FileTree Tree)> { ("overlay", "/", files.Tree) };
        rows.AddRange(files.Mounts.Where(m => !m.Value.IsVirtual && m.Value.Tree != files.Tree).OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => (m.Value.Device, m.Key, m.Value.Tree)));
        // A path stands for the file system that it is on.
        var status = 0;
        var asked = new List<string>();
        foreach (var operand in options.Operands)
        {
            if (tool.Exists(operand))
            {
                var full = ((ProcessFiles)tool.Files).Canonical(tool.Path(operand), mustExist: true);
                asked.Add(rows.Where(r => r.Path == "/" || full == r.Path || full.StartsWith(r.Path + "/", StringComparison.Ordinal)).MaxBy(r => r.Path.Length).Path);
                continue;
            }
            await tool.WarnAsync($"{operand}: can't find mount point");
            status = 1;
        }
        foreach (var (name, path, tree) in rows)
        {
            if (options.Operands.Count > 0 && !asked.Contains(path)) continue;
            string Size(long bytes) => options.Has('h') ? Human(bytes) : (bytes >> (options.Has('m') ? 20 : 10)).ToString(CultureInfo.InvariantCulture);
            await tool.Out.WriteTextAsync(string.Create(CultureInfo.InvariantCulture,
                $"{name,-20} {Size(tree.Limit),9} {Size(tree.Used),9} {Size(tree.Limit - tree.Used),9} {tree.Used * 100 / Math.Max(1, tree.Limit),3}% {path}\n"));
        }
        return status;
    }

    /// <summary>Lists; to mount something, a container would need privileges that none has.</summary>
    private static async Task<int> MountAsync(ToolContext tool)
    {
        var options = tool.Parse("arwvnflist:o:O:T:");
        if (options.Operands.Count > 0 || options.Has('a') || options.Has('o'))
        {
            await tool.WriteErrorAsync("mount: permission denied (are you root?)\n");
            return 1;
        }
        using var reader = new StreamReader(tool.Files.Open("/proc/mounts", FileOpen.Read));
        while (await reader.ReadLineAsync(tool.Killed) is { } line)
        {
            var fields = line.Split(' ');
            if (options.Value('t') is { } kind && fields[2] != kind) continue;
            await tool.Out.WriteTextAsync($"{fields[0]} on {fields[1]} type {fields[2]} ({fields[3]})\n");
        }
        return 0;
    }
}
