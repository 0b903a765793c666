using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>cp, mv and install.</summary>
internal static class CopyTools
{
    public static IEnumerable<Tool> All =>
    [
        new("cp", "[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nCopy SOURCEs to DEST\n\n\t-a\tSame as -dpR\n\t-R,-r\tRecurse\n\t-d,-P\tPreserve symlinks (default if -R)\n\t-L\tFollow all symlinks\n\t-p\tPreserve file attributes if possible\n\t-f\tOverwrite\n\t-n\tDon't overwrite\n\t-T\tRefuse to copy if DEST is a directory\n\t-u\tCopy only newer files", CopyAsync),
        new("mv", "[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }\n\nRename SOURCE to DEST, or move SOURCEs to DIRECTORY\n\n\t-f\tDon't prompt before overwriting\n\t-n\tDon't overwrite an existing file", MoveAsync),
        new("install", "[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST\n\nCopy files and set attributes", InstallAsync),
    ];

    private static async Task<int> CopyAsync(ToolContext tool)
    {
        var options = tool.Parse("arRPdLHpfinlsTut:v", ("archive", 'a'), ("recursive", 'r'), ("force", 'f'), ("no-dereference", 'P'), ("no-clobber", 'n'), ("parents", 'q'));
        var (sources, destination, intoFolder) = Targets(tool, options);
        var recursive = options.Has('a') || options.Has('r') || options.Has('R');
        var keepLinks = !options.Has('L') && (options.Has('a') || options.Has('d') || options.Has('P') || recursive);
        var status = 0;
        foreach (var source in sources)
        {
            var target = intoFolder ? destination.TrimEnd('/') + "/" + ToolContext.LastName(source) : destination;
            if (options.Has('s') || options.Has('l'))
            {
                if (!await LinkAsync(tool, source, target, options.Has('s'))) status = 1;
                continue;
            }
            if (!await CopyAsync(tool, source, target, recursive, keepLinks, options.Has('a') || options.Has('p'), options.Has('n'), options.Has('u'), top: true)) status = 1;
            else if (options.Has('v')) await tool.Out.WriteTextAsync($"'{source}' -> '{target}'\n");
        }
        return status;
    }

    /// <summary>cp -s and -l: names instead of copies.</summary>
    private static async ValueTask<bool> LinkAsync(ToolContext tool, string source, string target, bool symbolic)
    {
        try
        {
            if (symbolic) tool.Files.CreateSymbolicLink(tool.Path(target), source);
            else tool.Files.CreateLink(tool.Path(source), tool.Path(target));
            return true;
        }
        catch (FileFaultException fault)
        {
            await tool.WarnAsync($"can't create {(symbolic ? "symlink" : "link")} '{target}': {fault.Message}");
            return false;
        }
    }

    private static (List<string> Sources, string Destination, bool IntoFolder) Targets(ToolContext tool, Options options)
    {
        if (options.Value('t') is { } folder)
        {
            if (options.Operands.Count == 0) throw new UsageException();
            return (options.Operands, folder, true);
        }
        if (options.Operands.Count < 2) throw new UsageException();
        var destination = options.Operands[^1];
        var intoFolder = !options.Has('T') && tool.IsDirectory(destination);
        return (options.Operands[..^1], destination, intoFolder || options.Operands.Count > 2);
    }

    private static async ValueTask<bool> CopyAsync(ToolContext tool, string source, string target, bool recursive, bool keepLinks, bool attributes, bool noClobber, bool newer, bool top)
    {
        tool.Killed.ThrowIfCancellationRequested();
        FileStatus from;
        try
        {
            from = tool.Files.Stat(tool.Path(source), followLinks: !keepLinks);
        }
        catch (FileFaultException fault)
        {
            await tool.WarnAsync($"can't stat '{source}': {fault.Message}");
            return false;
        }
        var to = tool.Find(target);
        try
        {
            if (from.Kind == FileKind.Directory)
            {
                if (!recursive)
                {
                    await tool.WarnAsync($"omitting directory '{source}'");
                    return false;
                }
                if (top && (tool.Normalize(target) + "/").StartsWith(tool.Normalize(source).TrimEnd('/') + "/", StringComparison.Ordinal))
                {
                    await tool.WarnAsync(tool.Normalize(target) == tool.Normalize(source) ? $"'{source}' and '{target}' are the same file" : "recursion detected, omitting directory \"" + source + "\"");
                    return false;
                }
                if (to is null) tool.Files.CreateDirectory(tool.Path(target), from.Permissions);
                else if (to.Value.Kind != FileKind.Directory)
                {
                    await tool.WarnAsync($"target '{target}' is not a directory");
                    return false;
                }
                var done = true;
                foreach (var name in tool.Files.List(tool.Path(source)))
                    done &= await CopyAsync(tool, source.TrimEnd('/') + "/" + name, target.TrimEnd('/') + "/" + name, recursive, keepLinks, attributes, noClobber, newer, top: false);
                if (attributes) tool.Files.SetModified(tool.Path(target), from.Modified);
                return done;
            }
            if ((noClobber && to is not null) || (newer && to is { } old && old.Modified >= from.Modified)) return true;
            if (to is not null && tool.Files is ProcessFiles files && files.Canonical(tool.Path(source), false) == files.Canonical(tool.Path(target), false))
            {
                await tool.WarnAsync($"'{source}' and '{target}' are the same file");
                return false;
            }
            if (from.Kind == FileKind.SymbolicLink)
            {
                if (tool.Exists(target)) tool.Files.Remove(tool.Path(target));
                tool.Files.CreateSymbolicLink(tool.Path(target), tool.Files.ReadLink(tool.Path(source)));
                return true;
            }
            await CopyContentAsync(tool, source, target, to is null ? from.Permissions & ~(attributes ? 0 : 0b010_010) : null);
            if (attributes)
            {
                tool.Files.SetPermissions(tool.Path(target), from.Permissions);
                tool.Files.SetModified(tool.Path(target), from.Modified);
            }
            return true;
        }
        catch (FileFaultException fault)
        {
            var what = fault.Fault == FileFault.NoSpace ? "write error" : $"can't create '{target}'";
            await tool.WarnAsync($"{what}: {fault.Message}");
            return false;
        }
    }

    private static async ValueTask CopyContentAsync(ToolContext tool, string source, string target, int? permissions)
    {
        var input = tool.Open(source);
        await using var output = tool.Files.Open(tool.Path(target), FileOpen.Write, permissions ?? 0b110_100_100);
        var buffer = new byte[65536];
        int count;
        while ((count = await input.ReadAsync(buffer, tool.Killed)) > 0) await output.WriteAsync(buffer.AsMemory(0, count), tool.Killed);
    }

    private static async Task<int> MoveAsync(ToolContext tool)
    {
        var options = tool.Parse("finTt:v", ("force", 'f'), ("no-clobber", 'n'), ("interactive", 'i'));
        var (sources, destination, intoFolder) = Targets(tool, options);
        var status = 0;
        foreach (var source in sources)
        {
            var target = intoFolder ? destination.TrimEnd('/') + "/" + ToolContext.LastName(source) : destination;
            if (options.Has('n') && tool.Exists(target)) continue;
            try
            {
                tool.Files.Rename(tool.Path(source), tool.Path(target));
                if (options.Has('v')) await tool.Out.WriteTextAsync($"'{source}' -> '{target}'\n");
            }
            catch (FileFaultException fault) when (fault.Fault == FileFault.CrossDevice)
            {
                if (!await CopyAsync(tool, source, target, true, true, true, false, false, top: true)) status = 1;
                else foreach (var path in FileTools.Tree(tool, source).Reverse().ToList()) tool.Files.Remove(tool.Path(path));
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"can't rename '{source}': {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> InstallAsync(ToolContext tool)
    {
        var options = tool.Parse("cdDspo:g:m:t:");
        var mode = FileModes.Apply(options.Value('m') ?? "755", 0b111_101_101, false) ?? throw new ToolException($"invalid mode '{options.Value('m')}'");
        if (options.Has('d'))
        {
            foreach (var operand in options.Operands) FileTools.MakeParents(tool, operand, mode);
            return 0;
        }
        if (options.Has('D') && options.Operands is [_, var file] && file.LastIndexOf('/') is > 0 and var slash) FileTools.MakeParents(tool, file[..slash]);
        var (sources, destination, intoFolder) = Targets(tool, options);
        foreach (var source in sources)
        {
            var target = intoFolder ? destination.TrimEnd('/') + "/" + ToolContext.LastName(source) : destination;
            if (!await CopyAsync(tool, source, target, false, false, options.Has('p'), false, false, top: true)) return 1;
            tool.Files.SetPermissions(tool.Path(target), mode);
        }
        return 0;
    }
}
