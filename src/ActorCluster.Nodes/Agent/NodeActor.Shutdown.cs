using ActorCluster.Nodes.Pods;
using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

/// <summary>The node's orderly end (pkg/kubelet/nodeshutdown): it says that it isn't ready, ends its pods group by group, and goes when the API knows all of it.</summary>
internal sealed partial class NodeActor
{
    /// <summary>The Ready condition's message.</summary>
    private const string ShuttingDown = "node is shutting down";

    /// <summary>For what its pods' last words take to reach the API, beyond their grace.</summary>
    private static readonly TimeSpan ReportingTime = TimeSpan.FromSeconds(5);

    private static readonly AdmissionRefusal TooLate = new("NodeShutdown", "Pod was rejected as the node is shutting down.");

    private readonly Queue<ShutdownGroup> _shutdownGroups = [];
    private ShutdownGroup? _endingGroup;
    private bool _shuttingDown;
    private bool _shutDownTold;
    private ITimer? _shutDownLimit;
    private ITimer? _groupLimit;

    private void OnShutDown()
    {
        if (_shuttingDown) return;
        _shuttingDown = true;
        _status.Tell(new SetReadiness(_services?.HostIPs ?? [], ShuttingDown, IsShutdown: true));
        _shutDownLimit = _process.Simulation.Clock.TellAfter(_options.ShutdownGracePeriod + ReportingTime, Self, ShutDownLimit.Instance);
        foreach (var group in ShutdownGroups.Of(_pods.Values.Select(entry => entry.Pod), _options.ShutdownGracePeriod, _options.ShutdownGracePeriodCriticalPods)) _shutdownGroups.Enqueue(group);
        EndNextGroup();
    }

    private void EndNextGroup()
    {
        _groupLimit?.Dispose();
        if (_shutdownGroups.TryDequeue(out _endingGroup))
        {
            _groupLimit = _process.Simulation.Clock.TellAfter(_endingGroup.Grace, Self, new GroupLimit(_endingGroup));
            foreach (var uid in _endingGroup.Uids)
            {
                if (_pods.TryGetValue(uid, out var entry)) entry.Actor.Tell(new ShutDownPod(_endingGroup.Grace));
            }
        }
        GoOnWhenSettled();
    }

    private void OnGroupLimit(GroupLimit limit)
    {
        if (ReferenceEquals(limit.Group, _endingGroup)) EndNextGroup();
    }

    private void OnPodSettled(string uid)
    {
        if (_pods.TryGetValue(uid, out var entry)) entry.IsSettled = true;
        GoOnWhenSettled();
    }

    private void OnReadinessReported(string? notReady)
    {
        _shutDownTold |= notReady == ShuttingDown;
        GoOnWhenSettled();
    }

    private void GoOnWhenSettled()
    {
        if (!_shuttingDown) return;
        if (_shutdownGroups.Count > 0)
        {
            if (_endingGroup is null || _endingGroup.Uids.All(uid => !_pods.TryGetValue(uid, out var entry) || IsOver(entry))) EndNextGroup();
        }
        else if (_shutDownTold && _pods.Values.All(IsOver))
        {
            Context.Stop(Self);
        }

        static bool IsOver(PodEntry entry) => entry.IsSettled || entry.Actor.IsNobody();
    }

    private void EndShutdownTimers()
    {
        _shutDownLimit?.Dispose();
        _groupLimit?.Dispose();
    }

    private sealed class ShutDownLimit : ILateMessage
    {
        public static readonly ShutDownLimit Instance = new();
    }

    private sealed record GroupLimit(ShutdownGroup Group) : ILateMessage;
}
