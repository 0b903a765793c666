using System.Globalization;
using System.Text;

namespace ActorCluster.Containers.Shell;

internal enum EscapeStyle
{
    /// <summary>echo -e and printf's %b: octal as \0nnn (and \nnn).</summary>
    Echo,

    /// <summary>printf's format: octal as \nnn.</summary>
    Format,
    DollarQuotes,
}

/// <summary>Backslash escapes of C. A byte above 127 comes out as the character of that number: see <see cref="ByteText"/>.</summary>
internal static class Escapes
{
    /// <param name="stop">Whether \c was met, after which nothing more is to be printed.</param>
    public static string Decode(string text, EscapeStyle style, out bool stop)
    {
        stop = false;
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            var c = text[++i];
            switch (c)
            {
                case 'a': result.Append('\a'); break;
                case 'b': result.Append('\b'); break;
                case 'e' or 'E': result.Append('\u001b'); break;
                case 'f': result.Append('\f'); break;
                case 'n': result.Append('\n'); break;
                case 'r': result.Append('\r'); break;
                case 't': result.Append('\t'); break;
                case 'v': result.Append('\v'); break;
                case '\\': result.Append('\\'); break;
                case '\'' or '"' when style != EscapeStyle.Echo: result.Append(c); break;
                case 'c' when style == EscapeStyle.Echo:
                    stop = true;
                    return result.ToString();
                case 'x' when Digits(text, i + 1, 2, 16) is { Length: > 0 } hex:
                    result.Append((char)int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += hex.Length;
                    break;
                case 'u' when style != EscapeStyle.Echo && Digits(text, i + 1, 4, 16) is { Length: > 0 } unicode:
                    var character = ((char)int.Parse(unicode, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString();
                    result.Append(style == EscapeStyle.DollarQuotes ? character : ByteText.FromText(character));
                    i += unicode.Length;
                    break;
                case >= '0' and <= '7':
                    var octal = Digits(text, i, c == '0' && style == EscapeStyle.Echo ? 4 : 3, 8);
                    result.Append((char)(Convert.ToInt32(octal, 8) & 0xff));
                    i += octal.Length - 1;
                    break;
                default: result.Append('\\').Append(c); break;
            }
        }
        return result.ToString();
    }

    private static string Digits(string text, int start, int limit, int radix)
    {
        var end = start;
        while (end < text.Length && end - start < limit && (radix == 16 ? char.IsAsciiHexDigit(text[end]) : text[end] is >= '0' and <= '7')) end++;
        return text[start..end];
    }
}
