using System.Collections.Immutable;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Agent;

/// <summary>To the status actor: from now on the node can run pods (null) or can't, and why.</summary>
/// <param name="IsShutdown">Because it shuts down.</param>
internal sealed record SetReadiness(ImmutableArray<string> HostIPs, string? NotReady, bool IsShutdown = false) : ILocalMessage;

/// <summary>To the node: the API server knows the node, and these are its pods' addresses, a block for each family.</summary>
internal sealed record PodCidrsAllotted(ImmutableArray<string> PodCidrs) : ILocalMessage;

/// <summary>Answer to <see cref="SetReadiness"/>, once it is written.</summary>
internal sealed record ReadinessReported(string? NotReady) : ILocalMessage;

/// <summary>To a node and its status actor: the API has this node, or has changed it.</summary>
internal sealed record NodeSeen(V1Node Node) : ILocalMessage;

/// <summary>
/// Keeps the API informed about the node: registers it, renews its lease, writes its status when it changes and now and then besides. The kubelet's
/// node status loop. It goes on trying while the API server is away.
/// </summary>
/// <remarks>Child of NodeActor, "status". Holds nothing that its parent can't tell it again.</remarks>
internal sealed class NodeStatusActor(NodeReporter reporter, NodesOptions process, ClusterObjects objects, string nodeName, EventRecorder events) : UntypedActor
{
    public const string NetworkNotReady = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Leases are renewed when a second begins.</summary>
    private static readonly TimeSpan LeaseStep = TimeSpan.FromSeconds(1);

    /// <summary>nodeStatusReportFrequency is 30 times nodeStatusUpdateFrequency by default: an unchanged status is written no more often (KEP-589).</summary>
    private const int UpdatesBetweenReports = 30;

    private V1Node? _node;
    private bool _allotted;
    private ImmutableArray<string> _hostIPs = [];
    private string? _notReady = NetworkNotReady;
    private (ImmutableArray<string> HostIPs, string? NotReady)? _reported;
    private long _reportedAt;

    /// <summary>The state of the API's object (which never changes) that was last found to say what the node says, and what that was: not to be compared again.</summary>
    private (V1Node Node, bool Ready)? _asReported;
    private readonly Rounds _updates = new(process.Simulation.Clock, process.Timings.NodeStatusUpdateFrequency);
    private (long Since, TimeSpan Wait) _statusDue;
    private bool _writing;
    private ITimer? _register;
    private ITimer? _lease;
    private long _leaseDueAt;
    private ITimer? _status;

    private TimeProvider Clock => process.Simulation.Clock;

    /// <summary>Upstream's nodeLeaseRenewIntervalFraction (pkg/kubelet/kubelet.go).</summary>
    private TimeSpan LeaseInterval => process.Timings.NodeLeaseDuration / 4;

    private TimeSpan ReportInterval => process.Timings.NodeStatusUpdateFrequency * UpdatesBetweenReports;

    public static Props Props(NodeReporter reporter, NodesOptions process, ClusterObjects objects, string nodeName, EventRecorder events) =>
        Akka.Actor.Props.Create(() => new NodeStatusActor(reporter, process, objects, nodeName, events));

    protected override void PreStart()
    {
        Record("Normal", "Starting", "Starting kubelet.");
        // pkg/kubelet/cm/node_container_manager_linux.go.
        Record("Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
        Register();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Registered registered: OnRegistered(registered); break;
            case RegisterAgain: Register(); break;
            case NodeSeen seen: OnNodeSeen(seen.Node); break;
            case LeaseDue: OnLeaseDue(); break;
            case LeaseRenewed renewed: OnLeaseRenewed(renewed.Fault); break;
            case StatusDue: OnStatusDue(); break;
            case StatusReported reported: OnStatusReported(reported); break;
            case SetReadiness readiness: OnSetReadiness(readiness); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _register?.Dispose();
        _lease?.Dispose();
        _status?.Dispose();
    }

    private void Register() => reporter.RegisterAsync(_hostIPs, _notReady, Clock.GetUtcNow())
        .PipeTo(Self, useConfigureAwait: true, success: registered => new Registered(registered.Node, registered.Created), failure: fault => new Registered(null, null, fault));

    private void OnRegistered(Registered registered)
    {
        if (registered.Node is not { } node)
        {
            Report("registering the node", registered.Fault);
            _register = Clock.TellAfter(RetryDelay, Self, RegisterAgain.Instance);
            return;
        }
        _node = node;
        if (registered.Created is { } created) RecordStatus(NodeObject.Turns(created.Status, null));
        OnLeaseDue();
        OnStatusDue();
        // What was seen of it before this answer came isn't told again.
        TellPodCidrs(objects.Node(nodeName) is { } seen && seen.Metadata.Uid == node.Metadata.Uid ? seen : node);
    }

    private void OnNodeSeen(V1Node node)
    {
        if (_node is null) return;
        _node = node;
        TellPodCidrs(node);
        // Who was cut off or paused is heard again as soon as it hears that it wasn't.
        if (_writing || _reported is null) return;
        if (node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "Unknown" }) is true) WriteStatus();
        else if (!IsAsReported() && _updates.UntilNext() is var next && Clock.GetElapsedTime(_statusDue.Since) + next < _statusDue.Wait) ScheduleStatus(next);
    }

    private void TellPodCidrs(V1Node node)
    {
        if (_allotted || string.IsNullOrEmpty(node.Spec?.PodCIDR)) return;
        _allotted = true;
        Context.Parent.Tell(new PodCidrsAllotted(node.Spec.PodCIDRs is { Count: > 0 } all ? [.. all] : [node.Spec.PodCIDR]));
    }

    private void OnLeaseDue()
    {
        _leaseDueAt = Clock.GetTimestamp();
        var renewal = reporter.RenewLeaseAsync(_node!.Metadata.Uid, process.Timings.NodeLeaseDuration, Clock.GetUtcNow());
        if (renewal.IsCompletedSuccessfully) OnLeaseRenewed(null);
        else renewal.PipeTo(Self, useConfigureAwait: true, success: () => new LeaseRenewed(null), failure: fault => new LeaseRenewed(fault));
    }

    private void OnLeaseRenewed(Exception? fault)
    {
        if (fault is not null) Report("renewing the node's lease", fault);
        var wait = LeaseInterval - Clock.GetElapsedTime(_leaseDueAt);
        _lease?.Dispose();
        _lease = Clock.TellAfter(fault is null || wait < RetryDelay ? Clock.UntilEven(wait, LeaseStep) : RetryDelay, Self, LeaseDue.Instance);
    }

    private void OnSetReadiness(SetReadiness readiness)
    {
        if (readiness.IsShutdown) Record("Normal", "Shutdown", "Shutdown manager detected shutdown event");
        (_hostIPs, _notReady) = (readiness.HostIPs, readiness.NotReady);
        OnStatusDue();
    }

    private void OnStatusDue()
    {
        if (_node is null || _writing) return;
        _updates.Begin();
        // The updates until then would find the same, unless the API's object changes, of which the node is told.
        var unchanged = ReportInterval - Clock.GetElapsedTime(_reportedAt);
        if (_reported == (_hostIPs, _notReady) && unchanged > TimeSpan.Zero && IsAsReported()) ScheduleStatus(unchanged);
        else WriteStatus();
    }

    /// <summary>When nothing is new here, the API may still say otherwise: that the node fell silent, or that it has more than it knew.</summary>
    private bool IsAsReported()
    {
        if (objects.Node(nodeName) is not { } node || _asReported == (node, _notReady is null)) return true;
        if (!reporter.IsAsReported(node, _notReady is null)) return false;
        _asReported = (node, _notReady is null);
        return true;
    }

    private void WriteStatus()
    {
        _writing = true;
        var (hostIPs, notReady) = (_hostIPs, _notReady);
        reporter.ReportAsync(_node!.Status, hostIPs, notReady, Clock.GetUtcNow())
            .PipeTo(Self, useConfigureAwait: true, success: report => new StatusReported(report, hostIPs, notReady), failure: fault => new StatusReported(default, hostIPs, notReady, fault));
    }

    private void OnStatusReported(StatusReported reported)
    {
        _writing = false;
        if (reported.Fault is not null)
        {
            Report("writing the node's status", reported.Fault);
            ScheduleStatus(RetryDelay);
            return;
        }
        // A node whose object was deleted stays out of the cluster until it is started anew, as upstream's kubelet does.
        if (!reported.Report.IsThere) Report("writing the node's status", new InvalidOperationException($"node \"{nodeName}\" not found"));
        else if (reported.Report.Node is { } node)
        {
            _node = node;
            // MachineInfo in pkg/kubelet/nodestatus/setters.go.
            if (reported.Report.IsRebooted) Record("Warning", "Rebooted", $"Node {nodeName} has been rebooted, boot id: {reporter.BootId}");
            RecordStatus(reported.Report.Turns ?? []);
        }
        var changed = _reported?.NotReady != reported.NotReady || _reported is null;
        _reported = (reported.HostIPs, reported.NotReady);
        _reportedAt = Clock.GetTimestamp();
        _updates.Begin();
        if (changed) Context.Parent.Tell(new ReadinessReported(reported.NotReady));
        if (_reported != (_hostIPs, _notReady)) WriteStatus();
        // What is seen of the API may be behind, and then it is looked at again with the next update.
        else ScheduleStatus(IsAsReported() ? ReportInterval : process.Timings.NodeStatusUpdateFrequency);
    }

    private void ScheduleStatus(TimeSpan delay)
    {
        _status?.Dispose();
        _statusDue = (Clock.GetTimestamp(), delay);
        _status = Clock.TellAfter(delay, Self, StatusDue.Instance);
    }

    /// <summary>That the API server is away is expected; it is tried again all the same.</summary>
    private void Report(string doing, Exception? fault)
    {
        if (fault is not null and not ApiUnavailableException) process.Simulation.ReportFault($"{doing} {nodeName}", fault);
    }

    /// <summary>recordNodeStatusEvent in pkg/kubelet/kubelet_node_status.go.</summary>
    private void RecordStatus(IEnumerable<string> reasons)
    {
        foreach (var reason in reasons) Record("Normal", reason, $"Node {nodeName} status is now: {reason}");
    }

    private void Record(string type, string reason, string message) =>
        // Upstream names the node by its name where a uid belongs, since events can come before the object.
        events.Record(new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = nodeName, Uid = nodeName }, type, reason, message);

    private sealed record Registered(V1Node? Node, V1Node? Created, Exception? Fault = null) : ILateMessage;
    private sealed record LeaseRenewed(Exception? Fault) : ILateMessage;
    private sealed record StatusReported(NodeReport Report, ImmutableArray<string> HostIPs, string? NotReady, Exception? Fault = null) : ILateMessage;

    private sealed class RegisterAgain : ILateMessage
    {
        public static readonly RegisterAgain Instance = new();
    }

    private sealed class LeaseDue : ILateMessage
    {
        public static readonly LeaseDue Instance = new();
    }

    private sealed class StatusDue : ILateMessage
    {
        public static readonly StatusDue Instance = new();
    }
}
