using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Pods;
using ActorCluster.Nodes.Processes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Probes;

/// <summary>One probe of one instance: asks each period, and tells its container when a threshold is reached (pkg/kubelet/prober/worker.go).</summary>
/// <remarks>Child of ContainerActor; ends with the instance. A startup probe ends with its verdict, a liveness probe with its first bad one.</remarks>
internal sealed class ProbeActor : UntypedActor
{
    private readonly ProbeKind _kind;
    private readonly ContainerPlan _plan;
    private readonly ContainerInstance _instance;
    private readonly NodeServices _node;
    private readonly V1Probe _probe;
    private readonly CancellationTokenSource _stopped = new();
    private ProbeCounter _counter;
    private bool? _told;
    private DateTimeOffset _due;
    private ITimer? _timer;

    public ProbeActor(ProbeKind kind, ContainerPlan plan, ContainerInstance instance, DateTimeOffset startedAt, NodeServices node)
    {
        (_kind, _plan, _instance, _node) = (kind, plan, instance, node);
        _probe = kind switch
        {
            ProbeKind.Startup => plan.Spec.StartupProbe,
            ProbeKind.Liveness => plan.Spec.LivenessProbe,
            _ => plan.Spec.ReadinessProbe,
        };
        _due = startedAt + TimeSpan.FromSeconds(_probe.InitialDelaySeconds ?? 0);
    }

    public static Props Props(ProbeKind kind, ContainerPlan plan, ContainerInstance instance, DateTimeOffset startedAt, NodeServices node) =>
        Akka.Actor.Props.Create(() => new ProbeActor(kind, plan, instance, startedAt, node));

    protected override void PreStart()
    {
        if (_due < _node.Now) _due = _node.Now;
        Schedule();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Due: OnDue(); break;
            case Probed probed: OnResult(probed.Result); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _timer?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnDue() => _node.Prober.ProbeAsync(_probe, _plan.Spec, _plan.PodIP, _instance.Container, _stopped.Token)
        .PipeTo(Self, useConfigureAwait: true, success: result => new Probed(result), failure: fault => new Probed(new ProbeResult(ProbeOutcome.Errored, fault.Message)));

    private void OnResult(ProbeResult result)
    {
        var period = TimeSpan.FromSeconds(_probe.PeriodSeconds is > 0 and var seconds ? seconds : 10);
        _due += period;
        if (_due < _node.Now) _due = _node.Now;
        switch (result.Outcome)
        {
            case ProbeOutcome.Errored:
                PodEvents.Record(_node, _plan.About, "Warning", "Unhealthy", $"{_kind} probe errored and resulted in unknown state: {result.Output}");
                break;
            case ProbeOutcome.Failure:
                PodEvents.Record(_node, _plan.About, "Warning", "Unhealthy", $"{_kind} probe failed: {result.Output}");
                if (Count(success: false)) return;
                break;
            case ProbeOutcome.Warning:
                PodEvents.Record(_node, _plan.About, "Warning", "ProbeWarning", $"{_kind} probe warning: {result.Output}");
                if (Count(success: true)) return;
                break;
            case ProbeOutcome.Success:
                if (Count(success: true)) return;
                break;
        }
        Schedule();
    }

    /// <returns>True if there is nothing more to ask.</returns>
    private bool Count(bool success)
    {
        (_counter, var verdict) = _counter.Add(success, Math.Max(_probe.SuccessThreshold ?? 1, 1), Math.Max(_probe.FailureThreshold ?? 3, 1));
        if (verdict is not { } told) return false;
        if (_told != told) Context.Parent.Tell(new ProbeVerdict(_plan.Spec.Name, _instance.Id, _kind, told));
        _told = told;
        var over = _kind == ProbeKind.Startup || (_kind == ProbeKind.Liveness && !told);
        if (over) Context.Stop(Self);
        return over;
    }

    private void Schedule()
    {
        _timer?.Dispose();
        _timer = _node.Clock.TellAfter(_due - _node.Now, Self, Due.Instance);
    }

    private sealed record Probed(ProbeResult Result) : ILateMessage;

    private sealed class Due : ILateMessage
    {
        public static readonly Due Instance = new();
    }
}
