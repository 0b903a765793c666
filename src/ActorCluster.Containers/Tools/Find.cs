using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Tools;

/// <summary>find: an expression evaluated for each file of a tree.</summary>
internal sealed class Find
{
    public static readonly Tool Tool = new(
        "find",
        "[-HL] [PATH]... [OPTIONS] [ACTIONS]\n\nSearch for files and perform actions on them.\nFirst failed action stops processing of current file.\nDefaults: PATH is current directory, action is '-print'\n\n\t-L,-follow\tFollow symlinks\n\t-maxdepth N\tDescend at most N levels\n\t-mindepth N\tDon't act on first N levels\n\t-depth\t\tAct on directory *after* traversing it\n\nActions:\n\t( ACTIONS ) ! ACT, ACT1 [-a] ACT2, ACT1 -o ACT2\n\t-name -iname -path -ipath -regex PATTERN, -type X, -perm MASK, -size N[bck], -empty\n\t-mtime DAYS -mmin MINS -newer FILE, -executable\n\t-prune, -quit, -print, -print0, -delete, -exec CMD ARG ;, -exec CMD ARG +",
        tool => new Find(tool).RunAsync());

    private readonly ToolContext _tool;
    private readonly IReadOnlyList<string> _words;
    private readonly List<(List<string> Command, List<string> Paths)> _batches = [];
    private int _at;
    private int _depth;
    private int _maximum = int.MaxValue;
    private int _minimum;
    private bool _folderLast;
    private bool _follow;
    private bool _acts;
    private bool _quit;
    private bool _prune;
    private int _status;

    private Find(ToolContext tool) => (_tool, _words) = (tool, tool.Arguments);

    private sealed record Item(string Path, FileStatus Status, int Depth);

    private delegate ValueTask<bool> Condition(Item item);

    private async Task<int> RunAsync()
    {
        var paths = new List<string>();
        for (; _at < _words.Count && _words[_at] is "-L" or "-H" or "-P"; _at++) _follow |= _words[_at] == "-L";
        while (_at < _words.Count && !_words[_at].StartsWith('-') && _words[_at] is not ("(" or "!")) paths.Add(_words[_at++]);
        Condition condition = _at < _words.Count ? Or() : _ => new(true);
        if (_at < _words.Count) throw new ToolException($"unrecognized: {_words[_at]}");
        if (!_acts)
        {
            var tests = condition;
            condition = async item => await tests(item) && await PrintAsync(item, "\n");
        }
        foreach (var path in paths.Count > 0 ? paths : ["."])
        {
            await WalkAsync(path, condition, 0);
            if (_quit) break;
        }
        foreach (var (command, found) in _batches) await FlushAsync(command, found);
        return _status;
    }

    private async ValueTask WalkAsync(string path, Condition condition, int depth)
    {
        _tool.Killed.ThrowIfCancellationRequested();
        FileStatus status;
        try
        {
            status = (_follow ? _tool.Find(path) : null) ?? _tool.Files.Stat(_tool.Path(path), followLinks: false);
        }
        catch (FileFaultException fault)
        {
            await _tool.WarnAsync($"{path}: {fault.Message}");
            _status = 1;
            return;
        }
        var item = new Item(path, status, depth);
        _prune = false;
        if (!_folderLast && depth >= _minimum) await condition(item);
        if (_quit) return;
        if (status.Kind == FileKind.Directory && depth < _maximum && !_prune && depth < 200)
        {
            IReadOnlyList<string> names = [];
            try
            {
                names = _tool.Files.List(_tool.Path(path));
            }
            catch (FileFaultException fault)
            {
                await _tool.WarnAsync($"{path}: {fault.Message}");
                _status = 1;
            }
            foreach (var name in names)
            {
                await WalkAsync((path == "/" ? "" : path.TrimEnd('/')) + "/" + name, condition, depth + 1);
                if (_quit) return;
            }
        }
        if (_folderLast && depth >= _minimum) await condition(item);
    }

    private Condition Or()
    {
        if (++_depth > 100) throw new ToolException("nested too deeply");
        var left = And();
        while (_at < _words.Count && _words[_at] is "-o" or "-or")
        {
            _at++;
            var (first, second) = (left, And());
            left = async item => await first(item) || await second(item);
        }
        _depth--;
        return left;
    }

    private Condition And()
    {
        var left = Not();
        while (_at < _words.Count && _words[_at] is not ("-o" or "-or" or ")" or ","))
        {
            if (_words[_at] is "-a" or "-and") _at++;
            var (first, second) = (left, Not());
            left = async item => await first(item) && await second(item);
        }
        return left;
    }

    private Condition Not()
    {
        if (_at < _words.Count && _words[_at] is "!" or "-not")
        {
            _at++;
            if (++_depth > 100) throw new ToolException("nested too deeply");
            var inner = Not();
            _depth--;
            return async item => !await inner(item);
        }
        return Primary();
    }

    private string Argument(string option) => _at < _words.Count ? _words[_at++] : throw new UsageException($"option {option} requires an argument");

    private Condition Primary()
    {
        if (_at >= _words.Count) throw new UsageException("expected an expression");
        var word = _words[_at++];
        switch (word)
        {
            case "(":
                var inner = Or();
                if (_at >= _words.Count || _words[_at] != ")") throw new ToolException("unmatched '('");
                _at++;
                return inner;
            case "-name" or "-iname": return Names(Argument(word), word == "-iname", item => ToolContext.LastName(item.Path));
            case "-path" or "-ipath" or "-wholename": return Names(Argument(word), word == "-ipath", item => item.Path);
            case "-regex":
                var regex = PosixRegex.Compile(Argument(word), extended: false, ignoreCase: false, wholeLine: true);
                return item => new(regex.IsMatch(item.Path));
            case "-type":
                var kinds = Argument(word).Split(',');
                if (Array.Find(kinds, k => k is not ("f" or "d" or "l" or "c" or "b" or "p" or "s")) is { } bad) throw new ToolException($"invalid argument '{bad}' to '-type'");
                return item => new(kinds.Contains(item.Status.Kind switch { FileKind.Directory => "d", FileKind.SymbolicLink => "l", FileKind.Device => "c", _ => "f" }));
            case "-perm": return Permissions(Argument(word));
            case "-executable": return item => new((item.Status.Permissions & 0b001_001_001) != 0);
            case "-mtime" or "-atime" or "-ctime": return Age(Argument(word), TimeSpan.FromDays(1));
            case "-mmin" or "-amin" or "-cmin": return Age(Argument(word), TimeSpan.FromMinutes(1));
            case "-newer":
                var reference = _tool.Files.Stat(_tool.Path(Argument(word))).Modified;
                return item => new(item.Status.Modified > reference);
            case "-links":
                var links = Compared(Argument(word));
                return item => new(links(item.Status.Links));
            case "-user":
                var user = Argument(word) is var login && Accounts.User(_tool.Files, login) is { } uid ? uid : throw new ToolException($"unknown user {login}");
                return item => new(item.Status.UserId == user);
            case "-size": return Size(Argument(word));
            case "-empty": return item => new(item.Status.Kind == FileKind.Directory ? _tool.Files.List(_tool.Path(item.Path)).Count == 0 : item.Status is { Kind: FileKind.Regular, Length: 0 });
            case "-maxdepth" or "-mindepth":
                var levels = (int)Math.Clamp(ToolContext.Number(Argument(word)), 0, int.MaxValue);
                if (word == "-maxdepth") _maximum = levels;
                else _minimum = levels;
                return _ => new(true);
            case "-depth":
                _folderLast = true;
                return _ => new(true);
            case "-follow":
                _follow = true;
                return _ => new(true);
            case "-xdev" or "-mount" or "-true": return _ => new(true);
            case "-false": return _ => new(false);
            case "-prune":
                return _ =>
                {
                    _prune = true;
                    return new(true);
                };
            case "-quit":
                return _ =>
                {
                    _quit = true;
                    return new(true);
                };
            case "-print":
                _acts = true;
                return item => PrintAsync(item, "\n");
            case "-print0":
                _acts = true;
                return item => PrintAsync(item, "\0");
            case "-delete":
                (_acts, _folderLast) = (true, true);
                return DeleteAsync;
            case "-exec" or "-ok": return Exec();
            default: throw new ToolException($"unrecognized: {word}");
        }
    }

    private static Condition Names(string pattern, bool ignoreCase, Func<Item, string> text)
    {
        var compiled = new ShellPattern(ignoreCase ? pattern.ToLowerInvariant() : pattern);
        return item => new(compiled.Matches(ignoreCase ? text(item).ToLowerInvariant() : text(item)));
    }

    private static Condition Permissions(string mask)
    {
        var how = mask.Length > 0 && mask[0] is '-' or '+' or '/' ? mask[0] : '\0';
        var bits = FileModes.Apply(how == '\0' ? mask : mask[1..], 0, false) ?? throw new ToolException($"invalid mode '{mask}'");
        return item => new(how switch { '-' => (item.Status.Permissions & bits) == bits, '\0' => item.Status.Permissions == bits, _ => (item.Status.Permissions & bits) != 0 });
    }

    private Condition Age(string text, TimeSpan unit)
    {
        var matches = Compared(text);
        return item => new(matches((long)Math.Floor((_tool.Clock.GetUtcNow() - item.Status.Modified) / unit)));
    }

    private static Condition Size(string text)
    {
        var unit = text.Length == 0 ? 512 : text[^1] switch { 'c' => 1, 'w' => 2, 'k' => 1024, 'M' => 1 << 20, 'G' => 1 << 30, _ => 512 };
        var matches = Compared(text.TrimEnd('c', 'b', 'k', 'w', 'M', 'G'));
        return item => new(matches((item.Status.Length + unit - 1) / unit));
    }

    /// <summary>+N, -N or N.</summary>
    private static Func<long, bool> Compared(string text)
    {
        var how = text.Length > 0 && text[0] is '+' or '-' ? text[0] : '\0';
        var limit = ToolContext.Number(how == '\0' ? text : text[1..]);
        return value => how switch { '+' => value > limit, '-' => value < limit, _ => value == limit };
    }

    private async ValueTask<bool> PrintAsync(Item item, string end)
    {
        await _tool.Out.WriteTextAsync(item.Path + end);
        return true;
    }

    private async ValueTask<bool> DeleteAsync(Item item)
    {
        if (item.Path is "." or "./") return true;
        try
        {
            _tool.Files.Remove(_tool.Path(item.Path));
            return true;
        }
        catch (FileFaultException fault)
        {
            await _tool.WarnAsync($"{item.Path}: {fault.Message}");
            _status = 1;
            return false;
        }
    }

    private Condition Exec()
    {
        _acts = true;
        var command = new List<string>();
        while (_at < _words.Count && _words[_at] != ";" && !(_words[_at] == "+" && command is [.., "{}"])) command.Add(_words[_at++]);
        if (_at >= _words.Count || command.Count == 0) throw new UsageException("-exec requires an argument");
        if (_words[_at++] == "+")
        {
            var batch = (Command: command[..^1], Paths: new List<string>());
            _batches.Add(batch);
            return async item =>
            {
                batch.Paths.Add(item.Path);
                if (batch.Paths.Count >= 5000) await FlushAsync(batch.Command, batch.Paths);
                return true;
            };
        }
        return async item =>
        {
            IReadOnlyList<string> words = [.. command.Select(w => w.Replace("{}", item.Path, StringComparison.Ordinal))];
            return await Launch.StartAsync(_tool, words) is { } process && await process.Exit.WaitAsync(_tool.Killed) == 0;
        };
    }

    private async ValueTask FlushAsync(List<string> command, List<string> paths)
    {
        if (paths.Count == 0) return;
        string[] words = [.. command, .. paths];
        paths.Clear();
        if (await Launch.StartAsync(_tool, words) is not { } process || await process.Exit.WaitAsync(_tool.Killed) != 0) _status = 1;
    }
}
