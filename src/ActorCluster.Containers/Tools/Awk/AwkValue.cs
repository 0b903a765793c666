using System.Globalization;
using ActorCluster.Containers.Shell.Builtins;

namespace ActorCluster.Containers.Tools.Awk;

/// <summary>A string, a number, or input that looks like a number and compares as one.</summary>
internal readonly record struct AwkValue(string? Text, double Number, bool Numeric)
{
    /// <summary>Never assigned: "" and 0.</summary>
    public static readonly AwkValue Empty = new("", 0, true);

    public static AwkValue Of(double number) => new(null, number, true);
    public static AwkValue Of(bool truth) => Of(truth ? 1 : 0);
    public static AwkValue Of(string text) => new(text, double.NaN, false);

    /// <summary>A field, or another piece of input.</summary>
    public static AwkValue Input(string text) =>
        LooksNumeric(text.AsSpan().Trim(" \t\n"), out var number) ? new(text, number, true) : Of(text);

    public double ToNumber() => Numeric ? Number : Leading(Text!);

    public string ToText(string format = "%.6g") => Text ?? Format(Number, format);

    public bool IsTrue => Numeric ? Number != 0 || (Text is not null && Number != 0) : Text!.Length > 0;

    public static int Compare(AwkValue left, AwkValue right)
    {
        if (left.Numeric && right.Numeric && !(left.IsUnset && right.Text is not null && !right.IsUnset && right.Text.Length == 0)) return left.Number.CompareTo(right.Number);
        return string.CompareOrdinal(left.ToText(), right.ToText());
    }

    private bool IsUnset => Numeric && Text is { Length: 0 };

    public static string Format(double number, string format)
    {
        if (number == Math.Floor(number) && Math.Abs(number) < 1e16) return number == 0 ? "0" : number.ToString("F0", CultureInfo.InvariantCulture);
        return AwkFormat.Format(format, [Of(number)]);
    }

    private static bool LooksNumeric(ReadOnlySpan<char> text, out double number)
    {
        number = 0;
        // "inf" and "nan" are words here.
        return text.Length > 0 && (char.IsAsciiDigit(text[^1]) || text[^1] == '.') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The number that a text starts with, as C's atof.</summary>
    private static double Leading(string text)
    {
        var start = 0;
        while (start < text.Length && text[start] is ' ' or '\t' or '\n' or '\r') start++;
        var at = start;
        if (at < text.Length && text[at] is '+' or '-') at++;
        var digits = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        }
        if (at == digits) return 0;
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var mark = at + 1;
            if (mark < text.Length && text[mark] is '+' or '-') mark++;
            if (mark < text.Length && char.IsAsciiDigit(text[mark]))
            {
                at = mark;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            }
        }
        return double.TryParse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}

/// <summary>awk's printf.</summary>
internal static class AwkFormat
{
    private const int WidthLimit = 65536;

    public static string Format(string format, IReadOnlyList<AwkValue> arguments)
    {
        var result = new System.Text.StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }
            if (i + 1 < format.Length && format[i + 1] == '%')
            {
                result.Append('%');
                i++;
                continue;
            }
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
            }
            while (i < format.Length && format[i] is 'l' or 'h') i++;
            if (i >= format.Length)
            {
                result.Append(format, start, format.Length - start);
                break;
            }
            var value = next < arguments.Count ? arguments[next] : AwkValue.Empty;
            next++;
            var conversion = format[i];
            string text;
            switch (conversion)
            {
                case 'c': text = value.Numeric && value.Text is null ? ((char)((int)value.Number & 0xff)).ToString() : value.ToText() is { Length: > 0 } t ? t[..1] : ""; break;
                case 's': text = value.ToText() is var s && precision is { } p && p < s.Length ? s[..p] : s; break;
                case 'd' or 'i' or 'u': text = Integer(value.ToNumber(), flags, precision); break;
                case 'x' or 'X': text = Long(value.ToNumber()).ToString(conversion.ToString(), CultureInfo.InvariantCulture).PadLeft(precision ?? 0, '0'); break;
                case 'o': text = Convert.ToString(Long(value.ToNumber()), 8).PadLeft(precision ?? 0, '0'); break;
                case 'e' or 'E' or 'f' or 'F' or 'g' or 'G': text = FloatText.Format(value.ToNumber(), conversion, precision ?? 6, flags); break;
                default: throw new ToolException($"{format[start..(i + 1)]}: invalid format");
            }
            if (flags.Contains('-', StringComparison.Ordinal)) text = text.PadRight(width);
            else if (flags.Contains('0', StringComparison.Ordinal) && conversion is not ('s' or 'c') && text.Length < width)
            {
                var sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
                text = text[..sign] + text[sign..].PadLeft(width - sign, '0');
            }
            else text = text.PadLeft(width);
            result.Append(text);
        }
        return result.ToString();

        int? Number(ref int i)
        {
            if (i < format.Length && format[i] == '*')
            {
                i++;
                return next < arguments.Count ? (int)Math.Clamp(arguments[next++].ToNumber(), -WidthLimit, WidthLimit) : 0;
            }
            var start = i;
            while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
            return i == start ? null : int.TryParse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture, out var n) ? Math.Min(n, WidthLimit) : WidthLimit;
        }
    }

    private static long Long(double value) => double.IsNaN(value) ? 0 : (long)Math.Clamp(value, -9.2e18, 9.2e18);

    private static string Integer(double value, string flags, int? precision)
    {
        if (double.IsNaN(value) || double.IsInfinity(value)) return FloatText.Format(value, 'f', 0, flags);
        var digits = Math.Truncate(Math.Abs(value)).ToString("F0", CultureInfo.InvariantCulture).PadLeft(precision ?? 0, '0');
        return (value <= -1 ? "-" : flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "") + digits;
    }
}
