using System.Globalization;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>Go's time.ParseDuration for numbers and units such as "5s" and "1m30s".</summary>
internal static class GoDuration
{
    /// <exception cref="FormatException">In Go's words.</exception>
    public static TimeSpan Parse(string text)
    {
        var (total, i) = (TimeSpan.Zero, 0);
        while (i < text.Length || text.Length == 0)
        {
            var number = string.Concat(text[i..].TakeWhile(c => char.IsAsciiDigit(c) || c == '.'));
            var unit = string.Concat(text[(i + number.Length)..].TakeWhile(char.IsAsciiLetter));
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) throw new FormatException($"time: invalid duration \"{text}\"");
            total += unit switch
            {
                "ms" => TimeSpan.FromMilliseconds(value),
                "s" => TimeSpan.FromSeconds(value),
                "m" => TimeSpan.FromMinutes(value),
                "h" => TimeSpan.FromHours(value),
                "" => number == "0" ? TimeSpan.Zero : throw new FormatException($"time: missing unit in duration \"{text}\""),
                _ => throw new FormatException($"time: unknown unit \"{unit}\" in duration \"{text}\""),
            };
            i += number.Length + unit.Length;
        }
        return total;
    }
}
