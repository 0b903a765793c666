using ActorCluster.Benchmarks.Harness;

namespace ActorCluster.Benchmarks.Testing;

/// <summary>A figure of the test kit's package, taken as users have it, in a process of its own: the middle one of all rounds.</summary>
/// <param name="figure">Of <see cref="TestKitFigures"/>.</param>
/// <param name="against">The figure that it is held against, taken in turns with it; null: none.</param>
internal sealed class TestKitBenchmark(string id, string subject, string figure, Bar bar, string unit, string yardstick = "", string? against = null) : IBenchmark
{
    public string Id => id;
    public string Subject => subject;
    public string Yardstick => yardstick;
    public Bar Bar => bar;

    public async Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var project = await OutsideProject.Shared();
        List<(double Ours, double? Theirs)> rounds = [];
        for (var round = 0; round < settings.Rounds; round++) rounds.Add((await project.TakeAsync(figure), against is null ? null : await project.TakeAsync(against)));
        var middle = rounds.OrderBy(taken => taken.Theirs is { } theirs ? taken.Ours / theirs : taken.Ours).ElementAt(rounds.Count / 2);
        return new Measurement(middle.Ours, middle.Theirs, unit) { Ratio = middle.Theirs is { } other ? middle.Ours / other : null };
    }
}
