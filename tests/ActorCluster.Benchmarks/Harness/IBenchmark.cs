namespace ActorCluster.Benchmarks.Harness;

/// <summary>One row of the README's table: a figure of ours beside a yardstick, both taken in the same run.</summary>
internal interface IBenchmark
{
    /// <summary>What `--only` selects by.</summary>
    string Id { get; }

    /// <summary>What is measured.</summary>
    string Subject { get; }

    /// <summary>What it is held against.</summary>
    string Yardstick { get; }

    /// <summary>The bar that the ratio has to meet.</summary>
    Bar Bar { get; }

    Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken);
}

/// <param name="Value">Compared with the ratio, or with the figure itself where there is no yardstick.</param>
internal readonly record struct Bar(BarKind Kind, double Value, string Unit = "")
{
    public static Bar AtLeast(double ratio) => new(BarKind.AtLeast, ratio);
    public static Bar AtMost(double value, string unit = "") => new(BarKind.AtMost, value, unit);

    public bool IsMetBy(double value) => Kind == BarKind.AtLeast ? value >= Value : value <= Value;

    public override string ToString() => $"{(Kind == BarKind.AtLeast ? "at least" : "at most")} {Value:0.##}{(Unit.Length > 0 ? " " + Unit : "")}";
}

internal enum BarKind
{
    AtLeast,
    AtMost,
}

/// <param name="Ours">Our figure.</param>
/// <param name="Theirs">The yardstick's figure in the same unit; null where the bar is an absolute amount.</param>
internal readonly record struct Measurement(double Ours, double? Theirs, string Unit, string Note = "")
{
    /// <summary>Ours by theirs, as the middle one of all rounds: noise that comes and goes between rounds is in both figures of one.</summary>
    public double? Ratio { get; init; }

    public double Score => Ratio ?? Ours;
}

/// <param name="Rounds">How often the whole is done; the median counts.</param>
/// <param name="Duration">How long one side runs in a round.</param>
internal sealed record BenchmarkSettings(int Rounds, TimeSpan Duration)
{
    /// <summary>How often the sides take turns within a round: where threads run and what neighbours do changes too often for one turn each.</summary>
    public int Turns { get; init; } = 10;

    /// <summary>How long one side runs in a turn.</summary>
    public TimeSpan Turn => Duration / Turns;
}
