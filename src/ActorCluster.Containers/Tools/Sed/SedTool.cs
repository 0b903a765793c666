using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Tools.Sed;

/// <summary>sed: runs a script on each line.</summary>
internal sealed class SedTool
{
    private const int SpaceLimit = 16 << 20;

    public static readonly Tool Tool = new(
        "sed",
        "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...\n\n\t-e CMD\tAdd CMD to sed commands to be executed\n\t-f FILE\tAdd FILE contents to sed commands to be executed\n\t-i[SFX]\tEdit files in-place (otherwise write to stdout)\n\t\tOptionally back files up, appending SFX\n\t-n\tSuppress automatic printing of pattern space\n\t-r,-E\tUse extended regex syntax\n\nIf no -e or -f, the first non-option argument is the sed command string.\nRemaining arguments are input files (stdin if none).",
        StartAsync);

    private readonly ToolContext _tool;
    private readonly List<SedCommand> _commands;
    private readonly bool _quiet;
    private readonly Dictionary<string, ToolOutput> _files = new(StringComparer.Ordinal);
    private readonly List<(bool IsFile, string Text)> _appended = [];
    private ToolOutput _output;
    private Func<ValueTask<(string Line, bool Ended)?>> _next = null!;
    private (string Line, bool Ended)? _ahead;
    private string _space = "";
    private string _hold = "";
    private bool _ended = true;
    private long _line;
    private bool _substituted;
    private Regex? _lastPattern;
    private int? _exit;
    private string _file = "-";

    private SedTool(ToolContext tool, List<SedCommand> commands, bool quiet)
    {
        (_tool, _commands, _quiet, _output) = (tool, commands, quiet, tool.Out);
        // "#n" apart, the files that w names are emptied at the start.
        foreach (var name in commands.Select(c => c.WriteTo ?? (c.Name == 'w' ? c.Text : null)).OfType<string>().Distinct())
            _files[name] = name == "/dev/stdout" ? tool.Out : new ToolOutput(new FileOutput(tool.Files.Open(tool.Path(name), FileOpen.Write)), tool.Killed);
    }

    private static async Task<int> StartAsync(ToolContext tool)
    {
        var options = tool.Parse("i::nrEse:f:z", ("in-place", 'i'), ("regexp-extended", 'r'), ("quiet", 'n'), ("silent", 'n'), ("expression", 'e'), ("file", 'f'));
        var script = new List<string>();
        foreach (var (letter, value) in options.Given)
        {
            if (letter == 'e') script.Add(ToolContext.Bytes(value!));
            else if (letter == 'f') script.Add(Shell.ByteText.FromBytes(await tool.ReadAllAsync(tool.Open(value!))).TrimEnd('\n'));
        }
        var files = options.Operands.ToList();
        if (script.Count == 0)
        {
            if (files.Count == 0) throw new UsageException();
            script.Add(ToolContext.Bytes(files[0]));
            files.RemoveAt(0);
        }
        var quiet = options.Has('n') || script[0].StartsWith("#n\n", StringComparison.Ordinal);
        var extended = options.Has('r') || options.Has('E');
        List<SedCommand> Compile() => SedParser.Parse(string.Join('\n', script), extended);
        try
        {
            if (!options.Has('i')) return await new SedTool(tool, Compile(), quiet).RunAsync(files.Count > 0 ? files : ["-"]);
            var status = 0;
            foreach (var file in files)
            {
                if (await new SedTool(tool, Compile(), quiet).EditAsync(file, options.Value('i')) != 0) status = 1;
            }
            return status;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ToolException("exceeded the limit of backtracking");
        }
    }

    private async Task<int> EditAsync(string file, string? suffix)
    {
        if (_tool.Find(file) is not { } before)
        {
            await _tool.WarnAsync($"{file}: No such file or directory");
            return 1;
        }
        var path = _tool.Path(file);
        var temporary = path + "." + _tool.Process.ProcessId.ToString(CultureInfo.InvariantCulture) + ".sed";
        int status;
        await using (var stream = _tool.Files.Open(temporary, FileOpen.Write, before.Permissions))
        {
            _output = new ToolOutput(new FileOutput(stream), _tool.Killed);
            status = await RunAsync([file]);
            await _output.FlushAsync();
        }
        if (!string.IsNullOrEmpty(suffix)) _tool.Files.Rename(path, path + suffix);
        try
        {
            _tool.Files.Rename(temporary, path);
        }
        catch (FileFaultException fault) when (fault.Fault is FileFault.Busy or FileFault.CrossDevice)
        {
            _tool.Files.Remove(temporary);
            throw new ToolException($"cannot rename {temporary}: {fault.Message}");
        }
        return status;
    }

    private async Task<int> RunAsync(List<string> files)
    {
        var status = 0;
        var lines = Read(files, () => status = 1).GetAsyncEnumerator(_tool.Killed);
        try
        {
            _next = async () => await lines.MoveNextAsync() ? lines.Current : null;
            _ahead = await _next();
            while (_exit is null && await NextLineAsync())
            {
                await CycleAsync();
                _tool.Killed.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await lines.DisposeAsync();
        }
        foreach (var file in _files.Values) await file.FlushAsync();
        return _exit ?? status;
    }

    private async IAsyncEnumerable<(string, bool)> Read(List<string> files, Action failed)
    {
        foreach (var file in files)
        {
            IInputStream input;
            try
            {
                input = _tool.Open(file);
            }
            catch (FileFaultException fault)
            {
                await _tool.WarnAsync(fault.Fault == FileFault.IsADirectory ? $"couldn't edit {file}: not a regular file" : $"{file}: {fault.Message}");
                failed();
                continue;
            }
            _file = file;
            var lines = new LineReader(input, _output, _tool.Killed);
            while (await lines.ReadAsync() is { } line) yield return (line, lines.Ended);
        }
    }

    private async ValueTask<bool> NextLineAsync()
    {
        if (_ahead is not { } line) return false;
        (_space, _ended) = line;
        _ahead = await _next();
        _line++;
        return true;
    }

    private async ValueTask CycleAsync()
    {
        _substituted = false;
        while (true)
        {
            var outcome = await RunCommandsAsync();
            if (outcome == Outcome.Restart) continue;
            if (outcome == Outcome.End && !_quiet) await PrintAsync(_space);
            break;
        }
        await FlushAppendedAsync();
    }

    private enum Outcome
    {
        End,

        /// <summary>Without printing.</summary>
        Delete,

        /// <summary>D: once more with what is left.</summary>
        Restart,
    }

    private async ValueTask<Outcome> RunCommandsAsync()
    {
        for (var i = 0; i < _commands.Count; i++)
        {
            var command = _commands[i];
            if (Selects(command) == command.Negated)
            {
                if (command.Name == '{') i = command.Target - 1;
                continue;
            }
            if (_space.Length > SpaceLimit || _hold.Length > SpaceLimit) throw new ToolException("out of memory");
            switch (command.Name)
            {
                case '{': break;
                case 'b': i = Jump(command); break;
                case 't' when _substituted:
                    _substituted = false;
                    i = Jump(command);
                    break;
                case 't': break;
                case 'T' when !_substituted: i = Jump(command); break;
                case 'T': _substituted = false; break;
                case 's': await SubstituteAsync(command); break;
                case 'y': _space = string.Concat(_space.Select(c => command.Map![c & 0xff])); break;
                case 'd': return Outcome.Delete;
                case 'D' when _space.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end:
                    _space = _space[(end + 1)..];
                    await FlushAppendedAsync();
                    return Outcome.Restart;
                case 'D': return Outcome.Delete;
                case 'p': await PrintAsync(_space); break;
                case 'P': await PrintAsync(_space.Split('\n', 2)[0]); break;
                case '=': await _output.WriteAsync(_line.ToString(CultureInfo.InvariantCulture) + "\n"); break;
                case 'l': await _output.WriteAsync(Unambiguous(_space) + "$\n"); break;
                case 'F': await _output.WriteTextAsync(_file + "\n"); break;
                case 'g': _space = _hold; break;
                case 'G': _space += "\n" + _hold; break;
                case 'h': _hold = _space; break;
                case 'H': _hold += "\n" + _space; break;
                case 'x': (_space, _hold) = (_hold, _space); break;
                case 'z': _space = ""; break;
                case 'a': _appended.Add((false, command.Text)); break;
                case 'r': _appended.Add((true, command.Text)); break;
                case 'i': await _output.WriteAsync(command.Text); break;
                case 'c':
                    // A range is replaced as a whole, at its end.
                    if (command.To is null || command.Negated || !command.InRange) await _output.WriteAsync(command.Text);
                    return Outcome.Delete;
                case 'w': await WriteAsync(command.Text); break;
                case 'n':
                    if (_ahead is null) return await QuitAsync(_quiet);
                    if (!_quiet) await PrintAsync(_space);
                    await FlushAppendedAsync();
                    await NextLineAsync();
                    break;
                case 'N':
                    if (_ahead is null) return await QuitAsync(_quiet);
                    var before = _space;
                    await FlushAppendedAsync();
                    await NextLineAsync();
                    _space = before + "\n" + _space;
                    break;
                case 'q':
                    _exit = command.ExitCode;
                    return Outcome.End;
                case 'Q':
                    _exit = command.ExitCode;
                    return Outcome.Delete;
                default: throw new InvalidOperationException($"Unknown command {command.Name}.");
            }
        }
        return Outcome.End;
    }

    /// <summary>n and N at the end of input: print what there is, and that's it.</summary>
    private ValueTask<Outcome> QuitAsync(bool silent)
    {
        _exit = 0;
        return new(silent ? Outcome.Delete : Outcome.End);
    }

    private int Jump(SedCommand command)
    {
        _tool.Killed.ThrowIfCancellationRequested();
        return command.Target - 1;
    }

    private bool Selects(SedCommand command)
    {
        if (command.From is null) return true;
        if (command.To is null) return Matches(command.From);
        if (command.InRange)
        {
            if (command.To.Kind == AddressKind.Pattern)
            {
                if (Matches(command.To)) command.InRange = false;
                return true;
            }
            if (command.To.Kind == AddressKind.Last)
            {
                if (_ahead is null) command.InRange = false;
                return true;
            }
            if (_line >= command.RangeEnd) command.InRange = false;
            return _line <= command.RangeEnd;
        }
        // 0,/re/ may end on the first line already.
        if (command.From is { Kind: AddressKind.Line, Number: 0 } && command.To.Kind == AddressKind.Pattern)
        {
            if (_line != 1) return false;
            command.InRange = !Matches(command.To);
            return true;
        }
        if (!Matches(command.From)) return false;
        command.RangeEnd = command.To.Kind switch
        {
            AddressKind.Offset => _line + command.To.Number,
            AddressKind.Multiple => command.To.Number <= 0 ? _line : (_line + command.To.Number - 1) / command.To.Number * command.To.Number,
            AddressKind.Line => command.To.Number,
            _ => long.MaxValue,
        };
        command.InRange = command.To.Kind == AddressKind.Last ? _ahead is not null : command.RangeEnd > _line;
        return true;
    }

    private bool Matches(Address address) => address.Kind switch
    {
        AddressKind.Line => _line == address.Number,
        AddressKind.Last => _ahead is null,
        AddressKind.Step => address.Step <= 0 ? _line == address.Number : _line >= address.Number && (_line - address.Number) % address.Step == 0,
        _ => Use(address.Pattern).IsMatch(_space),
    };

    private Regex Use(Regex? pattern) => _lastPattern = pattern ?? _lastPattern ?? throw new ToolException("no previous regexp");

    private async ValueTask SubstituteAsync(SedCommand command)
    {
        var pattern = Use(command.Pattern);
        var result = new StringBuilder();
        var (at, count, done) = (0, 0, false);
        for (var match = pattern.Match(_space); match.Success; match = match.NextMatch())
        {
            // An empty match just behind the one before is none.
            if (match.Length == 0 && match.Index == at && count > 0 && at > 0) continue;
            count++;
            if (count < command.Occurrence) continue;
            result.Append(_space, at, match.Index - at);
            Append(result, command.Replacement, match);
            at = match.Index + match.Length;
            done = true;
            if (!command.Global || result.Length > SpaceLimit) break;
        }
        if (!done) return;
        _space = result.Append(_space, at, _space.Length - at).ToString();
        _substituted = true;
        if (command.Print) await PrintAsync(_space);
        if (command.WriteTo is not null) await WriteAsync(command.WriteTo);
    }

    private static void Append(StringBuilder result, IReadOnlyList<ReplacementPart> parts, Match match)
    {
        var (mode, once) = ('E', '\0');
        foreach (var part in parts)
        {
            if (part.Case != '\0')
            {
                if (part.Case is 'u' or 'l') once = part.Case;
                else mode = part.Case;
                continue;
            }
            var text = part.Group < 0 ? part.Text : match.Groups[part.Group].Value;
            text = mode switch { 'U' => text.ToUpperInvariant(), 'L' => text.ToLowerInvariant(), _ => text };
            if (once != '\0' && text.Length > 0)
            {
                text = (once == 'u' ? char.ToUpperInvariant(text[0]) : char.ToLowerInvariant(text[0])) + text[1..];
                once = '\0';
            }
            result.Append(text);
        }
    }

    /// <summary>A last line without a newline is printed without one.</summary>
    private ValueTask PrintAsync(string text) => _output.WriteAsync(_ended || _ahead is not null ? text + "\n" : text);

    private ValueTask WriteAsync(string file) => _files[file].WriteAsync(_space + "\n");

    private async ValueTask FlushAppendedAsync()
    {
        foreach (var (isFile, text) in _appended)
        {
            if (!isFile) await _output.WriteAsync(text);
            else if (_tool.Find(text) is { Kind: not FileKind.Directory }) await _output.WriteAsync(await _tool.ReadAllAsync(_tool.Open(text)));
        }
        _appended.Clear();
    }

    private static string Unambiguous(string text)
    {
        var result = new StringBuilder();
        foreach (var c in text)
        {
            result.Append(c switch
            {
                '\\' => "\\\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < ' ' or > '~' => "\\" + Convert.ToString(c, 8).PadLeft(3, '0'),
                _ => c.ToString(),
            });
        }
        return result.ToString();
    }
}
