using System.Text.RegularExpressions;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Expansion;
using ActorCluster.Containers.Shell.Syntax;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>[[ expression ]]: !, &amp;&amp;, ||, ( ), =~, and patterns on the right of == and !=.</summary>
internal sealed class Conditional
{
    private readonly Interpreter _shell;
    private readonly IReadOnlyList<Word> _words;
    private int _at;
    private int _depth;

    private Conditional(Interpreter shell, IReadOnlyList<Word> words) => (_shell, _words) = (shell, words);

    public static async ValueTask<int> EvaluateAsync(Interpreter shell, IReadOnlyList<Word> words)
    {
        var evaluator = new Conditional(shell, words);
        try
        {
            var value = await evaluator.OrAsync(true);
            if (evaluator._at < words.Count) throw new TestSyntaxException($"{await shell.Expander.TextAsync(words[evaluator._at])}: unknown operand");
            return value ? 0 : 1;
        }
        catch (TestSyntaxException fault)
        {
            await shell.WriteErrorAsync($"{shell.State.Name}: {fault.Message}\n");
            return 2;
        }
    }

    private string? Plain(int offset = 0) => _at + offset < _words.Count ? _words[_at + offset].Plain : null;

    private async ValueTask<bool> OrAsync(bool live)
    {
        var value = await AndAsync(live);
        while (Plain() == "||")
        {
            _at++;
            value |= await AndAsync(live && !value);
        }
        return value;
    }

    private async ValueTask<bool> AndAsync(bool live)
    {
        var value = await NotAsync(live);
        while (Plain() == "&&")
        {
            _at++;
            value &= await NotAsync(live && value);
        }
        return value;
    }

    /// <param name="live">False in the part that an operator skips: nothing in it is expanded.</param>
    private async ValueTask<bool> NotAsync(bool live)
    {
        if (++_depth > 200) throw new TestSyntaxException("too many nested expressions");
        try
        {
            if (Plain() == "!")
            {
                _at++;
                return !await NotAsync(live);
            }
            if (Plain() == "(")
            {
                _at++;
                var value = await OrAsync(live);
                if (Plain() != ")") throw new TestSyntaxException("closing paren expected");
                _at++;
                return value;
            }
            return await PrimaryAsync(live);
        }
        finally
        {
            _depth--;
        }
    }

    private async ValueTask<bool> PrimaryAsync(bool live)
    {
        if (_at >= _words.Count) throw new TestSyntaxException("argument expected");
        var (files, directory) = (_shell.Context.Files, _shell.State.WorkingDirectory);
        if (Plain(1) is { } op && (Test.IsBinary(op) || op == "=~") && _at + 2 < _words.Count)
        {
            var (left, right) = (_words[_at], _words[_at + 2]);
            _at += 3;
            if (!live) return false;
            var text = await _shell.Expander.TextAsync(left);
            switch (op)
            {
                case "=" or "==" or "!=": return new ShellPattern(await _shell.Expander.PatternAsync(right)).Matches(text) == (op != "!=");
                case "=~":
                    try
                    {
                        return PosixRegex.Compile(await _shell.Expander.TextAsync(right), extended: true, ignoreCase: false).IsMatch(text);
                    }
                    catch (Exception fault) when (fault is PosixRegexException or RegexMatchTimeoutException)
                    {
                        throw new TestSyntaxException(fault.Message);
                    }
                default: return Test.EvaluateBinary(text, op, await _shell.Expander.TextAsync(right), files, directory);
            }
        }
        if (Plain() is { } unary && Test.IsUnary(unary) && _at + 1 < _words.Count)
        {
            var operand = _words[_at + 1];
            _at += 2;
            return live && Test.EvaluateUnary(unary, await _shell.Expander.TextAsync(operand), files, directory, d => _shell.Files.Input(d) is Runtime.ITerminalStream);
        }
        var only = _words[_at++];
        return live && (await _shell.Expander.TextAsync(only)).Length > 0;
    }
}
