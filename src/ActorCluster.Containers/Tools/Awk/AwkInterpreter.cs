using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActorCluster.Containers.Shell;

namespace ActorCluster.Containers.Tools.Awk;

/// <summary>Runs an awk program: rules and statements. Expressions and the functions are in the other parts.</summary>
internal sealed partial class AwkInterpreter
{
    private const int CallLimit = 1000;
    private const int TextLimit = 64 << 20;

    private readonly ToolContext _tool;
    private readonly AwkProgram _program;
    private readonly AwkStreams _streams;
    private readonly AwkRecord _record;
    private const int ElementLimit = 500_000;

    private readonly Dictionary<string, AwkValue> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, AwkValue>> _arrays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Regex> _regexes = new(StringComparer.Ordinal);
    private readonly Stack<Frame> _frames = new();
    private Jump _jump;
    private AwkValue _returned;
    private int _exitCode;
    private int _steps;
    private LineReader? _input;
    private int _argument = 1;
    private bool _usedStdin;

    public AwkInterpreter(ToolContext tool, AwkProgram program)
    {
        (_tool, _program, _streams) = (tool, program, new AwkStreams(tool));
        _record = new AwkRecord(name => Text(Get(name)), CompileCached);
        foreach (var (name, value) in new[] { ("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\u001c"), ("CONVFMT", "%.6g"), ("OFMT", "%.6g"), ("FILENAME", "") })
            _variables[name] = AwkValue.Of(value);
        foreach (var name in new[] { "NR", "FNR", "RSTART" }) _variables[name] = AwkValue.Of(0);
        _variables["RLENGTH"] = AwkValue.Of(-1);
        var environment = Array("ENVIRON");
        foreach (var (name, value) in tool.Process.Environment) environment[ByteText.FromText(name)] = AwkValue.Input(ByteText.FromText(value));
    }

    private enum Jump
    {
        None,
        Next,
        NextFile,
        Exit,
        Return,
        Break,
        Continue,
    }

    /// <summary>A function's own variables: values, and arrays that are its own or the caller's.</summary>
    private sealed class Frame
    {
        public Dictionary<string, AwkValue> Values { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, Dictionary<string, AwkValue>> Arrays { get; } = new(StringComparer.Ordinal);
    }

    public void Assign(string name, string value) => Set(name, AwkValue.Input(Escapes.Decode(ByteText.FromText(value), EscapeStyle.Format, out _)));

    /// <param name="arguments">ARGV without the program's name.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var argv = Array("ARGV");
        argv["0"] = AwkValue.Of("awk");
        for (var i = 0; i < arguments.Count; i++) argv[(i + 1).ToString(CultureInfo.InvariantCulture)] = AwkValue.Input(ByteText.FromText(arguments[i]));
        _variables["ARGC"] = AwkValue.Of(arguments.Count + 1);

        await RunRulesAsync(AwkRuleKind.Begin);
        if (_jump != Jump.Exit && _program.Rules.Any(r => r.Kind != AwkRuleKind.Begin)) await RunRecordsAsync();
        var exited = _jump == Jump.Exit;
        _jump = Jump.None;
        // exit in BEGIN skips END, too, unless there was input; elsewhere END still runs.
        if (!exited || _program.Rules.Any(r => r.Kind != AwkRuleKind.Begin)) await RunRulesAsync(AwkRuleKind.End);
        await _streams.CloseAllAsync();
        return _exitCode & 0xff;
    }

    private async ValueTask RunRulesAsync(AwkRuleKind kind)
    {
        foreach (var rule in _program.Rules.Where(r => r.Kind == kind))
        {
            await ExecuteAsync(rule.Body!);
            if (_jump == Jump.Exit) return;
            _jump = Jump.None;
        }
    }

    private async ValueTask RunRecordsAsync()
    {
        while (_jump != Jump.Exit && await ReadRecordAsync() is { } record)
        {
            _record.Set(record);
            foreach (var rule in _program.Rules)
            {
                if (rule.Kind is AwkRuleKind.Begin or AwkRuleKind.End || !await SelectsAsync(rule)) continue;
                if (rule.Body is null) await _tool.Out.WriteAsync(Text(_record.Get(0)) + Text(Get("ORS")));
                else await ExecuteAsync(rule.Body);
                if (_jump != Jump.None) break;
            }
            if (_jump == Jump.NextFile) _input = null;
            if (_jump != Jump.Exit) _jump = Jump.None;
        }
    }

    private async ValueTask<bool> SelectsAsync(AwkRule rule)
    {
        if (rule.Kind == AwkRuleKind.Pattern) return rule.From is null || (await EvaluateAsync(rule.From)).IsTrue;
        if (!rule.InRange && !(await EvaluateAsync(rule.From!)).IsTrue) return false;
        rule.InRange = !(await EvaluateAsync(rule.To!)).IsTrue;
        return true;
    }

    private async ValueTask<string?> ReadRecordAsync()
    {
        while (true)
        {
            if (_input is null && !await OpenNextAsync()) return null;
            if (await ReadRecordAsync(_input!) is { } record)
            {
                Set("NR", AwkValue.Of(Get("NR").ToNumber() + 1));
                Set("FNR", AwkValue.Of(Get("FNR").ToNumber() + 1));
                return record;
            }
            _input = null;
        }
    }

    /// <summary>One record by RS: a line, up to a character, a paragraph, or up to a regular expression.</summary>
    private async ValueTask<string?> ReadRecordAsync(LineReader lines)
    {
        var separator = Text(Get("RS"));
        if (separator == "\n") return await lines.ReadAsync();
        if (!_pending.TryGetValue(lines, out var rest))
        {
            var all = new System.Text.StringBuilder();
            while (await lines.ReadAsync() is { } line)
            {
                all.Append(line).Append(lines.Ended ? "\n" : "");
                if (all.Length > TextLimit) throw new ToolException("out of memory", 2);
            }
            rest = all.ToString();
        }
        if (separator.Length == 0) rest = rest.TrimStart('\n');
        if (rest.Length == 0 || rest == "\n")
        {
            _pending[lines] = "";
            return null;
        }
        var match = CompileCached(separator.Length == 0 ? "\n\n+" : separator.Length == 1 ? Grep.EscapeExtended(separator) : separator).Match(rest);
        var end = match.Success && match.Length > 0 ? match.Index : rest.Length;
        _pending[lines] = match.Success && match.Length > 0 ? rest[(match.Index + match.Length)..] : "";
        var record = rest[..end];
        return _pending[lines].Length == 0 && record.EndsWith('\n') ? record[..^1] : record;
    }

    private readonly Dictionary<LineReader, string> _pending = [];

    private async ValueTask<bool> OpenNextAsync()
    {
        while (_argument < Get("ARGC").ToNumber())
        {
            var word = Array("ARGV").TryGetValue((_argument++).ToString(CultureInfo.InvariantCulture), out var value) ? ByteText.ToText(Text(value)) : "";
            if (word.Length == 0) continue;
            if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && Shell.Syntax.Parser.IsName(word[..equals]))
            {
                Assign(word[..equals], word[(equals + 1)..]);
                continue;
            }
            _usedStdin = true;
            try
            {
                _input = _tool.Lines(_tool.Open(word));
            }
            catch (FileSystem.FileFaultException fault)
            {
                await _tool.WarnAsync($"{word}: {fault.Message}");
                _exitCode = 1;
                continue;
            }
            Set("FILENAME", AwkValue.Of(ByteText.FromText(word)));
            Set("FNR", AwkValue.Of(0));
            return true;
        }
        if (_usedStdin) return false;
        _usedStdin = true;
        _input = _tool.Lines(_tool.Process.Stdin);
        return true;
    }

    private async ValueTask ExecuteAsync(Statement statement)
    {
        if (++_steps % 256 == 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) await Task.Yield();
        _tool.Killed.ThrowIfCancellationRequested();
        switch (statement)
        {
            case BlockStatement block:
                foreach (var inner in block.Statements)
                {
                    await ExecuteAsync(inner);
                    if (_jump != Jump.None) return;
                }
                break;
            case ExpressionStatement expression: await EvaluateAsync(expression.Expression); break;
            case PrintStatement print: await PrintAsync(print); break;
            case IfStatement choice:
                if ((await EvaluateAsync(choice.Condition)).IsTrue) await ExecuteAsync(choice.Then);
                else if (choice.Else is not null) await ExecuteAsync(choice.Else);
                break;
            case LoopStatement loop: await LoopAsync(loop); break;
            case ForInStatement loop:
                foreach (var key in Array(loop.Array).Keys.ToArray())
                {
                    Set(loop.Variable, AwkValue.Input(key));
                    await ExecuteAsync(loop.Body);
                    if (!GoesOn()) break;
                }
                break;
            case DeleteStatement { Index: null } delete: Array(delete.Array).Clear(); break;
            case DeleteStatement delete: Array(delete.Array).Remove(await KeyAsync(delete.Index!)); break;
            case JumpStatement jump:
                if (jump.Value is not null) _returned = await EvaluateAsync(jump.Value);
                else if (jump.Word == "return") _returned = AwkValue.Empty;
                if (jump is { Word: "exit", Value: not null }) _exitCode = (int)_returned.ToNumber();
                _jump = jump.Word switch { "next" => Jump.Next, "nextfile" => Jump.NextFile, "exit" => Jump.Exit, "return" => Jump.Return, "break" => Jump.Break, _ => Jump.Continue };
                break;
            default: throw new InvalidOperationException($"Unknown statement {statement.GetType().Name}.");
        }
    }

    private async ValueTask LoopAsync(LoopStatement loop)
    {
        if (loop.Start is not null) await ExecuteAsync(loop.Start);
        var test = loop.TestFirst;
        while (true)
        {
            if (test && loop.Condition is not null && !(await EvaluateAsync(loop.Condition)).IsTrue) return;
            test = true;
            await ExecuteAsync(loop.Body);
            if (!GoesOn()) return;
            if (loop.Step is not null) await ExecuteAsync(loop.Step);
        }
    }

    private bool GoesOn()
    {
        var goesOn = _jump is Jump.None or Jump.Continue;
        if (_jump is Jump.Continue or Jump.Break) _jump = Jump.None;
        return goesOn;
    }

    private async ValueTask PrintAsync(PrintStatement print)
    {
        var values = new List<AwkValue>();
        foreach (var argument in print.Arguments) values.Add(await EvaluateAsync(argument));
        string text;
        if (print.Formatted)
        {
            if (values.Count == 0) throw new ToolException("printf: not enough arguments", 2);
            text = AwkFormat.Format(Text(values[0]), values[1..]);
        }
        else
        {
            var format = Text(Get("OFMT"));
            text = (values.Count == 0 ? Text(_record.Get(0)) : string.Join(Text(Get("OFS")), values.Select(v => v.ToText(format)))) + Text(Get("ORS"));
        }
        if (print.Redirection is null)
        {
            await _tool.Out.WriteAsync(text);
            return;
        }
        var target = Text(await EvaluateAsync(print.Target!));
        await (await _streams.OutputAsync(target, print.Redirection)).WriteAsync(text);
    }

    private string Text(AwkValue value) => value.Text ?? value.ToText(_variables.TryGetValue("CONVFMT", out var format) && format.Text is { } f ? f : "%.6g");

    private AwkValue Get(string name)
    {
        if (_frames.TryPeek(out var frame) && frame.Values.TryGetValue(name, out var local)) return local;
        if (name == "NF") return AwkValue.Of(_record.Count);
        return _variables.TryGetValue(name, out var value) ? value : AwkValue.Empty;
    }

    private void Set(string name, AwkValue value)
    {
        if (_frames.TryPeek(out var frame) && frame.Values.ContainsKey(name)) frame.Values[name] = value;
        else if (name == "NF") _record.Resize((int)Math.Clamp(value.ToNumber(), -1, int.MaxValue));
        else _variables[name] = value;
    }

    private Dictionary<string, AwkValue> Array(string name)
    {
        if (_frames.TryPeek(out var frame))
        {
            if (frame.Arrays.TryGetValue(name, out var local)) return local;
            // A parameter that was given nothing may become an array of the function's own.
            if (frame.Values.ContainsKey(name)) return frame.Arrays[name] = new(StringComparer.Ordinal);
        }
        if (!_arrays.TryGetValue(name, out var array)) _arrays[name] = array = new(StringComparer.Ordinal);
        return array;
    }

    private Regex CompileCached(string pattern)
    {
        if (_regexes.TryGetValue(pattern, out var regex)) return regex;
        if (_regexes.Count > 500) _regexes.Clear();
        try
        {
            return _regexes[pattern] = PosixRegex.Compile(pattern, extended: true, ignoreCase: false);
        }
        catch (PosixRegexException fault)
        {
            throw new ToolException($"bad regex '{pattern}': {fault.Message}", 2);
        }
    }
}
