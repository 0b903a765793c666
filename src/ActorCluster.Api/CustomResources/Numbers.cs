using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorCluster.Api.CustomResources;

/// <summary>Numbers of JSON documents, as schemas look at them.</summary>
internal static class Numbers
{
    public static bool IsNumber(JsonNode? node) => node is JsonValue && node.GetValueKind() == JsonValueKind.Number;

    /// <summary>Whole numbers, however they are written (1, 1.0).</summary>
    public static bool IsInteger(JsonNode? node) => AsDouble(node) is { } number && Math.Floor(number) == number;

    public static double? AsDouble(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number) return null;
        if (value.TryGetValue(out double real)) return real;
        if (value.TryGetValue(out long whole)) return whole;
        if (value.TryGetValue(out int small)) return small;
        return value.TryGetValue(out decimal exact) ? (double)exact : null;
    }

    /// <summary>As Go's %v prints a float64.</summary>
    public static string Print(double number)
    {
        var magnitude = Math.Abs(number);
        if (magnitude is not 0 and (< 1e-4 or >= 1e21))
        {
            var text = number.ToString("E16", CultureInfo.InvariantCulture);
            var shortest = number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
            var exponent = int.Parse(text[(text.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
            var at = shortest.IndexOf('e', StringComparison.Ordinal);
            var mantissa = at < 0 ? (number / Math.Pow(10, exponent)).ToString("R", CultureInfo.InvariantCulture) : shortest[..at];
            return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        return number.ToString("0.#################", CultureInfo.InvariantCulture);
    }
}
