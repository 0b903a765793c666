using ActorCluster.Contracts.Runtime;

namespace ActorCluster.TestKit;

/// <summary>A cluster's time. On virtual time it passes while the test waits for something of the cluster, step by step to each next deadline; else it stands still.</summary>
public sealed class ClusterClock
{
    private readonly SimulationContext _simulation;
    private readonly DateTimeOffset _start;

    internal ClusterClock(SimulationContext simulation) => (_simulation, _start) = (simulation, simulation.Loop?.Clock.Start ?? simulation.Clock.GetUtcNow());

    /// <summary>What all of the cluster goes by: for a test's own timers, and for programs that take a TimeProvider.</summary>
    public TimeProvider TimeProvider => _simulation.Clock;

    public DateTimeOffset UtcNow => _simulation.Clock.GetUtcNow();

    /// <summary>How much has passed since the cluster was started.</summary>
    public TimeSpan Elapsed => UtcNow - _start;

    /// <summary>Whether time is virtual.</summary>
    public bool IsVirtual => _simulation.Loop is not null;

    /// <summary>Whether <see cref="Pause"/> holds it.</summary>
    public bool IsPaused => _simulation.Loop?.IsPaused ?? false;

    /// <summary>Lets that much time pass. On virtual time all that is due on the way is done on the way, and this returns when nothing is left to do; in real time it waits.</summary>
    public Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken = default) =>
        _simulation.Loop is { } loop ? loop.AdvanceAsync(time).WaitAsync(cancellationToken) : Task.Delay(time, _simulation.Clock, cancellationToken);

    /// <summary>Lets time pass until then; at once if it has passed.</summary>
    public Task AdvanceToAsync(DateTimeOffset time, CancellationToken cancellationToken = default) =>
        time > UtcNow ? AdvanceAsync(time - UtcNow, cancellationToken) : Task.CompletedTask;

    /// <summary>
    /// Holds virtual time until the handle is disposed of, whoever waits; <see cref="AdvanceAsync"/> alone lets it pass then. An assertion that doesn't hold at once fails.
    /// </summary>
    /// <exception cref="InvalidOperationException">The cluster is on real time.</exception>
    public IDisposable Pause() => _simulation.Loop?.Pause() ?? throw new InvalidOperationException("Real time can't be paused.");

    /// <summary>Waits until nothing is left to do without time passing. In real time there is no such moment: it returns at once.</summary>
    public Task QuietAsync() => _simulation.Loop?.QuietAsync() ?? Task.CompletedTask;
}
