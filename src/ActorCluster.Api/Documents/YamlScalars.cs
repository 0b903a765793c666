using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core.Events;

namespace ActorCluster.Api.Documents;

/// <summary>What a YAML scalar is in JSON: plain ones get their YAML 1.1 types (go.yaml.in/yaml/v2, resolve.go).</summary>
internal static partial class YamlScalars
{
    /// <exception cref="FormatException">A number that JSON doesn't have.</exception>
    public static void Write(Scalar scalar, Utf8JsonWriter writer)
    {
        var text = scalar.Value;
        if (!scalar.IsPlainImplicit) writer.WriteStringValue(text);
        else if (IsNull(text)) writer.WriteNullValue();
        else if (Boolean(text) is { } flag) writer.WriteBooleanValue(flag);
        else if (Integer(text) is { } whole)
        {
            if (whole < 0) writer.WriteNumberValue((long)whole);
            else writer.WriteNumberValue((ulong)whole);
        }
        else if (Infinite().IsMatch(text)) throw new FormatException($"json: unsupported value: {(text.EndsWith("nan", StringComparison.OrdinalIgnoreCase) ? "NaN" : text[0] == '-' ? "-Inf" : "+Inf")}");
        else if (Real(text) is { } real) writer.WriteNumberValue(real);
        else writer.WriteStringValue(text);
    }

    /// <summary>A mapping's key as JSON names it: <c>yes: 1</c> has the key "true".</summary>
    public static string Key(Scalar scalar)
    {
        var text = scalar.Value;
        if (!scalar.IsPlainImplicit) return text;
        if (Boolean(text) is { } flag) return flag ? "true" : "false";
        return Integer(text) is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : text;
    }

    private static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    private static bool? Boolean(string text) => text switch
    {
        "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    // 17, 0x1f, 0o17, 0b11 and YAML 1.1's 017, as Go's ParseInt with base 0 and then ParseUint read them.
    private static Int128? Integer(string text)
    {
        if (text.Length == 0 || text[0] is not ((>= '0' and <= '9') or '+' or '-')) return null;
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits[0] == '-';
        if (digits[0] is '+' or '-') digits = digits[1..];
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var prefix) = digits[1] switch
            {
                'x' or 'X' => (16, 2),
                'o' or 'O' => (8, 2),
                'b' or 'B' => (2, 2),
                _ => (8, 1),
            };
            digits = digits[prefix..];
        }
        if (digits.Length is 0 or > 64) return null;
        Int128 value = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c)) return null;
            var digit = Convert.ToInt32(c.ToString(), 16);
            if (digit >= radix) return null;
            value = value * radix + digit;
            if (value > ulong.MaxValue) return null;
        }
        if (negative) value = -value;
        return value < long.MinValue || (text[0] == '+' && value > long.MaxValue) ? null : value;
    }

    private static double? Real(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return text[0] != '_' && Decimal().IsMatch(plain)
            && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Infinite();
}
