using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Tools;

internal sealed class PosixRegexException(string message) : Exception(message);

/// <summary>POSIX basic and extended regular expressions (XBD 9) with GNU's additions, by way of .NET's.</summary>
/// <remarks>
/// Runs on the engine that is linear in the input wherever the expression has no back-reference, so that no expression can hold a thread.
/// Of alternatives the first that matches is taken, not the longest.
/// </remarks>
internal static class PosixRegex
{
    private const int LengthLimit = 20_000;
    private const int RepeatLimit = 32_767;
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(2);

    /// <exception cref="PosixRegexException">It is no regular expression.</exception>
    public static Regex Compile(string pattern, bool extended, bool ignoreCase, bool wholeLine = false, bool wholeWord = false, bool multiline = false)
    {
        if (pattern.Length > LengthLimit) throw new PosixRegexException("Regular expression too big");
        var translator = new Translator(pattern, extended, multiline);
        var translated = translator.Translate();
        if (wholeWord) (translated, translator.NeedsBacktracking) = ($@"(?<![A-Za-z0-9_])(?:{translated})(?![A-Za-z0-9_])", true);
        if (wholeLine) translated = $@"\A(?:{translated})\z";
        var options = RegexOptions.CultureInvariant | RegexOptions.Singleline | (ignoreCase ? RegexOptions.IgnoreCase : 0);
        try
        {
            if (!translator.NeedsBacktracking)
            {
                try
                {
                    return new Regex(translated, options | RegexOptions.NonBacktracking, MatchLimit);
                }
                catch (NotSupportedException)
                {
                    // Too large an automaton; the other engine takes it, under the time limit.
                }
            }
            return new Regex(translated, options, MatchLimit);
        }
        catch (ArgumentException fault)
        {
            throw new PosixRegexException(fault is RegexParseException { Error: RegexParseError.UndefinedNumberedReference } ? "Invalid back reference" : "Invalid regular expression");
        }
    }

    private sealed class Translator(string pattern, bool extended, bool multiline)
    {
        private readonly StringBuilder _result = new();
        private readonly Stack<int> _groups = new();
        private int _at;
        private int _open;

        /// <summary>Where the atom starts that the result ends with: what a quantifier repeats.</summary>
        private int _start;

        /// <summary>Whether the last thing written can be repeated.</summary>
        private bool _atom;

        public bool NeedsBacktracking { get; set; }

        public string Translate()
        {
            while (_at < pattern.Length) Step();
            if (_open > 0) throw new PosixRegexException("Unmatched ( or \\(");
            return _result.ToString();
        }

        private void Step()
        {
            var c = pattern[_at];
            switch (c)
            {
                case '\\': Escape(); break;
                case '[': Bracket(); break;
                case '.': Atom("."); _at++; break;
                case '*': Repeat("*"); break;
                case '+' or '?' when extended: Repeat(c.ToString()); break;
                case '{' when extended && Interval("}", 1) is { } interval: Repeat(interval); break;
                case '(' when extended: Open(1); break;
                case ')' when extended && _open > 0: Close(1); break;
                case '|' when extended: Alternative(1); break;
                case '^' when extended || AtStart: Anchor(multiline ? "(?m:^)" : @"\A"); break;
                case '$' when extended || AtEnd: Anchor(multiline ? "(?m:$)" : @"\z"); break;
                default:
                    Atom(Regex.Escape(c.ToString()));
                    _at++;
                    break;
            }
        }

        private bool AtStart => _at == 0 || (_at >= 2 && pattern[_at - 2] == '\\' && pattern[_at - 1] is '(' or '|') || (multiline && _at >= 1 && pattern[_at - 1] == '\n');

        private bool AtEnd => _at + 1 == pattern.Length || (_at + 2 < pattern.Length && pattern[_at + 1] == '\\' && pattern[_at + 2] is ')' or '|');

        private void Atom(string text)
        {
            (_start, _atom) = (_result.Length, true);
            _result.Append(text);
        }

        private void Anchor(string text)
        {
            _result.Append(text);
            _atom = false;
            _at++;
        }

        private void Repeat(string quantifier)
        {
            if (!_atom)
            {
                // A star with nothing before it is a plain one; the extended ones then mean nothing.
                if (quantifier == "*" && !extended) Atom(@"\*");
                else if (quantifier.Length == 1 && _result.Length == 0 && extended) Atom(Regex.Escape(quantifier));
                _at++;
                return;
            }
            // a** is a*, where .NET would see a lazy or possessive mark.
            _result.Insert(_start, "(?:").Append(quantifier).Append(')');
            _at++;
        }

        private string? Interval(string close, int length)
        {
            var end = pattern.IndexOf(close, _at + length, StringComparison.Ordinal);
            if (end < 0) return null;
            var body = pattern[(_at + length)..end];
            var parts = body.Split(',');
            if (parts.Length > 2 || parts.Any(p => p.Length > 0 && !p.All(char.IsAsciiDigit)) || (parts[0].Length == 0 && parts.Length == 1)) return null;
            var minimum = parts[0].Length == 0 ? 0 : Limit(parts[0]);
            var maximum = parts.Length == 1 ? minimum : parts[1].Length == 0 ? (int?)null : Limit(parts[1]);
            if (maximum < minimum) throw new PosixRegexException("Invalid content of \\{\\}");
            _at = end + close.Length - 1;
            return string.Create(CultureInfo.InvariantCulture, $"{{{minimum},{maximum}}}");
        }

        private static int Limit(string digits) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= RepeatLimit ? n : throw new PosixRegexException("Invalid content of \\{\\}");

        private void Open(int length)
        {
            _groups.Push(_result.Length);
            _result.Append('(');
            _open++;
            _atom = false;
            _at += length;
        }

        private void Close(int length)
        {
            _result.Append(')');
            _open--;
            (_start, _atom) = (_groups.Pop(), true);
            _at += length;
        }

        private void Alternative(int length)
        {
            _result.Append('|');
            _atom = false;
            _at += length;
        }

        private void Escape()
        {
            if (_at + 1 >= pattern.Length) throw new PosixRegexException("Trailing backslash");
            var c = pattern[_at + 1];
            switch (c)
            {
                case '(' when !extended: Open(2); return;
                case ')' when !extended:
                    if (_open == 0) throw new PosixRegexException("Unmatched ) or \\)");
                    Close(2);
                    return;
                case '|' when !extended: Alternative(2); return;
                case '{' when !extended:
                    if (!_atom && Interval("\\}", 2) is null) throw new PosixRegexException("Invalid preceding regular expression");
                    var interval = Interval("\\}", 2) ?? throw new PosixRegexException("Invalid content of \\{\\}");
                    Repeat(interval);
                    return;
                case '+' or '?' when !extended:
                    _at++;
                    Repeat(c.ToString());
                    return;
                case >= '1' and <= '9':
                    NeedsBacktracking = true;
                    Atom($@"\{c}(?:)");
                    break;
                case 'n': Atom(@"\n"); break;
                case 't': Atom(@"\t"); break;
                case 'w': Atom("[A-Za-z0-9_]"); break;
                case 'W': Atom("[^A-Za-z0-9_]"); break;
                case 's': Atom(@"[ \t-\r]"); break;
                case 'S': Atom(@"[^ \t-\r]"); break;
                case 'b' or 'B': Boundary($@"\{c}"); break;
                case '<': Boundary(@"\b(?=[A-Za-z0-9_])"); break;
                case '>': Boundary(@"\b(?<=[A-Za-z0-9_])"); break;
                case '`': Boundary(@"\A"); break;
                case '\'': Boundary(@"\z"); break;
                default: Atom(Regex.Escape(c.ToString())); break;
            }
            _at += 2;
        }

        private void Boundary(string text)
        {
            NeedsBacktracking |= text.Contains("(?", StringComparison.Ordinal);
            _result.Append(text);
            _atom = false;
        }

        private void Bracket()
        {
            var text = new StringBuilder("[");
            var at = _at + 1;
            if (at < pattern.Length && pattern[at] == '^')
            {
                text.Append('^');
                at++;
            }
            var first = true;
            while (true)
            {
                if (at >= pattern.Length) throw new PosixRegexException("Unmatched [, [^, [:, [., or [=");
                if (pattern[at] == ']' && !first) break;
                first = false;
                if (pattern[at] == '[' && at + 1 < pattern.Length && pattern[at + 1] is ':' or '.' or '=' && pattern.IndexOf(pattern[at + 1] + "]", at + 2, StringComparison.Ordinal) is > 0 and var end)
                {
                    var name = pattern[(at + 2)..end];
                    if (pattern[at + 1] == ':') text.Append(Class(name));
                    else foreach (var c in name) Append(text, c);
                    at = end + 2;
                    continue;
                }
                Append(text, pattern[at++]);
                if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
                {
                    if (pattern[at + 1] < pattern[at - 1]) throw new PosixRegexException("Invalid range end");
                    text.Append('-');
                    Append(text, pattern[at + 1]);
                    at += 2;
                }
            }
            _at = at + 1;
            Atom(text.Append(']').ToString());
        }

        private static void Append(StringBuilder text, char c)
        {
            if (c is '[' or ']' or '\\' or '^' or '-') text.Append('\\');
            text.Append(c);
        }

        private static string Class(string name)
        {
            if (BracketSet.Class(name) is not { } has) throw new PosixRegexException("Invalid character class name");
            var text = new StringBuilder();
            for (var c = '\0'; c < 128; c++)
            {
                if (has(c)) text.Append(CultureInfo.InvariantCulture, $@"\x{(int)c:x2}");
            }
            return text.ToString();
        }
    }
}
