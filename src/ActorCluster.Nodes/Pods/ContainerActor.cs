using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Probes;
using ActorCluster.Nodes.Processes;
using Akka.Actor;

namespace ActorCluster.Nodes.Pods;

/// <summary>One container of a pod: at most one instance of it at a time, its hooks and its probes.</summary>
/// <remarks>Child of PodActor, made when the container is first started. Its end is the instance's end (SIGKILL): nothing survives it; the pod takes a
/// ContainerActor that ended by itself for an instance that was killed.</remarks>
internal sealed class ContainerActor(string name, NodeServices node) : UntypedActor
{
    /// <summary>What is left for SIGTERM when a preStop hook used all the grace up (minimumGracePeriodInSeconds of pkg/kubelet/kuberuntime).</summary>
    private static readonly TimeSpan MinimumGrace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a container's siblings wait for the ports that it declares. A real runtime takes about that long to start the next one, so that
    /// a sidecar finds its neighbour's server; here it would start within microseconds, before the neighbour has run at all.
    /// </summary>
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(1);

    private Run? _run;
    private int _runs;

    public static Props Props(string name, NodeServices node) => Akka.Actor.Props.Create(() => new ContainerActor(name, node));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartInstance start: OnStart(start.Plan); break;
            case StopInstance stop: OnStop(stop.Grace); break;
            case ProbeVerdict verdict: OnVerdict(verdict); break;
            case Settled settled: OnSettled(settled); break;
            case PostStartDone done: OnPostStartDone(done); break;
            case PreStopDone done: OnPreStopDone(done); break;
            case GraceOver over: OnGraceOver(over); break;
            case MainExited exited: OnMainExited(exited); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _run?.Dispose();
        _run = null;
    }

    private void OnStart(ContainerPlan plan)
    {
        if (_run is not null) throw new InvalidOperationException($"container {name} of pod {plan.About.Name} has an instance already");
        ContainerInstance instance;
        try
        {
            instance = Create(plan);
        }
        catch (FileFaultException fault)
        {
            var text = $"failed to mount {fault.Path}: {fault.Message}";
            PodEvents.Record(node, plan.About, "Warning", "Failed", $"Error: {text}");
            Context.Parent.Tell(new InstanceFailed(name, WaitingReasons.CreateContainerError, text, node.Now));
            return;
        }
        PodEvents.Record(node, plan.About, "Normal", "Created", "Container created");
        try
        {
            instance.Start();
        }
        catch (ProgramNotFoundException fault)
        {
            var text = OciErrors.StartFailed(fault);
            PodEvents.Record(node, plan.About, "Warning", "Failed", $"Error: {text}");
            instance.End(node.Simulation);
            Context.Parent.Tell(new InstanceFailed(name, WaitingReasons.RunContainerError, text, node.Now, instance));
            return;
        }
        PodEvents.Record(node, plan.About, "Normal", "Started", "Container started");
        _run = new Run(plan, instance, ++_runs, node.Now, node.Simulation);
        var run = _run.Number;
        instance.Main!.Exit.PipeTo(Self, useConfigureAwait: true, success: code => new MainExited(run, code));
        if (plan.Spec.Lifecycle?.PostStart is { } hook)
            LifecycleHooks.RunAsync(hook, plan, instance, node, _run.Ended.Token).PipeTo(Self, useConfigureAwait: true, success: fault => new PostStartDone(run, fault), failure: e => new PostStartDone(run, e.Message));
        else if (plan.HasSiblings && plan.Spec.Ports?.Where(port => port.Protocol is null or "TCP").Select(port => (ushort)port.ContainerPort).ToList() is { Count: > 0 } ports)
            SettleAsync(_run, ports).PipeTo(Self, useConfigureAwait: true, success: () => new Settled(run));
        else BecomeRunning(_run);
    }

    /// <summary>Until it listens, has ended, or has had its time.</summary>
    private async Task SettleAsync(Run run, IReadOnlyList<ushort> ports)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(run.Ended.Token);
        var listening = ports.Select(port => run.Plan.Configuration.Network.WaitForListenerAsync(port, over.Token));
        await Task.WhenAny(Task.WhenAll(listening), run.Instance.Main!.Exit, Task.Delay(LongestSettling, node.Clock, over.Token));
        await over.CancelInOrderAsync();
    }

    private void OnSettled(Settled settled)
    {
        if (_run is { } run && run.Number == settled.Run) BecomeRunning(run);
    }

    private ContainerInstance Create(ContainerPlan plan) => new(
        plan.ContainerId,
        node.Runtime.Create(plan.Configuration),
        new ContainerLog(node.Clock, node.ContainerLogLimit),
        plan.Spec.Stdin == true ? new AttachedInput(node.Simulation.Pipes) : null,
        plan.Spec.Tty == true ? new Terminal(80, 24) : null,
        plan.Spec.StdinOnce == true);

    private void BecomeRunning(Run run)
    {
        Context.Parent.Tell(new InstanceStarted(name, run.Instance, run.Plan, run.StartedAt));
        if (run.Stopping) return;
        if (run.Plan.Spec.StartupProbe is null) StartProbes(run);
        else StartProbe(run, ProbeKind.Startup);
    }

    private void StartProbes(Run run)
    {
        if (run.Plan.Spec.LivenessProbe is not null) StartProbe(run, ProbeKind.Liveness);
        if (run.Plan.Spec.ReadinessProbe is not null) StartProbe(run, ProbeKind.Readiness);
    }

    private void StartProbe(Run run, ProbeKind kind) =>
        run.Probes.Add((kind, Context.ActorOf(ProbeActor.Props(kind, run.Plan, run.Instance, run.StartedAt, node), $"{kind.ToString().ToLowerInvariant()}-{run.Number}")));

    private void OnVerdict(ProbeVerdict verdict)
    {
        if (_run is not { } run || run.Instance.Id != verdict.ContainerId) return;
        Context.Parent.Tell(verdict);
        if (verdict is { Kind: ProbeKind.Startup, Success: true } && !run.Stopping) StartProbes(run);
    }

    private void OnPostStartDone(PostStartDone done)
    {
        if (_run is not { } run || run.Number != done.Run) return;
        // Either way it ran; a failed hook then ends it.
        BecomeRunning(run);
        if (done.Fault is null || run.Stopping) return;
        PodEvents.Record(node, run.Plan.About, "Warning", "FailedPostStartHook", "PostStartHook failed");
        PodEvents.Record(node, run.Plan.About, "Normal", "Killing", "FailedPostStartHook");
        OnStop(run.Plan.Grace);
    }

    private void OnStop(TimeSpan grace)
    {
        if (_run is not { } run)
        {
            // It ended by itself, and the pod knows or is about to.
            return;
        }
        var deadline = node.Now + grace;
        if (run.Stopping)
        {
            if (deadline < run.Deadline) SetDeadline(run, deadline);
            return;
        }
        run.Stopping = true;
        StopProbes(run, ProbeKind.Startup, ProbeKind.Liveness);
        SetDeadline(run, deadline);
        if (run.Plan.Spec.Lifecycle?.PreStop is { } hook && grace > TimeSpan.Zero)
        {
            var number = run.Number;
            run.InPreStop = true;
            LifecycleHooks.RunAsync(hook, run.Plan, run.Instance, node, run.Ended.Token).PipeTo(Self, useConfigureAwait: true, success: fault => new PreStopDone(number, fault), failure: e => new PreStopDone(number, e.Message));
        }
        else
        {
            run.Instance.Container.Signal(StopSignals.Of(run.Plan.Spec));
        }
    }

    private void OnPreStopDone(PreStopDone done)
    {
        if (_run is not { InPreStop: true } run || run.Number != done.Run) return;
        run.InPreStop = false;
        if (done.Fault is not null) PodEvents.Record(node, run.Plan.About, "Warning", "FailedPreStopHook", "PreStopHook failed");
        SignalWithMinimumGrace(run);
    }

    private void OnGraceOver(GraceOver over)
    {
        if (_run is not { } run || run.Number != over.Run || run.Deadline != over.Deadline) return;
        if (run.InPreStop)
        {
            run.InPreStop = false;
            SignalWithMinimumGrace(run);
        }
        else
        {
            run.Instance.Container.Signal(9);
        }
    }

    private void SignalWithMinimumGrace(Run run)
    {
        run.Instance.Container.Signal(StopSignals.Of(run.Plan.Spec));
        if (run.Deadline - node.Now < MinimumGrace) SetDeadline(run, node.Now + MinimumGrace);
    }

    private void SetDeadline(Run run, DateTimeOffset deadline)
    {
        run.Deadline = deadline;
        run.Timer?.Dispose();
        run.Timer = node.Clock.TellAfter(deadline - node.Now, Self, new GraceOver(run.Number, deadline));
    }

    private void OnMainExited(MainExited exited)
    {
        if (_run is not { } run || run.Number != exited.Run) return;
        _run = null;
        StopProbes(run, ProbeKind.Startup, ProbeKind.Liveness, ProbeKind.Readiness);
        var message = TerminationMessages.Read(run.Instance, run.Plan.Spec, exited.Code);
        run.Dispose();
        Context.Parent.Tell(new InstanceExited(name, run.Instance.Id, exited.Code, message, node.Now));
    }

    private static void StopProbes(Run run, params ReadOnlySpan<ProbeKind> kinds)
    {
        foreach (var (kind, probe) in run.Probes)
        {
            if (kinds.Contains(kind)) Context.Stop(probe);
        }
    }

    private sealed record Settled(int Run) : ILateMessage;
    private sealed record PostStartDone(int Run, string? Fault) : ILateMessage;
    private sealed record PreStopDone(int Run, string? Fault) : ILateMessage;
    private sealed record GraceOver(int Run, DateTimeOffset Deadline) : ILateMessage;
    private sealed record MainExited(int Run, int Code) : ILateMessage;

    /// <summary>The instance that exists now.</summary>
    private sealed class Run(ContainerPlan plan, ContainerInstance instance, int number, DateTimeOffset startedAt, SimulationContext simulation) : IDisposable
    {
        public ContainerPlan Plan => plan;
        public ContainerInstance Instance => instance;
        public int Number => number;
        public DateTimeOffset StartedAt => startedAt;
        public CancellationTokenSource Ended { get; } = new();
        public List<(ProbeKind Kind, IActorRef Actor)> Probes { get; } = [];
        public bool Stopping { get; set; }
        public bool InPreStop { get; set; }
        public DateTimeOffset Deadline { get; set; }
        public ITimer? Timer { get; set; }

        public void Dispose()
        {
            Timer?.Dispose();
            Ended.Cancel();
            Ended.Dispose();
            instance.End(simulation);
        }
    }
}
