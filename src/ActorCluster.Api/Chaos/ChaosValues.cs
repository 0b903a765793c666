using System.Globalization;
using System.Numerics;

namespace ActorCluster.Api.Chaos;

/// <summary>Numbers that experiments write as texts (api/v1alpha1/common_webhook.go and networkchaos_webhook.go of Chaos Mesh).</summary>
public static class ChaosValues
{
    /// <summary>Bits of each unit, the longest suffixes first. tc counts in thousands.</summary>
    private static readonly (string Unit, decimal Bits)[] Units =
    [
        ("kbit", 1e3m), ("mbit", 1e6m), ("gbit", 1e9m), ("tbit", 1e12m), ("tbps", 8e12m), ("gbps", 8e9m), ("mbps", 8e6m), ("kbps", 8e3m), ("bps", 8), ("bit", 1),
    ];

    /// <summary>A number with or without a fraction, as strconv.ParseFloat reads it.</summary>
    /// <exception cref="FormatException">In Go's words.</exception>
    public static double Float(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out var number)
            ? number : throw Fault("ParseFloat", text, "invalid syntax");
    }

    /// <summary>A whole number, as strconv.Atoi reads it.</summary>
    /// <exception cref="FormatException">In Go's words.</exception>
    public static int Integer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        throw Fault("Atoi", text, BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? "value out of range" : "invalid syntax");
    }

    /// <summary>"1mbps", "512 kbit".</summary>
    /// <returns>Bytes a second, at least 1.</returns>
    /// <exception cref="FormatException">In Chaos Mesh's words.</exception>
    public static long Rate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rate = text.Trim().ToLowerInvariant();
        foreach (var (unit, bits) in Units)
        {
            if (!rate.EndsWith(unit, StringComparison.Ordinal)) continue;
            var digits = rate[..^unit.Length].Trim();
            if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw Fault("ParseUint", digits, digits.Length > 0 && digits.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax");
            return (long)Math.Clamp(Math.Min(number, 1e15m) * bits / 8, 1, long.MaxValue / 2);
        }
        throw new FormatException("invalid unit");
    }

    private static FormatException Fault(string function, string text, string what) => new($"strconv.{function}: parsing \"{text}\": {what}");
}
