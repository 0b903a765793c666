namespace ActorCluster.Controllers.Objects;

/// <summary>Times as objects have them: metav1.Time knows whole seconds only.</summary>
internal static class ApiTime
{
    public static DateTime ToApiTime(this DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
