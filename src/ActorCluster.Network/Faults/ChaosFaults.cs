using System.Collections.Immutable;
using ActorCluster.Api.Chaos;
using ActorCluster.Api.Quantities;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Faults;

/// <summary>Chaos Mesh's NetworkChaos objects as faults. Pure.</summary>
internal static class ChaosFaults
{
    /// <summary>What the traces call an object.</summary>
    public static string NameOf(NetworkChaos chaos) => $"NetworkChaos {chaos.Metadata.NamespaceProperty}/{chaos.Metadata.Name}";

    /// <summary>The fault for those pods of the object's records that are injected; null: there are none.</summary>
    public static Fault? Of(NetworkChaos chaos)
    {
        if (chaos.Spec is not { } spec) return null;
        var sources = Injected(chaos, ChaosApi.SourceKey);
        var targets = Injected(chaos, ChaosApi.TargetKey);
        // The target of a direction is a filter only: without it the fault would befall everybody.
        if (sources.IsEmpty || (spec.Target is not null && targets.IsEmpty)) return null;
        var ends = ImmutableArray.CreateBuilder<FaultEnds>();
        if (!targets.IsEmpty) ends.Add(new FaultEnds.NamedPods(targets));
        ends.AddRange(Externals(spec));
        return new(NameOf(chaos), new FaultEnds.NamedPods(sources), ends.Count == 0 ? FaultEnds.Anybody : new FaultEnds.Any(ends.ToImmutable()), Direction(spec), Effects(spec));
    }

    private static ImmutableArray<string> Injected(NetworkChaos chaos, string key) =>
        [.. (chaos.Status?.Experiment?.ContainerRecords ?? []).Where(record => record.SelectorKey == key && record.Phase == ChaosApi.Injected).Select(record => record.Id!)];

    private static IEnumerable<FaultEnds> Externals(NetworkChaosSpec spec)
    {
        foreach (var target in spec.ExternalTargets ?? [])
        {
            if (IpAddress.TryParse(target, out var address)) yield return new FaultEnds.Networks([new(address, address.IsV4 ? 32 : 128)]);
            else if (IpNetwork.TryParse(target, out var network)) yield return new FaultEnds.Networks([network]);
            else yield return new FaultEnds.Services([target]);
        }
    }

    private static FaultDirection Direction(NetworkChaosSpec spec) => spec.Direction switch { "from" => FaultDirection.From, "both" => FaultDirection.Both, _ => FaultDirection.To };

    private static FaultEffects Effects(NetworkChaosSpec spec) => spec.Action switch
    {
        "partition" => new() { Partition = true },
        "bandwidth" => new() { Bandwidth = spec.Bandwidth is { Rate: { } rate } bucket ? Bucket(bucket, rate) : null },
        // One action after another or all at once: what is specified happens, as there.
        _ => new()
        {
            Delay = spec.Delay is { Latency: { } latency } delay ? Delayed(delay, latency) : null,
            Loss = Chance(spec.Loss?.Loss, spec.Loss?.Correlation),
            Duplicate = Chance(spec.Duplicate?.Duplicate, spec.Duplicate?.Correlation),
            Corrupt = Chance(spec.Corrupt?.Corrupt, spec.Corrupt?.Correlation),
            Rate = spec.Rate?.Rate is { } line ? ChaosValues.Rate(line) : null,
        },
    };

    /// <summary>tc reads a peak rate without a unit, which is how Chaos Mesh hands it on, as bits a second.</summary>
    private static BandwidthEffect Bucket(BandwidthSpec bucket, string rate) =>
        new(ChaosValues.Rate(rate), bucket.Limit ?? 1, bucket.Buffer ?? 1, bucket.Peakrate is { } peak and > 0 ? Math.Max(1, peak / 8) : null, bucket.Minburst);

    private static DelayEffect Delayed(DelaySpec delay, string latency) => new(
        GoDurations.Parse(latency),
        delay.Jitter is { Length: > 0 } jitter ? GoDurations.Parse(jitter) : TimeSpan.Zero,
        Percent(delay.Correlation),
        delay.Reorder is { } reorder && Chance(reorder.Reorder, reorder.Correlation) is { } chance ? new(chance, reorder.Gap) : null);

    private static FaultChance? Chance(string? percent, string? correlation) => Percent(percent) is > 0 and var number ? new(number, Percent(correlation)) : null;

    private static double Percent(string? text) => string.IsNullOrEmpty(text) ? 0 : ChaosValues.Float(text);
}
