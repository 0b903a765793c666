using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorCluster.Api.Registry;

/// <summary>The order of API versions: stable ones first, then beta, then alpha, the newest first of each; what is no such version comes last, by its name (apimachinery/pkg/version/helpers.go).</summary>
public sealed partial class KubeVersions : IComparer<string?>
{
    public static readonly KubeVersions NewestFirst = new();

    public int Compare(string? x, string? y)
    {
        var (one, other) = (Parse(x ?? ""), Parse(y ?? ""));
        if (one is null && other is null) return string.CompareOrdinal(x, y);
        if (one is null || other is null) return one is null ? 1 : -1;
        return other.Value.CompareTo(one.Value);
    }

    /// <returns>Rank, major, minor; null for what isn't named like a version.</returns>
    private static (int Rank, int Major, int Minor)? Parse(string version)
    {
        if (Pattern().Match(version) is not { Success: true } match || !TryRead(match.Groups[1], out var major)) return null;
        if (!match.Groups[3].Success) return (2, major, 0);
        return TryRead(match.Groups[4], out var minor) ? (match.Groups[3].Value == "beta" ? 1 : 0, major, minor) : null;
    }

    private static bool TryRead(Group digits, out int number) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex(@"^v([1-9][0-9]*)((alpha|beta)([1-9][0-9]*))?\z")]
    private static partial Regex Pattern();
}
