using System.Globalization;
using System.Text;
using ActorCluster.Containers.Shell.Expansion;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>printf format [argument...] (POSIX): the format is used again as long as arguments are left.</summary>
internal static class Printf
{
    private const int WidthLimit = 4096;

    public static (byte[] Output, IReadOnlyList<string> Errors, int Status) Format(IReadOnlyList<string> words)
    {
        if (words is [_, "--", _, ..]) words = [words[0], .. words.Skip(2)];
        if (words.Count < 2) return ([], ["usage: printf FORMAT [ARGUMENT...]"], 2);
        var job = new Job(ByteText.FromText(words[1]), [.. words.Skip(2).Select(ByteText.FromText)]);
        job.Run();
        return (ByteText.ToBytes(job.Output.ToString()), job.Errors, job.Errors.Count > 0 ? 1 : 0);
    }

    private sealed class Job(string format, string[] arguments)
    {
        private int _next;
        private bool _stop;

        public StringBuilder Output { get; } = new();
        public List<string> Errors { get; } = [];

        public void Run()
        {
            do
            {
                var before = _next;
                Once();
                // A format that takes no argument is used once.
                if (_next == before) break;
            }
            while (_next < arguments.Length && !_stop);
        }

        private string? Next() => _next < arguments.Length ? arguments[_next++] : null;

        private void Once()
        {
            for (var i = 0; i < format.Length && !_stop; i++)
            {
                if (format[i] == '\\')
                {
                    // One escape at a time: its end depends on which it is.
                    var end = i + 2;
                    while (end < format.Length && end - i < 10 && char.IsAsciiHexDigit(format[end])) end++;
                    var piece = format[i..Math.Min(end, format.Length)];
                    if (piece is ['\\', 'c', ..])
                    {
                        _stop = true;
                        break;
                    }
                    Output.Append(Escapes.Decode(piece, EscapeStyle.Format, out _));
                    i += piece.Length - 1;
                }
                else if (format[i] != '%')
                {
                    Output.Append(format[i]);
                }
                else if (i + 1 < format.Length && format[i + 1] == '%')
                {
                    Output.Append('%');
                    i++;
                }
                else if (!Directive(ref i))
                {
                    return;
                }
            }
        }

        private bool Directive(ref int i)
        {
            var start = i++;
            var flags = "";
            while (i < format.Length && "-+ #0".Contains(format[i], StringComparison.Ordinal)) flags += format[i++];
            var width = Number(ref i) ?? 0;
            if (width < 0) (flags, width) = (flags + "-", -width);
            int? precision = null;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Number(ref i) ?? 0;
                if (precision < 0) precision = null;
            }
            while (i < format.Length && format[i] is 'l' or 'h' or 'j' or 'z' or 'L') i++;
            var conversion = i < format.Length ? format[i] : '\0';
            string text;
            switch (conversion)
            {
                case 's': text = Cut(Next() ?? "", precision); break;
                case 'c': text = Next() is { Length: > 0 } c ? c[..1] : "\0"; break;
                case 'b':
                    text = Cut(Escapes.Decode(Next() ?? "", EscapeStyle.Echo, out var stop), precision);
                    _stop |= stop;
                    break;
                case 'd' or 'i': text = Integer(Signed(Next()), flags, precision); break;
                case 'u': text = Digits(unchecked((ulong)Signed(Next())).ToString(CultureInfo.InvariantCulture), precision); break;
                case 'o': text = Digits((flags.Contains('#', StringComparison.Ordinal) ? "0" : "") + Convert.ToString(Signed(Next()), 8), precision); break;
                case 'x' or 'X':
                    var hex = Signed(Next()).ToString(conversion.ToString(), CultureInfo.InvariantCulture);
                    text = (flags.Contains('#', StringComparison.Ordinal) ? "0" + conversion : "") + Digits(hex, precision);
                    break;
                case 'e' or 'E' or 'f' or 'F' or 'g' or 'G': text = FloatText.Format(Float(Next()), conversion, precision ?? 6, flags); break;
                default:
                    Errors.Add($"{ByteText.ToText(format[start..])}: invalid format");
                    _stop = true;
                    return false;
            }
            var zero = flags.Contains('0', StringComparison.Ordinal) && !flags.Contains('-', StringComparison.Ordinal) && conversion is not ('s' or 'b' or 'c') && precision is null | conversion is 'e' or 'f' or 'g' or 'E' or 'F' or 'G';
            if (flags.Contains('-', StringComparison.Ordinal)) text = text.PadRight(Math.Min(width, WidthLimit));
            else if (zero && text.Length < width) text = Zeros(text, Math.Min(width, WidthLimit));
            else text = text.PadLeft(Math.Min(width, WidthLimit));
            Output.Append(text);
            return true;
        }

        private static string Zeros(string text, int width)
        {
            var sign = text.StartsWith('-') || text.StartsWith('+') || text.StartsWith(' ') ? 1 : text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
            return text[..sign] + text[sign..].PadLeft(width - sign, '0');
        }

        private int? Number(ref int i)
        {
            if (i < format.Length && format[i] == '*')
            {
                i++;
                return (int)Math.Clamp(Signed(Next()), -WidthLimit, WidthLimit);
            }
            var start = i;
            while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
            return i > start ? Math.Min(WidthLimit, int.TryParse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture, out var n) ? n : WidthLimit) : null;
        }

        private static string Cut(string text, int? precision) => precision is { } p && p < text.Length ? text[..p] : text;

        private static string Digits(string digits, int? precision) => precision is { } p ? digits.PadLeft(p, '0') : digits;

        private static string Integer(long value, string flags, int? precision)
        {
            var digits = Digits(value < 0 ? value.ToString(CultureInfo.InvariantCulture)[1..] : value.ToString(CultureInfo.InvariantCulture), precision);
            return (value < 0 ? "-" : flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "") + digits;
        }

        private long Signed(string? text)
        {
            text ??= "";
            if (text.Length > 0 && text[0] is '"' or '\'') return text.Length > 1 ? ByteText.ToText(text)[1] : 0;
            var negative = text.StartsWith('-');
            var digits = text.TrimStart().TrimStart('+', '-');
            if (digits.Contains('#', StringComparison.Ordinal) || Arithmetic.Number(digits) is not { } value)
            {
                Errors.Add($"invalid number '{ByteText.ToText(text)}'");
                return 0;
            }
            return negative ? unchecked(-value) : value;
        }

        private double Float(string? text)
        {
            if (string.IsNullOrEmpty(text)) return 0;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return value;
            Errors.Add($"invalid number '{ByteText.ToText(text)}'");
            return 0;
        }
    }
}
