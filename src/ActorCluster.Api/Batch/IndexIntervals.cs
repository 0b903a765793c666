using System.Collections.Immutable;
using System.Globalization;

namespace ActorCluster.Api.Batch;

/// <summary>Completion indexes from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct IndexInterval(int First, int Last)
{
    public int Count => Last - First + 1;
}

/// <summary>A set of completion indexes as a Job's status has it: "1,3-5,7" (orderedIntervals in pkg/controller/job/indexed_job_utils.go).</summary>
/// <param name="Intervals">From the lowest, neither overlapping nor touching.</param>
public sealed record IndexIntervals(ImmutableArray<IndexInterval> Intervals)
{
    public static readonly IndexIntervals Empty = new([]);

    public int Total => Intervals.Sum(interval => interval.Count);

    /// <summary>Reads what is readable of a list; indexes from <paramref name="completions"/> on are left out.</summary>
    public static IndexIntervals Parse(string? text, int completions)
    {
        List<IndexInterval> intervals = [];
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var limits = part.Split('-');
            if (Number(limits[0]) is not { } first) continue;
            if (first >= completions) break;
            var last = limits.Length > 1 ? Number(limits[1]) : first;
            if (last is not null) intervals.Add(new IndexInterval(first, Math.Min(last.Value, completions - 1)));
        }
        return Empty.Merge(intervals);
    }

    /// <summary>What is wrong with a list; null if nothing is. In the words of validateIndexesFormat in pkg/apis/batch/validation.</summary>
    /// <param name="total">How many indexes there are in a list with which nothing is wrong.</param>
    public static string? Fault(string text, int completions, out int total)
    {
        total = 0;
        if (text.Length == 0) return null;
        int? previous = null;
        foreach (var part in text.Split(','))
        {
            if (FaultOf(part, completions, out var interval) is { } fault) return fault;
            if (previous >= interval.First) return $"non-increasing order, previous: {previous}, current: {interval.First}";
            total += interval.Count;
            previous = interval.Last;
        }
        return null;
    }

    public bool Has(int index) => Intervals.Any(interval => interval.First <= index && index <= interval.Last);

    /// <summary>With these indexes added.</summary>
    public IndexIntervals With(IEnumerable<int> indexes) => Merge(indexes.Order().Select(index => new IndexInterval(index, index)));

    public IndexIntervals Merge(IndexIntervals other) => Merge(other.Intervals);

    /// <summary>The indexes that are in both.</summary>
    public IEnumerable<IndexInterval> Common(IndexIntervals other)
    {
        for (int i = 0, j = 0; i < Intervals.Length && j < other.Intervals.Length;)
        {
            var (mine, theirs) = (Intervals[i], other.Intervals[j]);
            var common = new IndexInterval(Math.Max(mine.First, theirs.First), Math.Min(mine.Last, theirs.Last));
            if (common.Count > 0) yield return common;
            // What ends first has nothing in common with what comes later.
            if (mine.Last < theirs.Last) i++;
            else j++;
        }
    }

    /// <summary>The lowest indexes below <paramref name="completions"/> that are not among these, at most <paramref name="count"/>.</summary>
    public IEnumerable<int> FirstAbsent(int count, int completions)
    {
        var candidate = 0;
        foreach (var interval in Intervals)
        {
            for (; candidate < completions && candidate < interval.First && count > 0; candidate++, count--) yield return candidate;
            candidate = Math.Max(candidate, interval.Last + 1);
        }
        for (; candidate < completions && count > 0; candidate++, count--) yield return candidate;
    }

    /// <summary>Two neighbours are "1,2", more are "1-3".</summary>
    public override string ToString() => string.Join(',', Intervals.Select(interval => interval.Count switch
    {
        1 => Text(interval.First),
        2 => $"{Text(interval.First)},{Text(interval.Last)}",
        _ => $"{Text(interval.First)}-{Text(interval.Last)}",
    }));

    public bool Equals(IndexIntervals? other) => other is not null && Intervals.SequenceEqual(other.Intervals);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private IndexIntervals Merge(IEnumerable<IndexInterval> added)
    {
        var merged = ImmutableArray.CreateBuilder<IndexInterval>();
        foreach (var interval in Intervals.Concat(added).OrderBy(interval => interval.First))
        {
            if (merged.Count == 0 || interval.First > merged[^1].Last + 1) merged.Add(interval);
            else merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, interval.Last) };
        }
        return new IndexIntervals(merged.ToImmutable());
    }

    private static string? FaultOf(string part, int completions, out IndexInterval interval)
    {
        interval = default;
        var limits = part.Split('-');
        if (limits.Length > 2) return $"the fragment \"{part}\" violates the requirement that an index interval can have at most two parts separated by '-'";
        List<int> numbers = [];
        foreach (var limit in limits)
        {
            if (Number(limit) is not { } number) return $"cannot convert string to integer for index: \"{limit}\"";
            if (number >= completions) return $"too large index: \"{limit}\"";
            numbers.Add(number);
        }
        if (numbers.Count > 1 && numbers[0] >= numbers[1]) return $"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}";
        interval = new IndexInterval(numbers[0], numbers[^1]);
        return null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
