namespace ActorCluster.Controllers;

/// <summary>Asks <see cref="ControllersActor"/> to answer with <see cref="ControllersReady"/> as soon as all caches are filled and the
/// controllers work; at once if they do already.</summary>
public sealed record WaitForControllers
{
    public static readonly WaitForControllers Instance = new();
}

/// <summary>All controllers are at work.</summary>
public sealed record ControllersReady(IReadOnlyList<string> Names);

/// <summary>Ends <see cref="ControllersActor"/> once the events that its controllers have recorded are written; the message for a graceful stop.</summary>
public sealed record StopControllers
{
    public static readonly StopControllers Instance = new();
}
