using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace ActorCluster.Api.Quantities;

/// <summary>How a quantity was written, and therefore is written back.</summary>
public enum QuantityFormat
{
    DecimalSI,
    BinarySI,
    DecimalExponent,
}

/// <summary>An exact number with a Kubernetes suffix ("500m", "128Mi", "1e3"), kept in billionths and rounded up to them.</summary>
/// <remarks>apimachinery/pkg/api/resource/quantity.go; <see cref="ToString"/> gives the canonical form.</remarks>
public readonly partial record struct Quantity(BigInteger Nanos, QuantityFormat Format) : IComparable<Quantity>
{
    public const string SyntaxError = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    public const string SuffixError = "unable to parse quantity's suffix";

    private const int LongestText = 64;
    private const int LargestExponent = 99;
    private static readonly BigInteger Billion = 1_000_000_000;
    private static readonly BigInteger Largest = new BigInteger(long.MaxValue) * Billion;
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static Quantity Zero => new(BigInteger.Zero, QuantityFormat.DecimalSI);

    public int Sign => Nanos.Sign;

    /// <summary>The number, with what a double can hold of it.</summary>
    public double ToDouble() => (double)Nanos / 1e9;

    /// <summary>In thousandths, rounded up (CPU); the nearest that a long can hold.</summary>
    public long ToMilli() => Saturate(DivideUp(Nanos, 1_000_000));

    /// <summary>In whole units, rounded up (memory); the nearest that a long can hold.</summary>
    public long ToInt64() => Saturate(DivideUp(Nanos, Billion));

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Nanos + right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);
    public static Quantity operator -(Quantity left, Quantity right) => new(left.Nanos - right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);
    public static bool operator <(Quantity left, Quantity right) => left.Nanos < right.Nanos;
    public static bool operator >(Quantity left, Quantity right) => left.Nanos > right.Nanos;
    public static bool operator <=(Quantity left, Quantity right) => left.Nanos <= right.Nanos;
    public static bool operator >=(Quantity left, Quantity right) => left.Nanos >= right.Nanos;

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <exception cref="FormatException">With upstream's message.</exception>
    public static Quantity Parse(string text) => FaultOf(text, out var quantity) is { } fault ? throw new FormatException(fault) : quantity;

    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity) => FaultOf(text, out quantity) is null;

    /// <summary>What is wrong with the text, in upstream's words; null when it is a quantity.</summary>
    /// <remarks>As lenient as upstream's scanner: "1.", ".5" and even a sign, a dot or a suffix alone (all of them 0) are quantities.</remarks>
    public static string? FaultOf(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text) || text.Length > LongestText) return SyntaxError;
        var at = text[0] is '+' or '-' ? 1 : 0;
        BigInteger mantissa = 0;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++) mantissa = mantissa * 10 + (text[at] - '0');
        var fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            for (at++; at < text.Length && char.IsAsciiDigit(text[at]); at++, fraction++) mantissa = mantissa * 10 + (text[at] - '0');
        }
        var suffix = text[at..];
        if (!Suffix().IsMatch(suffix)) return SyntaxError;
        if (!ReadSuffix(suffix, out var format, out var twos, out var tens)) return SuffixError;

        var nanos = mantissa * Billion * BigInteger.Pow(2, twos);
        var shift = tens - fraction;
        nanos = shift >= 0 ? nanos * BigInteger.Pow(10, shift) : DivideUp(nanos, BigInteger.Pow(10, -shift));
        if (format == QuantityFormat.BinarySI)
        {
            nanos = BigInteger.Min(nanos, Largest);
            // Less than one can't be said with a binary suffix.
            if (!nanos.IsZero && nanos < Billion) format = QuantityFormat.DecimalSI;
        }
        quantity = new Quantity(text[0] == '-' ? -nanos : nanos, format);
        return null;
    }

    /// <summary>The canonical form: no fractional digits, the largest suffix that needs none.</summary>
    public override string ToString()
    {
        if (Nanos.IsZero) return "0";
        if (Format == QuantityFormat.BinarySI && BigInteger.Abs(Nanos) >= 1024 * Billion)
        {
            var units = DivideUp(Nanos, Billion);
            var power = 0;
            for (; power < BinarySuffixes.Length - 1 && units % 1024 == 0; power++) units /= 1024;
            return units.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[power];
        }
        var value = Nanos;
        var thousands = 0;
        for (; thousands < DecimalSuffixes.Length - 1 && value % 1000 == 0; thousands++) value /= 1000;
        var number = value.ToString(CultureInfo.InvariantCulture);
        if (Format != QuantityFormat.DecimalExponent) return number + DecimalSuffixes[thousands];
        var exponent = thousands * 3 - 9;
        return exponent == 0 ? number : string.Create(CultureInfo.InvariantCulture, $"{number}e{exponent}");
    }

    private static bool ReadSuffix(string suffix, out QuantityFormat format, out int twos, out int tens)
    {
        twos = tens = 0;
        format = QuantityFormat.DecimalSI;
        var index = Array.IndexOf(DecimalSuffixes, suffix);
        if (index >= 0)
        {
            tens = index * 3 - 9;
            return true;
        }
        index = Array.IndexOf(BinarySuffixes, suffix);
        if (index > 0)
        {
            format = QuantityFormat.BinarySI;
            twos = index * 10;
            return true;
        }
        format = QuantityFormat.DecimalExponent;
        return suffix.Length is > 1 and < 6 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out tens)
            && tens is >= -LargestExponent and <= LargestExponent;
    }

    private static long Saturate(BigInteger value) => (long)BigInteger.Clamp(value, long.MinValue, long.MaxValue);

    [GeneratedRegex(@"^[eEinumkKMGTP]*[-+]?[0-9]*\z")]
    private static partial Regex Suffix();

    private static BigInteger DivideUp(BigInteger value, BigInteger by)
    {
        var quotient = BigInteger.DivRem(value, by, out var rest);
        return rest.IsZero ? quotient : quotient + rest.Sign;
    }
}
