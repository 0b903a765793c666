using ActorCluster.Host.Options;

namespace ActorCluster.Cli.CommandLine;

/// <summary>An option's duration, which help shows as it is to be written.</summary>
internal readonly record struct Duration(TimeSpan Value)
{
    public static implicit operator TimeSpan(Duration duration) => duration.Value;

    public override string ToString() => Durations.Format(Value);
}
