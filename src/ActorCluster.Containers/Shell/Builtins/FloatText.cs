using System.Globalization;

namespace ActorCluster.Containers.Shell.Builtins;

/// <summary>C's %e, %f and %g.</summary>
internal static class FloatText
{
    public static string Format(double value, char conversion, int precision, string flags)
    {
        precision = Math.Min(precision, 100);
        var sign = double.IsNegative(value) && !double.IsNaN(value) ? "-" : flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
        value = Math.Abs(value);
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return sign + "inf";
        var text = char.ToLowerInvariant(conversion) switch
        {
            'f' => value.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            'e' => Exponent(value, precision),
            _ => General(value, Math.Max(precision, 1), keepZeros: flags.Contains('#', StringComparison.Ordinal)),
        };
        return sign + (char.IsAsciiLetterUpper(conversion) ? text.ToUpperInvariant() : text);
    }

    /// <summary>%g: as few digits as say it.</summary>
    public static string General(double value, int precision, bool keepZeros = false)
    {
        if (value == 0) return "0";
        var scientific = Exponent(value, precision - 1);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('e', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < precision)
        {
            var plain = value.ToString("F" + (precision - 1 - exponent).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            return keepZeros ? plain : Trim(plain);
        }
        var at = scientific.IndexOf('e', StringComparison.Ordinal);
        return (keepZeros ? scientific[..at] : Trim(scientific[..at])) + scientific[at..];
    }

    private static string Exponent(double value, int precision)
    {
        var text = value.ToString("e" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        // .NET writes e+006, C e+06.
        var at = text.IndexOf('e', StringComparison.Ordinal) + 2;
        return text[..at] + text[at..].TrimStart('0').PadLeft(2, '0');
    }

    private static string Trim(string digits) => digits.Contains('.', StringComparison.Ordinal) ? digits.TrimEnd('0').TrimEnd('.') : digits;
}
