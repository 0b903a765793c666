using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

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
public readonly record struct Quantity(BigInteger Nanos, QuantityFormat Format) : IComparable<Quantity>
{
    public const string SyntaxError = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static readonly BigInteger Billion = 1_000_000_000;
    private static readonly BigInteger Largest = new BigInteger(long.MaxValue) * Billion;
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static Quantity Zero => new(BigInteger.Zero, QuantityFormat.DecimalSI);

    public int Sign => Nanos.Sign;

    /// <summary>The number, with what a double can hold of it.</summary>
    public double ToDouble() => (double)Nanos / 1e9;

    /// <summary>In thousandths, rounded up (CPU).</summary>
    public long ToMilli() => (long)DivideUp(Nanos, 1_000_000);

    /// <summary>In whole units, rounded up (memory).</summary>
    public long ToInt64() => (long)DivideUp(Nanos, Billion);

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Nanos + right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);
    public static Quantity operator -(Quantity left, Quantity right) => new(left.Nanos - right.Nanos, left.Nanos.IsZero ? right.Format : left.Format);
    public static bool operator <(Quantity left, Quantity right) => left.Nanos < right.Nanos;
    public static bool operator >(Quantity left, Quantity right) => left.Nanos > right.Nanos;
    public static bool operator <=(Quantity left, Quantity right) => left.Nanos <= right.Nanos;
    public static bool operator >=(Quantity left, Quantity right) => left.Nanos >= right.Nanos;

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    /// <exception cref="FormatException">With upstream's message.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity) ? quantity : throw new FormatException(SyntaxError);

    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text) || text.Length > 64) return false;
        var at = text[0] is '+' or '-' ? 1 : 0;
        var start = at;
        BigInteger mantissa = 0;
        var fraction = 0;
        var seenDot = false;
        var digits = 0;
        for (; at < text.Length && text[at] is (>= '0' and <= '9') or '.'; at++)
        {
            if (text[at] == '.')
            {
                if (seenDot) return false;
                seenDot = true;
                continue;
            }
            digits++;
            mantissa = mantissa * 10 + (text[at] - '0');
            if (seenDot) fraction++;
        }
        if (digits == 0 || at == start) return false;
        if (!ReadSuffix(text[at..], out var format, out var twos, out var tens)) return false;
        if (text[0] == '-') mantissa = -mantissa;

        var nanos = mantissa * Billion * BigInteger.Pow(2, twos);
        var shift = tens - fraction;
        if (shift >= 0) nanos *= BigInteger.Pow(10, Math.Min(shift, 60));
        else nanos = DivideUp(nanos, BigInteger.Pow(10, -shift));
        quantity = new Quantity(BigInteger.Min(BigInteger.Max(nanos, -Largest), Largest), format);
        return true;
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
            && tens is >= -60 and <= 60;
    }

    private static BigInteger DivideUp(BigInteger value, BigInteger by)
    {
        var quotient = BigInteger.DivRem(value, by, out var rest);
        return rest.IsZero ? quotient : quotient + rest.Sign;
    }
}
