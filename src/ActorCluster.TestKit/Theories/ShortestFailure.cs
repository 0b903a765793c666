namespace ActorCluster.TestKit.Theories;

/// <summary>Makes a list of causes shorter while it still fails: delta debugging (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).</summary>
internal static class ShortestFailure
{
    /// <param name="count">How many causes there are; all of them together fail.</param>
    /// <param name="fails">Whether some of them, by their indexes in order, still do.</param>
    /// <returns>Those of which none can be left out alone.</returns>
    public static async Task<IReadOnlyList<int>> FindAsync(int count, Func<IReadOnlyList<int>, Task<bool>> fails)
    {
        List<int> kept = [.. Enumerable.Range(0, count)];
        if (count == 0 || await fails([])) return [];
        for (var parts = 2; kept.Count > 1;)
        {
            var size = (kept.Count + parts - 1) / parts;
            var (smaller, isPart) = await NextAsync(kept, size, fails);
            if (smaller is not null)
            {
                kept = smaller;
                parts = isPart ? 2 : Math.Max(parts - 1, 2);
            }
            else if (size == 1)
            {
                break;
            }
            else
            {
                parts = Math.Min(parts * 2, kept.Count);
            }
        }
        return kept;
    }

    /// <summary>A part that fails by itself, or all but a part.</summary>
    private static async Task<(List<int>? Smaller, bool IsPart)> NextAsync(List<int> kept, int size, Func<IReadOnlyList<int>, Task<bool>> fails)
    {
        if (size < kept.Count)
        {
            for (var from = 0; from < kept.Count; from += size)
            {
                var part = kept.Skip(from).Take(size).ToList();
                if (await fails(part)) return (part, true);
            }
        }
        for (var from = 0; from < kept.Count; from += size)
        {
            var rest = kept.Take(from).Concat(kept.Skip(from + size)).ToList();
            if (rest.Count > 0 && rest.Count < kept.Count && await fails(rest)) return (rest, false);
        }
        return (null, false);
    }
}
