using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Tcp;
using ActorCluster.Network.Timing;

namespace ActorCluster.Network.Stack;

/// <summary>One timer for all connections and associations of a namespace. All calls come under the namespace's lock.</summary>
/// <remarks>
/// Deadlines move with every segment, mostly to later. A connection stays where it was queued and is looked at again when that time comes,
/// so that moving a deadline costs nothing.
/// </remarks>
internal sealed class DeadlineTimer(SimulationContext simulation, Action onTimer) : IDisposable
{
    private readonly DueQueue<Timed> _queue = new();
    private ITimer? _timer;
    private long _due = TcpConnectionMachine.Never;

    /// <param name="deadline">The connection's own, which the caller has read already.</param>
    public void Update(Timed connection, long deadline, long now)
    {
        if (deadline >= connection.QueuedDeadline) return;
        connection.QueuedDeadline = deadline;
        _queue.Set(connection, deadline);
        Arm(now);
    }

    /// <summary>The connection is over: nothing is to be remembered of it.</summary>
    public void Remove(Timed connection)
    {
        if (_queue.Remove(connection)) connection.QueuedDeadline = TcpConnectionMachine.Never;
    }

    /// <summary>The next connection whose deadline has passed.</summary>
    public Timed? NextDue(long now)
    {
        while (_queue.TryPeek(out var connection, out var queued) && queued <= now)
        {
            var deadline = connection.Deadline;
            if (deadline > now && deadline != TcpConnectionMachine.Never)
            {
                connection.QueuedDeadline = deadline;
                _queue.Set(connection, deadline);
                continue;
            }
            Remove(connection);
            if (deadline <= now) return connection;
        }
        _due = TcpConnectionMachine.Never;
        Arm(now);
        return null;
    }

    private void Arm(long now)
    {
        if (!_queue.TryPeek(out _, out var first) || first >= _due) return;
        _due = first;
        // Whole milliseconds, rounded up: timers cut off what is below, and would come too early.
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, (first - now + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond));
        if (_timer is null) _timer = simulation.Clock.CreateTimer(static state => ((Action)state!)(), onTimer, wait, Timeout.InfiniteTimeSpan);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();
}
