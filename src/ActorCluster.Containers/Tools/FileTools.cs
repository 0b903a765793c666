using ActorCluster.Containers.FileSystem;

namespace ActorCluster.Containers.Tools;

/// <summary>Tools that make, remove and change files.</summary>
internal static class FileTools
{
    public static IEnumerable<Tool> All =>
    [
        new("mkdir", "[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY\n\n\t-m MODE\tMode\n\t-p\tNo error if exists; make parent directories as needed", MakeDirectoryAsync),
        new("rmdir", "[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty", RemoveDirectoryAsync),
        new("rm", "[-irf] FILE...\n\nRemove (unlink) FILEs\n\n\t-i\tAlways prompt before removing\n\t-f\tNever prompt\n\t-R,-r\tRecurse", RemoveAsync),
        new("unlink", "FILE\n\nDelete FILE by calling unlink()", UnlinkAsync),
        new("touch", "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...\n\nUpdate mtime of FILEs", TouchAsync),
        new("ln", "[-sfnbtv] [-S SUF] TARGET... LINK|DIR\n\nCreate a link LINK or DIR/TARGET to the specified TARGET(s)\n\n\t-s\tMake symlinks instead of hardlinks\n\t-f\tRemove existing destinations\n\t-n\tDon't dereference symlinks - treat like normal file\n\t-T\tTreat LINK as a file, not DIR", LinkAsync),
        new("chmod", "[-Rcvf] MODE[,MODE]... FILE...\n\nMODE is octal number (bit pattern sstrwxrwxrwx) or [ugoa]{+|-|=}[rwxXst]", ChangeModeAsync),
        new("chown", "[-Rhcvf] USER[:[GRP]] FILE...\n\nChange the owner and/or group of FILEs to USER and/or GRP", ChangeOwnerAsync),
        new("chgrp", "[-Rhcvf] GROUP FILE...\n\nChange the group membership of FILEs to GROUP", ChangeOwnerAsync),
        new("truncate", "[-c] -s SIZE FILE...\n\nTruncate FILEs to SIZE", TruncateAsync),
        new("mktemp", "[-dt] [-p DIR] [TEMPLATE]\n\nCreate a temporary file with name based on TEMPLATE and print its name.\nTEMPLATE must end with XXXXXX (e.g. [/dir/]nameXXXXXX).", MakeTemporaryAsync),
    ];

    private static async Task<int> MakeDirectoryAsync(ToolContext tool)
    {
        var options = tool.Parse("m:pv", ("parents", 'p'), ("mode", 'm'), ("verbose", 'v'));
        if (options.Operands.Count == 0) throw new UsageException();
        var mode = 0b111_101_101;
        if (options.Value('m') is { } text) mode = FileModes.Apply(text, 0b111_111_111, true) ?? throw new ToolException($"invalid mode '{text}'");
        var status = 0;
        foreach (var operand in options.Operands)
        {
            try
            {
                if (options.Has('p')) MakeParents(tool, operand, mode);
                else tool.Files.CreateDirectory(tool.Path(operand), mode);
                if (options.Has('v')) await tool.Out.WriteTextAsync($"created directory: '{operand}'\n");
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"can't create directory '{operand}': {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    /// <summary>mkdir -p.</summary>
    public static void MakeParents(ToolContext tool, string path, int mode = 0b111_101_101)
    {
        var built = path.StartsWith('/') ? "/" : "";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            built += (built.Length == 0 || built.EndsWith('/') ? "" : "/") + parts[i];
            if (tool.IsDirectory(built)) continue;
            tool.Files.CreateDirectory(tool.Path(built), i == parts.Length - 1 ? mode : 0b111_101_101);
        }
    }

    private static async Task<int> RemoveDirectoryAsync(ToolContext tool)
    {
        var options = tool.Parse("p", ("parents", 'p'), ("ignore-fail-on-non-empty", 'i'));
        if (options.Operands.Count == 0) throw new UsageException();
        var status = 0;
        foreach (var operand in options.Operands)
        {
            var path = operand;
            try
            {
                do
                {
                    if (ToolContext.LastName(path) == ".") throw new FileFaultException(FileFault.Invalid, path);
                    if (!tool.IsDirectory(path) && tool.Exists(path)) throw new FileFaultException(FileFault.NotADirectory, path);
                    tool.Files.Remove(tool.Path(path));
                    var slash = path.TrimEnd('/').LastIndexOf('/');
                    path = slash > 0 ? path[..slash] : "";
                }
                while (options.Has('p') && path.Length > 0);
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"'{path}': {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> RemoveAsync(ToolContext tool)
    {
        var options = tool.Parse("firRv", ("force", 'f'), ("recursive", 'r'), ("interactive", 'i'));
        if (options.Operands.Count == 0) return options.Has('f') ? 0 : throw new UsageException();
        var recursive = options.Has('r') || options.Has('R');
        var status = 0;
        foreach (var operand in options.Operands)
        {
            if (ToolContext.LastName(operand) is "." or "..")
            {
                await tool.WarnAsync("can't remove '.' or '..'");
                status = 1;
            }
            else if (!await RemoveAsync(tool, operand, recursive, options.Has('f'), options.Has('v')))
            {
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> UnlinkAsync(ToolContext tool)
    {
        if (tool.Arguments is not [var file]) throw new UsageException();
        try
        {
            if (tool.Find(file, follow: false) is { Kind: FileKind.Directory }) throw new FileFaultException(FileFault.IsADirectory, file);
            tool.Files.Remove(tool.Path(file));
            return 0;
        }
        catch (FileFaultException fault)
        {
            await tool.WarnAsync($"can't remove file '{file}': {fault.Message}");
            return 1;
        }
    }

    private static async ValueTask<bool> RemoveAsync(ToolContext tool, string path, bool recursive, bool force, bool verbose)
    {
        tool.Killed.ThrowIfCancellationRequested();
        try
        {
            var done = true;
            if (tool.Files.Stat(tool.Path(path), followLinks: false).Kind == FileKind.Directory)
            {
                if (!recursive)
                {
                    await tool.WarnAsync($"'{path}' is a directory");
                    return false;
                }
                foreach (var name in tool.Files.List(tool.Path(path))) done &= await RemoveAsync(tool, path.TrimEnd('/') + "/" + name, recursive, force, verbose);
                if (!done) return false;
            }
            tool.Files.Remove(tool.Path(path));
            if (verbose) await tool.Out.WriteTextAsync($"removed '{path}'\n");
            return done;
        }
        catch (FileFaultException fault)
        {
            if (force && fault.Fault is FileFault.NotFound or FileFault.NotADirectory) return true;
            await tool.WarnAsync($"can't remove '{path}': {fault.Message}");
            return false;
        }
    }

    private static async Task<int> TouchAsync(ToolContext tool)
    {
        var options = tool.Parse("acd:fhmr:t:", ("no-create", 'c'), ("reference", 'r'), ("date", 'd'));
        if (options.Operands.Count == 0) throw new UsageException();
        var time = tool.Clock.GetUtcNow();
        if (options.Value('r') is { } reference) time = tool.Files.Stat(tool.Path(reference)).Modified;
        if ((options.Value('d') ?? options.Value('t')) is { } date) time = DateTexts.Parse(date, tool.Clock.GetUtcNow()) ?? throw new ToolException($"invalid date '{date}'");
        var status = 0;
        foreach (var operand in options.Operands)
        {
            try
            {
                if (!tool.Files.Exists(tool.Path(operand)))
                {
                    if (options.Has('c')) continue;
                    await tool.Files.Open(tool.Path(operand), FileOpen.Append).DisposeAsync();
                }
                tool.Files.SetModified(tool.Path(operand), time);
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"{operand}: {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> LinkAsync(ToolContext tool)
    {
        var options = tool.Parse("sfnbS:vT", ("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n'), ("no-target-directory", 'T'));
        if (options.Operands.Count == 0) throw new UsageException();
        var operands = options.Operands;
        if (operands.Count == 1) operands.Add(ToolContext.LastName(operands[0]));
        var destination = operands[^1];
        var intoFolder = !options.Has('T') && tool.Find(destination, follow: !options.Has('n')) is { Kind: FileKind.Directory };
        if (operands.Count > 2 && !intoFolder) throw new UsageException();
        var status = 0;
        foreach (var target in operands.SkipLast(1))
        {
            var link = intoFolder ? destination.TrimEnd('/') + "/" + ToolContext.LastName(target) : destination;
            try
            {
                if (options.Has('f') && tool.Exists(link)) tool.Files.Remove(tool.Path(link));
                if (options.Has('s')) tool.Files.CreateSymbolicLink(tool.Path(link), target);
                else tool.Files.CreateLink(tool.Path(target), tool.Path(link));
                if (options.Has('v')) await tool.Out.WriteTextAsync($"'{link}' -> '{target}'\n");
            }
            catch (FileFaultException fault)
            {
                await tool.WarnAsync($"{(fault.Fault == FileFault.NotFound && fault.Path == tool.Path(target) ? target : link)}: {fault.Message}");
                status = 1;
            }
        }
        return status;
    }

    private static async Task<int> ChangeModeAsync(ToolContext tool)
    {
        // A mode such as -x looks like an option and isn't one.
        var words = tool.Arguments.ToList();
        var letters = words.TakeWhile(w => w.Length > 1 && w[0] == '-' && w.Skip(1).All(c => "Rcvf".Contains(c, StringComparison.Ordinal))).ToList();
        var rest = words.Skip(letters.Count).Where(w => w != "--").ToList();
        if (rest.Count < 2) throw new UsageException();
        bool Has(char letter) => letters.Exists(l => l.Contains(letter, StringComparison.Ordinal));
        var recursive = Has('R');
        var status = 0;
        foreach (var operand in rest.Skip(1))
        {
            foreach (var path in recursive ? Tree(tool, operand) : [operand])
            {
                try
                {
                    var file = tool.Files.Stat(tool.Path(path));
                    var mode = FileModes.Apply(rest[0], file.Permissions, file.Kind == FileKind.Directory) ?? throw new ToolException($"invalid mode '{rest[0]}'");
                    tool.Files.SetPermissions(tool.Path(path), mode);
                    if (Has('v') || (Has('c') && mode != file.Permissions))
                        await tool.Out.WriteTextAsync($"mode of '{path}' changed to {Convert.ToString(mode, 8).PadLeft(4, '0')} ({FileModes.Describe(file with { Permissions = mode })[1..]})\n");
                }
                catch (FileFaultException fault)
                {
                    await tool.WarnAsync($"{path}: {fault.Message}");
                    status = 1;
                }
            }
        }
        return status;
    }

    private static async Task<int> ChangeOwnerAsync(ToolContext tool)
    {
        var options = tool.Parse("Rhcvf", ("recursive", 'R'));
        if (options.Operands.Count < 2) throw new UsageException();
        var (user, group) = ((int?)null, (int?)null);
        if (tool.Name == "chgrp")
        {
            group = Accounts.Group(tool.Files, options.Operands[0]) ?? throw new ToolException($"unknown group {options.Operands[0]}");
        }
        else
        {
            var parts = options.Operands[0].Split(':', 2);
            if (parts[0].Length > 0) user = Accounts.User(tool.Files, parts[0]) ?? throw new ToolException($"unknown user {parts[0]}");
            if (parts is [_, { Length: > 0 } name]) group = Accounts.Group(tool.Files, name) ?? throw new ToolException($"unknown group {name}");
        }
        var status = 0;
        foreach (var operand in options.Operands.Skip(1))
        {
            foreach (var path in options.Has('R') ? Tree(tool, operand) : [operand])
            {
                try
                {
                    var file = tool.Files.Stat(tool.Path(path));
                    tool.Files.SetOwner(tool.Path(path), user ?? file.UserId, group ?? file.GroupId);
                }
                catch (FileFaultException fault)
                {
                    await tool.WarnAsync($"{path}: {fault.Message}");
                    status = 1;
                }
            }
        }
        return status;
    }

    private static async Task<int> TruncateAsync(ToolContext tool)
    {
        var options = tool.Parse("cs:");
        if (options.Value('s') is not { } size || options.Operands.Count == 0) throw new UsageException();
        foreach (var operand in options.Operands)
        {
            if (options.Has('c') && !tool.Exists(operand)) continue;
            await using var stream = tool.Files.Open(tool.Path(operand), FileOpen.ReadWrite);
            var length = size[0] switch { '+' => stream.Length + ToolContext.Size(size[1..]), '-' => Math.Max(0, stream.Length - ToolContext.Size(size[1..])), _ => ToolContext.Size(size) };
            stream.SetLength(length);
        }
        return 0;
    }

    private static async Task<int> MakeTemporaryAsync(ToolContext tool)
    {
        var options = tool.Parse("dqtup:", ("directory", 'd'));
        var template = options.Operands.Count > 0 ? options.Operands[0] : "tmp.XXXXXX";
        if (!template.EndsWith("XXXXXX", StringComparison.Ordinal)) throw new ToolException($"{template}: Invalid argument");
        var folder = options.Value('p') ?? (options.Operands.Count == 0 || options.Has('t') ? tool.Process.Environment.GetValueOrDefault("TMPDIR", "/tmp") : null);
        var random = tool.Process.Simulation.Random.Child($"mktemp-{tool.Process.ProcessId}-{tool.Clock.GetTimestamp()}");
        while (true)
        {
            var name = template[..^6] + random.NextSuffix(6);
            var path = folder is null ? name : folder.TrimEnd('/') + "/" + name;
            if (tool.Exists(path)) continue;
            if (options.Has('d')) tool.Files.CreateDirectory(tool.Path(path), 0b111_000_000);
            else if (!options.Has('u')) await tool.Files.Open(tool.Path(path), FileOpen.Write, 0b110_000_000).DisposeAsync();
            await tool.Out.WriteTextAsync(path + "\n");
            return 0;
        }
    }

    /// <summary>A path and all below it, links not followed, folders first.</summary>
    public static IEnumerable<string> Tree(ToolContext tool, string path)
    {
        yield return path;
        if (tool.Find(path, follow: false) is not { Kind: FileKind.Directory }) yield break;
        foreach (var name in tool.Files.List(tool.Path(path)))
        {
            foreach (var inner in Tree(tool, path.TrimEnd('/') + "/" + name)) yield return inner;
        }
    }
}
