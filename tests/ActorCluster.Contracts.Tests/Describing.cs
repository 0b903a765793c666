using System.Collections;
using System.Globalization;

namespace ActorCluster.Contracts.Tests;

internal static class Describing
{
    /// <summary>All that a message holds, by value: records compare their bytes and lists by reference. What has no setter is computed from the rest.</summary>
    public static string All(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Select(All))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties()
            .Where(static property => property.CanWrite)
            .Select(property => $"{property.Name}={All(property.GetValue(value))}"))})",
    };
}
