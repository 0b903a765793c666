using System.Globalization;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools;

/// <summary>ls.</summary>
internal static class Listing
{
    private const int DefaultWidth = 80;
    private static readonly string[] Dots = [".", ".."];

    private sealed record Entry(string Name, string Path, FileStatus Status);

    public static async Task<int> RunAsync(ToolContext tool)
    {
        var options = tool.Parse("1AaCxdLHRFplinshrSXvctuw:k", ("color", 'G'), ("full-time", 'f'), ("group-directories-first", 'g'), ("all", 'a'), ("almost-all", 'A'), ("recursive", 'R'), ("human-readable", 'h'));
        var (files, folders) = (new List<Entry>(), new List<Entry>());
        var status = 0;
        foreach (var operand in options.Operands.Count > 0 ? options.Operands : ["."])
        {
            try
            {
                // A link named on the command line is followed, unless its own line is asked for.
                var follow = options.Has('L') || options.Has('H') || !(options.Has('l') || options.Has('F') || options.Has('d'));
                FileStatus file;
                try
                {
                    file = tool.Files.Stat(tool.Path(operand), follow);
                }
                catch (FileFaultException) when (follow)
                {
                    file = tool.Files.Stat(tool.Path(operand), followLinks: false);
                }
                (file.Kind == FileKind.Directory && !options.Has('d') ? folders : files).Add(new(operand, operand, file));
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"{operand}: {fault.Message}");
                status = 1;
            }
        }
        if (files.Count > 0) await PrintAsync(tool, options, Sort(files, options), total: false);
        var titled = files.Count + folders.Count + status > 1 || options.Has('R');
        var first = files.Count == 0;
        foreach (var folder in Sort(folders, options))
        {
            if (!await ListAsync(tool, options, folder.Path, titled, first)) status = 1;
            first = false;
        }
        return status;
    }

    private static async ValueTask<bool> ListAsync(ToolContext tool, Options options, string path, bool titled, bool first)
    {
        tool.Killed.ThrowIfCancellationRequested();
        if (titled) await tool.Out.WriteTextAsync($"{(first ? "" : "\n")}{path}:\n");
        IReadOnlyList<string> names;
        try
        {
            names = tool.Files.List(tool.Path(path));
        }
        catch (FileFaultException fault)
        {
            await tool.WarnAsync($"can't open '{path}': {fault.Message}");
            return false;
        }
        var entries = new List<Entry>();
        if (options.Has('a')) entries.AddRange(Dots.Select(n => new Entry(n, path + "/" + n, tool.Files.Stat(tool.Path(path + "/" + n)))));
        foreach (var name in names)
        {
            if (name.StartsWith('.') && !options.Has('a') && !options.Has('A')) continue;
            var full = path.TrimEnd('/') + "/" + name;
            // A link that leads nowhere is listed as itself; what was removed meanwhile isn't.
            if (((options.Has('L') ? tool.Find(full) : null) ?? tool.Find(full, follow: false)) is { } file) entries.Add(new(name, full, file));
        }
        var sorted = Sort(entries, options);
        await PrintAsync(tool, options, sorted, total: true);
        var done = true;
        if (options.Has('R'))
        {
            foreach (var entry in sorted.Where(e => e.Status.Kind == FileKind.Directory && e.Name is not ("." or ".."))) done &= await ListAsync(tool, options, entry.Path, titled: true, first: false);
        }
        return done;
    }

    private static List<Entry> Sort(List<Entry> entries, Options options)
    {
        IEnumerable<Entry> sorted = options.Last("StX") switch
        {
            'S' => entries.OrderByDescending(e => e.Status.Length).ThenBy(e => e.Name, StringComparer.Ordinal),
            't' => entries.OrderByDescending(e => e.Status.Modified).ThenBy(e => e.Name, StringComparer.Ordinal),
            'X' => entries.OrderBy(e => e.Name.LastIndexOf('.') is > 0 and var dot ? e.Name[dot..] : "", StringComparer.Ordinal).ThenBy(e => e.Name, StringComparer.Ordinal),
            _ => entries.OrderBy(e => e.Name, StringComparer.Ordinal),
        };
        if (options.Has('r')) sorted = sorted.Reverse();
        if (options.Has('g')) sorted = sorted.OrderBy(e => e.Status.Kind == FileKind.Directory ? 0 : 1);
        return [.. sorted];
    }

    private static async ValueTask PrintAsync(ToolContext tool, Options options, List<Entry> entries, bool total)
    {
        if (options.Has('l') || options.Has('f') || options.Has('n'))
        {
            if (total) await tool.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"total {entries.Sum(Blocks)}\n"));
            foreach (var entry in entries) await tool.Out.WriteTextAsync(Long(tool, options, entry));
            return;
        }
        var names = entries.ConvertAll(e => (options.Has('s') ? Blocks(e).ToString(CultureInfo.InvariantCulture).PadLeft(6) + " " : "") + e.Name + Indicator(options, e));
        var columns = options.Last("1Cx") is 'C' or 'x' || (options.Last("1Cx") == '\0' && ProcessContext.IsTerminal(tool.Process.Stdout));
        if (!columns || names.Count == 0)
        {
            foreach (var name in names) await tool.Out.WriteTextAsync(name + "\n");
            return;
        }
        var width = (options.Value('w') is { } w ? (int)Math.Min(ToolContext.Number(w), 10_000) : tool.Process.Terminal?.Width ?? 0) is > 0 and var given ? given : DefaultWidth;
        var column = names.Max(n => n.Length) + 2;
        var across = Math.Max(1, width / column);
        var rows = (names.Count + across - 1) / across;
        for (var row = 0; row < rows; row++)
        {
            var cells = Enumerable.Range(0, across).Select(c => options.Has('x') ? row * across + c : c * rows + row).Where(i => i < names.Count).Select(i => names[i]).ToList();
            await tool.Out.WriteTextAsync(string.Concat(cells.SkipLast(1).Select(c => c.PadRight(column))) + cells[^1] + "\n");
        }
    }

    private static long Blocks(Entry entry) => entry.Status.Kind switch { FileKind.Directory => 4, FileKind.Regular => (entry.Status.Length + 4095) / 4096 * 4, _ => 0 };

    private static string Indicator(Options options, Entry entry)
    {
        if (entry.Status.Kind == FileKind.Directory) return options.Has('p') || options.Has('F') ? "/" : "";
        if (!options.Has('F')) return "";
        return entry.Status.Kind == FileKind.SymbolicLink ? "@" : entry.Status.Kind == FileKind.Regular && (entry.Status.Permissions & 0b001_001_001) != 0 ? "*" : "";
    }

    private static string Long(ToolContext tool, Options options, Entry entry)
    {
        var now = tool.Clock.GetUtcNow();
        var file = entry.Status;
        var time = options.Has('f') ? DateTexts.Format(file.Modified, "%Y-%m-%d %H:%M:%S %z")
            : now - file.Modified > TimeSpan.FromDays(183) || file.Modified > now.AddDays(1) ? DateTexts.Format(file.Modified, "%b %e  %Y") : DateTexts.Format(file.Modified, "%b %e %H:%M");
        var size = options.Has('h') ? ListingTools.Human(file.Length) : file.Length.ToString(CultureInfo.InvariantCulture);
        var number = options.Has('n');
        var user = (number ? null : Accounts.UserName(tool.Files, file.UserId)) ?? file.UserId.ToString(CultureInfo.InvariantCulture);
        var group = (number ? null : Accounts.GroupName(tool.Files, file.GroupId)) ?? file.GroupId.ToString(CultureInfo.InvariantCulture);
        var owner = $"{user,-8} {group,-8}";
        var target = file.Kind == FileKind.SymbolicLink ? " -> " + tool.Files.ReadLink(tool.Path(entry.Path)) : "";
        return string.Create(CultureInfo.InvariantCulture, $"{FileModes.Describe(file)} {file.Links,4} {owner} {size,9} {time} {entry.Name}{Indicator(options, entry)}{target}\n");
    }
}
