namespace ActorCluster.Benchmarks.Harness;

/// <summary>Runs two measurements in turns, so that a noisy neighbour disturbs both alike, and takes the medians.</summary>
internal static class SideBySide
{
    public static async Task<Measurement> MeasureAsync(
        BenchmarkSettings settings, string unit, Func<Task<double>> ours, Func<Task<double>> theirs, string note = "")
    {
        await ours();
        await theirs();
        var (a, b) = (new List<double>(), new List<double>());
        var (ourTime, theirTime) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var before = Environment.CpuUsage.TotalTime;
            a.Add(await ours());
            var between = Environment.CpuUsage.TotalTime;
            b.Add(await theirs());
            (ourTime, theirTime) = (ourTime + between - before, theirTime + Environment.CpuUsage.TotalTime - between);
        }
        // For whoever measures on a machine that has other things to do: what this process got of it.
        Console.Error.WriteLine($"  {string.Join(' ', a.Zip(b, (x, y) => $"{x / y:0.00}"))}; processor time {ourTime.TotalSeconds:0.0} s against {theirTime.TotalSeconds:0.0} s");
        return new Measurement(Median(a), Median(b), unit, note) { Ratio = Median([.. a.Zip(b, (x, y) => x / y)]) };
    }

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
