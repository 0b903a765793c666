using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Tcp;

namespace ActorCluster.Network.Stack;

/// <summary>One timer for all connections of a namespace. All calls come under the namespace's lock.</summary>
/// <remarks>
/// Deadlines move with every segment, mostly to later. A connection stays where it was queued and is looked at again when that time comes,
/// so that moving a deadline costs nothing.
/// </remarks>
internal sealed class DeadlineTimer(SimulationContext simulation, Action onTimer) : IDisposable
{
    private readonly PriorityQueue<TcpConnection, long> _queue = new();
    private ITimer? _timer;
    private long _due = TcpConnectionMachine.Never;

    public void Update(TcpConnection connection, long now)
    {
        var deadline = connection.Machine.Deadline;
        if (deadline >= connection.QueuedDeadline) return;
        connection.QueuedDeadline = deadline;
        _queue.Enqueue(connection, deadline);
        Arm(now);
    }

    /// <summary>The next connection whose deadline has passed.</summary>
    public TcpConnection? NextDue(long now)
    {
        while (_queue.TryPeek(out var connection, out var queued) && queued <= now)
        {
            _queue.Dequeue();
            if (connection.QueuedDeadline != queued) continue; // queued again since, for an earlier time
            connection.QueuedDeadline = TcpConnectionMachine.Never;
            if (connection.Machine.Deadline <= now) return connection;
            if (connection.Machine.Deadline == TcpConnectionMachine.Never) continue;
            connection.QueuedDeadline = connection.Machine.Deadline;
            _queue.Enqueue(connection, connection.QueuedDeadline);
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
