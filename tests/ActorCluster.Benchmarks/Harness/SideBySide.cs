namespace ActorCluster.Benchmarks.Harness;

/// <summary>Runs two measurements in turns, so that a noisy neighbour disturbs both alike; a round is the mean of its turns, and the medians of the rounds count.</summary>
internal static class SideBySide
{
    /// <param name="processorTime">What all processes of both sides have used; null: it is all in this one.</param>
    public static async Task<Measurement> MeasureAsync(
        BenchmarkSettings settings, string unit, Func<Task<double>> ours, Func<Task<double>> theirs, string note = "", Func<TimeSpan>? processorTime = null)
    {
        processorTime ??= static () => Environment.CpuUsage.TotalTime;
        var (a, b) = (new List<double>(), new List<double>());
        var byProcessorTime = new List<double>();
        for (var round = -1; round < settings.Rounds; round++)
        {
            var (mine, yours) = (0.0, 0.0);
            var (myTime, yourTime) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = 0; turn < settings.Turns; turn++)
            {
                var before = processorTime();
                mine += await ours();
                var between = processorTime();
                yours += await theirs();
                (myTime, yourTime) = (myTime + between - before, yourTime + processorTime() - between);
            }
            if (round < 0) continue; // until all is compiled as well as it gets
            a.Add(mine / settings.Turns);
            b.Add(yours / settings.Turns);
            byProcessorTime.Add(mine / yours * (yourTime / myTime));
        }
        // For whoever measures on a machine that has other things to do: the ratios as they would be if each side had got as much of it.
        Console.Error.WriteLine($"  {string.Join(' ', a.Zip(b, (x, y) => $"{x / y:0.00}"))}; per second of processor time {string.Join(' ', byProcessorTime.Select(ratio => $"{ratio:0.00}"))}");
        return new Measurement(Median(a), Median(b), unit, note) { Ratio = Median([.. a.Zip(b, (x, y) => x / y)]) };
    }

    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
