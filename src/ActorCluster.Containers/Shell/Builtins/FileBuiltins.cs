using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>cd, pwd, umask, ulimit, test, printf.</summary>
internal static class FileBuiltins
{
    public static async ValueTask<int> ChangeDirectoryAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var physical = false;
        var i = 1;
        for (; i < words.Count && words[i] is "-L" or "-P" or "--"; i++) physical = words[i] == "-P";
        var target = i < words.Count ? words[i] : shell.State.Get("HOME");
        if (string.IsNullOrEmpty(target)) return 0;
        var print = target == "-";
        if (print) target = shell.State.Get("OLDPWD") ?? throw new ShellFaultException("OLDPWD not set", 2);
        target = FromSearchPath(shell, target, ref print);
        var path = Normalize(shell.Absolute(target));
        try
        {
            if (shell.Context.Files.Stat(shell.Absolute(target)).Kind != FileKind.Directory) throw new FileFaultException(FileFault.NotADirectory, target);
            if (physical && shell.Context.Files is ProcessFiles files) path = files.Canonical(path, mustExist: true);
        }
        catch (FileFaultException fault)
        {
            await shell.WarnAsync($"can't cd to {target}: {fault.Message}");
            return 2;
        }
        shell.State.Set("OLDPWD", shell.State.WorkingDirectory);
        shell.State.WorkingDirectory = path;
        shell.Context.WorkingDirectory = path;
        shell.State.Set("PWD", path);
        if (print) await shell.WriteAsync(1, path + "\n");
        return 0;
    }

    public static async ValueTask<int> PrintDirectoryAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var path = shell.State.WorkingDirectory;
        if (words is [_, "-P", ..] && shell.Context.Files is ProcessFiles files) path = files.Canonical(path, mustExist: true);
        await shell.WriteAsync(1, path + "\n");
        return 0;
    }

    public static async ValueTask<int> UmaskAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count == 1)
        {
            await shell.WriteAsync(1, "0" + Convert.ToString(shell.State.Umask, 8).PadLeft(3, '0') + "\n");
            return 0;
        }
        if (words[1] == "-S")
        {
            var granted = ~shell.State.Umask & 0x1ff;
            await shell.WriteAsync(1, $"u={Letters(granted >> 6)},g={Letters(granted >> 3)},o={Letters(granted)}\n");
            return 0;
        }
        int? mask = words[1].Length is > 0 and <= 4 && words[1].All(c => c is >= '0' and <= '7') ? Convert.ToInt32(words[1], 8) & 0x1ff
            : FileModes.Apply(words[1], ~shell.State.Umask & 0x1ff, isDirectory: false) is { } mode ? ~mode & 0x1ff
            : null;
        if (mask is null) throw new ShellFaultException($"illegal mode: {words[1]}", 2);
        shell.State.Umask = shell.Context.Self!.Umask = mask.Value;
        return 0;
    }

    private static string Letters(int bits) => ((bits & 4) != 0 ? "r" : "") + ((bits & 2) != 0 ? "w" : "") + ((bits & 1) != 0 ? "x" : "");

    public static async ValueTask<int> LimitAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        if (words.Count <= 2 && words.All(w => w == "ulimit" || w.StartsWith('-')))
            await shell.WriteAsync(1, (words is [_, [.., 'n']] ? "1048576" : words is [_, [.., 'c']] ? "0" : "unlimited") + "\n");
        return 0;
    }

    public static async ValueTask<int> TestAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        try
        {
            return Test.Evaluate(words, shell.Context.Files, shell.State.WorkingDirectory, d => shell.Files.Find(d) is { } file && (file.Input ?? (object?)file.Output) is ITerminalStream) ? 0 : 1;
        }
        catch (TestSyntaxException fault)
        {
            await shell.WriteErrorAsync($"{shell.State.Name}: {fault.Message}\n");
            return 2;
        }
    }

    public static async ValueTask<int> PrintfAsync(Interpreter shell, IReadOnlyList<string> words)
    {
        var (output, errors, status) = Printf.Format(words);
        await shell.WriteAsync(1, output);
        foreach (var error in errors) await shell.WriteErrorAsync($"{shell.State.Name}: {error}\n");
        return status;
    }

    /// <summary>CDPATH: where a relative folder is looked for.</summary>
    private static string FromSearchPath(Interpreter shell, string target, ref bool print)
    {
        if (target[0] == '/' || target is "." or ".." || target.StartsWith("./", StringComparison.Ordinal) || target.StartsWith("../", StringComparison.Ordinal)) return target;
        foreach (var folder in (shell.State.Get("CDPATH") ?? "").Split(':'))
        {
            if (folder.Length == 0) continue;
            var candidate = folder.TrimEnd('/') + "/" + target;
            if (!shell.Context.Files.Exists(shell.Absolute(candidate)) || shell.Context.Files.Stat(shell.Absolute(candidate)).Kind != FileKind.Directory) continue;
            print = true;
            return candidate;
        }
        return target;
    }

    /// <summary>Without "." and "..", by the names alone, as cd -L has it.</summary>
    public static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
        }
        return "/" + string.Join('/', parts);
    }
}
