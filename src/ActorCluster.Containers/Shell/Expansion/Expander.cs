using System.Globalization;
using System.Text;
using ActorCluster.Containers.Shell.Execution;
using ActorCluster.Containers.Shell.Syntax;

namespace ActorCluster.Containers.Shell.Expansion;

/// <summary>Word expansion (XCU 2.6): tilde, parameters, commands, arithmetic; then fields, pathnames and quote removal.</summary>
internal sealed class Expander(Interpreter shell)
{
    /// <summary>What one expansion may grow to, so that a script can't exhaust the host's memory.</summary>
    public const int TextLimit = 16 << 20;

    /// <summary>The words of one command, as execve(2) has a limit for its arguments.</summary>
    private const int WordLimit = 200_000;

    private ShellState State => shell.State;

    /// <summary>Words as a command's arguments.</summary>
    public async ValueTask<List<string>> ExpandAsync(IEnumerable<Word> words)
    {
        var result = new List<string>();
        foreach (var word in words)
        {
            if (result.Count > WordLimit) throw new ShellFaultException("out of memory", 2);
            if (word.Plain is { } plain && plain.AsSpan().IndexOfAny('*', '?', '[') < 0)
            {
                result.Add(plain);
                continue;
            }
            var pieces = await PiecesAsync(word, quoted: false, assignment: false);
            foreach (var field in Fields.Split(pieces, State.Separators))
            {
                if (!field.MayGlob || State.Options.NoGlob)
                {
                    result.Add(field.Text);
                    continue;
                }
                var names = Globber.Expand(field.Pattern, shell.Context.Files, State.WorkingDirectory);
                if (names.Count == 0) result.Add(field.Text);
                else result.AddRange(names);
            }
        }
        return result;
    }

    /// <summary>One word where neither splitting nor pathname expansion takes place.</summary>
    public async ValueTask<string> TextAsync(Word word, bool assignment = false)
    {
        if (word.Plain is { } plain) return plain;
        return Fields.Join(await PiecesAsync(word, quoted: false, assignment), State.JoinSeparator);
    }

    /// <summary>One word as a pattern, quoted characters being plain.</summary>
    public async ValueTask<string> PatternAsync(Word word) => Fields.Pattern(await PiecesAsync(word, quoted: false, assignment: false));

    public long Calculate(string expression)
    {
        try
        {
            return Arithmetic.Evaluate(expression, State);
        }
        catch (ArithmeticException fault)
        {
            throw new ShellFaultException(fault.Message, 2);
        }
    }

    private async ValueTask<List<Piece>> PiecesAsync(Word word, bool quoted, bool assignment)
    {
        var pieces = new List<Piece>();
        await AddAsync(word.Parts, quoted, assignment, fromExpansion: false, pieces);
        return pieces;
    }

    private async ValueTask AddAsync(IReadOnlyList<WordPart> parts, bool quoted, bool assignment, bool fromExpansion, List<Piece> pieces)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case Literal literal: pieces.Add(new(literal.Text, literal.Quoted || quoted, fromExpansion && !literal.Quoted && !quoted)); break;
                case DoubleQuoted inner:
                    // "" is a field of its own; "$@" without parameters is none.
                    if (inner.Parts is not [ParameterExpansion { Name: "@", Operator: ParameterOperator.None }] || State.Positional.Count > 0) pieces.Add(new("", true));
                    await AddAsync(inner.Parts, quoted: true, assignment, fromExpansion: false, pieces);
                    break;
                case Tilde tilde: pieces.Add(ExpandTilde(tilde, assignment)); break;
                case CommandSubstitution substitution: pieces.Add(new(await shell.CaptureAsync(substitution.Body), quoted, !quoted)); break;
                case ArithmeticExpansion arithmetic:
                    var value = Calculate(Fields.Join(await PiecesAsync(arithmetic.Expression, quoted: true, assignment: false), State.JoinSeparator));
                    pieces.Add(new(value.ToString(CultureInfo.InvariantCulture), quoted, !quoted));
                    break;
                case ParameterExpansion parameter: await AddParameterAsync(parameter, quoted, pieces); break;
                default: throw new InvalidOperationException($"Unknown part of a word: {part.GetType().Name}.");
            }
            if (pieces.Count > 0 && pieces[^1].Text.Length > TextLimit) throw new ShellFaultException("out of memory", 2);
        }
    }

    private Piece ExpandTilde(Tilde tilde, bool assignment)
    {
        var home = tilde.User switch
        {
            "" => State.Get("HOME"),
            "root" => "/root",
            _ => null,
        };
        return home is null || (tilde.InAssignment && !assignment) ? new("~" + tilde.User, false) : new(home, true);
    }

    private async ValueTask AddParameterAsync(ParameterExpansion parameter, bool quoted, List<Piece> pieces)
    {
        if (parameter.Operator == ParameterOperator.Bad) throw new ShellFaultException("syntax error: bad substitution", 2);
        var value = State.GetParameter(parameter.Name);
        var missing = value is null || (parameter.OrNull && value.Length == 0);
        switch (parameter.Operator)
        {
            case ParameterOperator.Default when missing:
            case ParameterOperator.Alternative when !missing:
                await AddAsync(parameter.Argument!.Parts, quoted, assignment: false, fromExpansion: !quoted, pieces);
                if (parameter.Argument.Parts.Length == 0) pieces.Add(new("", quoted));
                return;
            case ParameterOperator.Alternative:
                pieces.Add(new("", quoted));
                return;
            case ParameterOperator.AssignDefault when missing:
                value = await TextAsync(parameter.Argument!);
                if (!Parser.IsName(parameter.Name)) throw new ShellFaultException($"{parameter.Name}: bad variable name", 2);
                State.Set(parameter.Name, value);
                break;
            case ParameterOperator.Error when missing:
                var message = await TextAsync(parameter.Argument!);
                if (message.Length == 0) message = parameter.OrNull ? "parameter not set or null" : "parameter not set";
                throw new ShellFaultException($"{parameter.Name}: {message}", 2);
        }
        if (value is null && State.Options.NoUnset && parameter.Operator is not (ParameterOperator.Default or ParameterOperator.Alternative) && parameter.Name is not ("@" or "*"))
            throw new ShellFaultException($"{parameter.Name}: parameter not set", 2);
        switch (parameter.Operator)
        {
            case ParameterOperator.Length:
                value = (value?.Length ?? 0).ToString(CultureInfo.InvariantCulture);
                break;
            case ParameterOperator.None when parameter.Name is "@" or "*":
                AddPositional(parameter.Name, quoted, pieces);
                return;
            case >= ParameterOperator.RemoveShortestPrefix:
                value = await TransformAsync(parameter, value ?? "");
                break;
        }
        pieces.Add(new(value ?? "", quoted, !quoted));
    }

    private void AddPositional(string name, bool quoted, List<Piece> pieces)
    {
        if (quoted && name == "*")
        {
            pieces.Add(new(string.Join(State.JoinSeparator, State.Positional), true));
            return;
        }
        for (var i = 0; i < State.Positional.Count; i++)
        {
            if (i > 0) pieces.Add(new("", false, Break: true));
            pieces.Add(new(State.Positional[i], quoted, !quoted));
        }
    }

    private async ValueTask<string> TransformAsync(ParameterExpansion parameter, string value)
    {
        if (parameter.Operator == ParameterOperator.Substring) return await SubstringAsync(parameter, value);
        var pattern = new ShellPattern(await PatternAsync(parameter.Argument!));
        switch (parameter.Operator)
        {
            case ParameterOperator.RemoveShortestPrefix or ParameterOperator.RemoveLongestPrefix:
                var end = pattern.MatchPrefix(value, parameter.Operator == ParameterOperator.RemoveLongestPrefix);
                return end < 0 ? value : value[end..];
            case ParameterOperator.RemoveShortestSuffix or ParameterOperator.RemoveLongestSuffix:
                var start = pattern.MatchSuffix(value, parameter.Operator == ParameterOperator.RemoveLongestSuffix);
                return start < 0 ? value : value[..start];
            default:
                var replacement = parameter.Second is null ? "" : await TextAsync(parameter.Second);
                return Replace(value, pattern, replacement, parameter.Operator == ParameterOperator.ReplaceAll);
        }
    }

    private async ValueTask<string> SubstringAsync(ParameterExpansion parameter, string value)
    {
        var offset = Calculate(await TextAsync(parameter.Argument!));
        if (offset < 0) offset = Math.Max(0, value.Length + offset);
        var from = (int)Math.Min(offset, value.Length);
        if (parameter.Second is null) return value[from..];
        var length = Calculate(await TextAsync(parameter.Second));
        var to = length < 0 ? value.Length + length : from + Math.Min(length, value.Length - from);
        return to <= from ? "" : value[from..(int)to];
    }

    private static string Replace(string value, ShellPattern pattern, string replacement, bool all)
    {
        var result = new StringBuilder();
        var at = 0;
        while (at < value.Length)
        {
            var length = pattern.IsLiteral
                ? (pattern.LiteralText.Length > 0 && string.CompareOrdinal(value, at, pattern.LiteralText, 0, pattern.LiteralText.Length) == 0 ? pattern.LiteralText.Length : -1)
                : pattern.MatchPrefix(value[at..], longest: true);
            if (length <= 0)
            {
                result.Append(value[at++]);
                continue;
            }
            result.Append(replacement);
            at += length;
            if (result.Length > TextLimit) throw new ShellFaultException("out of memory", 2);
            if (!all) break;
        }
        return result.Append(value, at, value.Length - at).ToString();
    }
}
