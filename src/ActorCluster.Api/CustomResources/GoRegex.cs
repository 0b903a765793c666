using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorCluster.Api.CustomResources;

/// <summary>Regular expressions in Go's syntax (RE2), which match in time linear in the text here as there.</summary>
internal static class GoRegex
{
    /// <param name="fault">What is wrong with it; null if nothing.</param>
    public static Regex? TryParse(string pattern, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            fault = null;
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException unreadable)
        {
            fault = $"error parsing regexp: {unreadable.Message}";
        }
        catch (NotSupportedException unsupported)
        {
            // What would need backtracking isn't in RE2 either.
            fault = $"error parsing regexp: {unsupported.Message}";
        }
        return null;
    }

    /// <summary>Names of groups, and the end of the text, which is no line's end.</summary>
    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                result.Append(c).Append(pattern[++i]);
                continue;
            }
            if (c == '[') inClass = true;
            if (c == ']') inClass = false;
            if (c == '$' && !inClass) result.Append("\\z");
            else if (c == '(' && !inClass && pattern.AsSpan(i).StartsWith("(?P<")) { result.Append("(?<"); i += 3; }
            else result.Append(c);
        }
        return result.ToString();
    }
}
