namespace ActorCluster.Controllers.PodAutoscaling;

/// <summary>What a pod used of a resource.</summary>
/// <param name="Value">In thousandths: of a core, of a byte.</param>
/// <param name="Window">How long it was measured, up to <paramref name="Time"/>.</param>
internal sealed record PodUsage(long Value, DateTimeOffset Time, TimeSpan Window);
