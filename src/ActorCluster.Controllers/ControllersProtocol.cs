namespace ActorCluster.Controllers;

/// <summary>Asks <see cref="ControllersActor"/> to answer with <see cref="ControllersReady"/> as soon as all caches are filled and the
/// controllers work; at once if they do already.</summary>
public sealed record WaitForControllers
{
    public static readonly WaitForControllers Instance = new();
}

/// <summary>All controllers are at work.</summary>
public sealed record ControllersReady(IReadOnlyList<string> Names);
