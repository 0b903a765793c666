using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Controllers.Chaos;

/// <summary>How many of what was selected, and which (pkg/selector/generic/mode.go of Chaos Mesh).</summary>
internal static class SelectionMode
{
    /// <param name="value">What the mode counts by; the API has checked it.</param>
    public static IReadOnlyList<T> Choose<T>(string mode, string? value, IReadOnlyList<T> from, RandomSource random)
    {
        if (from.Count == 0) return [];
        return mode switch
        {
            "one" => [from[random.Next(from.Count)]],
            "fixed" => Any(Math.Min(from.Count, ChaosValues.Integer(value ?? "")), from, random),
            "fixed-percent" => Any(Share(from.Count, ChaosValues.Integer(value ?? "")), from, random),
            // Any share up to the one that is said, none among them.
            "random-max-percent" => Any(Share(from.Count, random.Next(ChaosValues.Integer(value ?? "") + 1)), from, random),
            _ => from,
        };
    }

    /// <summary>At least one, where there is a share at all.</summary>
    private static int Share(int count, int percent) => (int)Math.Ceiling(count * (double)percent / 100);

    private static T[] Any<T>(int count, IReadOnlyList<T> from, RandomSource random)
    {
        var left = from.ToList();
        var chosen = new T[count];
        for (var i = 0; i < count; i++)
        {
            var index = random.Next(left.Count);
            chosen[i] = left[index];
            left.RemoveAt(index);
        }
        return chosen;
    }
}
