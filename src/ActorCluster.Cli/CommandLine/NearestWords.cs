namespace ActorCluster.Cli.CommandLine;

/// <summary>Which words a mistyped one may have been meant to be. Pure.</summary>
internal static class NearestWords
{
    private const int Most = 3;

    /// <returns>The nearest first; none where nothing is near.</returns>
    public static IEnumerable<string> To(string word, IEnumerable<string> known) =>
        known.Distinct(StringComparer.Ordinal)
            .Select(candidate => (candidate, Distance: Distance(word, candidate)))
            // A third of the letters may be wrong; and who types the beginning of a word means it.
            .Where(one => one.Distance <= Math.Max(1, word.TrimStart('-').Length / 3) || (word.TrimStart('-').Length >= 2 && one.candidate.StartsWith(word, StringComparison.Ordinal)))
            .OrderBy(one => one.Distance).ThenBy(one => one.candidate, StringComparer.Ordinal)
            .Select(one => one.candidate)
            .Take(Most);

    /// <summary>How many letters have to be put in, left out, replaced or swapped with their neighbour (the optimal string alignment distance).</summary>
    public static int Distance(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) table[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(replaced, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }

        return table[from.Length, to.Length];
    }
}
