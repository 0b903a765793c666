namespace ActorCluster.Benchmarks.Harness;

/// <summary>Runs two measurements in turns, so that a noisy neighbour disturbs both alike, and takes each one's median.</summary>
internal static class SideBySide
{
    public static async Task<Measurement> MeasureAsync(
        BenchmarkSettings settings, string unit, Func<Task<double>> ours, Func<Task<double>> theirs, string note = "")
    {
        await ours();
        await theirs();
        var (a, b) = (new List<double>(), new List<double>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            a.Add(await ours());
            b.Add(await theirs());
        }
        return new Measurement(Median(a), Median(b), unit, note);
    }

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
