using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Processes;
using ActorCluster.Nodes.Volumes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>
/// One pod on its node: its sandbox, its containers, its status. It only does what <see cref="PodDecider"/> says and reports what came of it.
/// </summary>
/// <remarks>Child of NodeActor. It is not restarted in place: when it fails, its containers end with it, and the node makes a new one from the API object,
/// which counts the containers as restarted.</remarks>
internal sealed partial class PodActor : UntypedActor
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly NodeServices _node;
    private readonly ContainerPlanner _planner;
    private readonly Dictionary<string, Slot> _slots = new(1, StringComparer.Ordinal);
    private PodState _state;
    private PodSandbox? _sandbox;
    private PodVolumes _volumes = PodVolumes.None;
    private VolumeTokens _tokens = VolumeTokens.None;
    private FailureBackoff _sandboxFailures;
    private ITimer? _wake;
    private DateTimeOffset? _wakeAt;
    private bool _decideAgain;

    /// <param name="refusal">Why the node doesn't take the pod; null if it does.</param>
    public PodActor(V1Pod pod, NodeServices node, AdmissionRefusal? refusal)
    {
        _node = node;
        _planner = new ContainerPlanner(node);
        _state = PodState.Create(pod, node.Now);
        if (StorageLimits.ApplyTo(pod)) _storageCheckAt = node.Now + StorageLimits.Period;
        if (refusal is not null) _state = _state.End(PodEndingCause.Rejected, node.Now, TimeSpan.Zero, refusal.Reason, "Pod was rejected: " + refusal.Message);
    }

    public static Props Props(V1Pod pod, NodeServices node, AdmissionRefusal? refusal) => Akka.Actor.Props.CreateBy(new Maker(pod, node, refusal));

    protected override void PreStart()
    {
        if (PodState.HadSandbox(_state.Pod)) PodEvents.Record(_node, _state.Pod, null, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        if (_state.Ending is { Cause: PodEndingCause.Rejected, Reason: { } reason, Message: { } message }) PodEvents.Record(_node, _state.Pod, null, "Warning", reason, message["Pod was rejected: ".Length..]);
        Decide();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PodUpdated updated: OnUpdated(updated.Pod); break;
            case PodGone: Decide(_state.ObjectGone(_node.Now)); break;
            case ShutDownPod shutDown: OnShutDown(shutDown); break;
            case ResizeGranted granted: OnResizeGranted(granted); break;
            case ResizeRefused refused: OnResizeRefused(refused); break;
            case ReferenceChanged changed: OnReferenceChanged(changed.Object); break;
            case Wake: OnWake(); break;
            case SandboxPrepared prepared: OnSandboxPrepared(prepared); break;
            case SandboxDestroyed: Decide(_state.SandboxDestroyed()); break;
            case TokensRenewed renewed: OnTokensRenewed(renewed); break;
            case InstanceStarted started: OnInstanceStarted(started); break;
            case InstanceFailed failed: OnInstanceFailed(failed); break;
            case InstanceExited exited: OnInstanceExited(exited); break;
            case ProbeVerdict verdict: OnProbeVerdict(verdict); break;
            case Terminated terminated: OnContainerActorEnded(terminated.ActorRef); break;
            case FlushStatus: OnFlushStatus(); break;
            case StatusWrite write: OnStatusWrite(write); break;
            case RemovalDone done: OnRemovalDone(done); break;
            case FindContainer find: OnFindContainer(find); break;
            case GetPodNetwork: Sender.Tell(DescribeNetwork()); break;
            case DivertPod divert: OnDivert(divert.Receiver); break;
            default: Unhandled(message); break;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(static _ => Directive.Stop);

    protected override void PostStop()
    {
        _wake?.Dispose();
        _flush?.Dispose();
        _sandbox?.Dispose();
        _node.Logs.Forget(_state.Pod);
    }

    private void OnUpdated(V1Pod pod)
    {
        if (IsNewer(pod, _state.Pod)) Take(pod);
    }

    private void OnShutDown(ShutDownPod shutDown) => Decide(_state.End(
        PodEndingCause.NodeShutdown, _node.Now, shutDown.Grace < _state.SpecGrace ? shutDown.Grace : _state.SpecGrace,
        "Terminated", "Pod was terminated in response to imminent node shutdown."));

    private void OnWake()
    {
        _wakeAt = null;
        if (_tokens.RenewAt <= _node.Now) RenewTokens();
        if (_storageCheckAt <= _node.Now) CheckStorage();
        Decide();
    }

    private void OnInstanceStarted(InstanceStarted started)
    {
        var slot = _slots[started.Name];
        slot.Instance = started.Instance;
        Decide(_state.ContainerStarted(
            started.Name, started.Instance.Id, started.Plan.ImageId, started.Plan.ResolvedImage, started.At, ContainerIdentity.Describe(started.Instance.Container.User)));
        KeepLog(started.Name, started.Instance);
    }

    private void KeepLog(string name, ContainerInstance instance) => _node.Logs.Add(_state.Pod, name, _state.Find(name)?.RestartCount ?? 0, instance.Id, instance.Log);

    private void OnInstanceFailed(InstanceFailed failed)
    {
        // Made, but not started: it has an identity and a log like any other.
        if (failed.Instance is { } instance) _slots[failed.Name].Instance = instance;
        Decide(_state.ContainerStartFailed(failed.Name, failed.Reason, failed.Message, _node.Timings, failed.At, failed.Instance?.Id));
        if (failed.Instance is { } made) KeepLog(failed.Name, made);
    }

    private void OnInstanceExited(InstanceExited exited) => Decide(_state.ContainerExited(
        exited.Name, exited.ContainerId, exited.ExitCode, exited.ExitCode == 0 ? WaitingReasons.Completed : WaitingReasons.Error, exited.Message, exited.At));

    private void OnProbeVerdict(ProbeVerdict verdict)
    {
        if (_state.Find(verdict.Name)?.ContainerId == verdict.ContainerId) Decide(_state.ProbeChanged(verdict.Name, verdict.Kind, verdict.Success));
    }

    private void OnContainerActorEnded(IActorRef actor)
    {
        if (_sandbox?.IsWire(actor) == true) throw new InvalidOperationException("The pod's network has failed.");
        if (_slots.FirstOrDefault(slot => slot.Value.Actor.Equals(actor)) is not { Key: { } name, Value: { } slot }) return;
        slot.Actor = ActorRefs.Nobody;
        Decide(_state.ContainerExited(name, null, 137, WaitingReasons.Error, null, _node.Now));
    }

    private void OnFindContainer(FindContainer find)
    {
        var slot = _slots.GetValueOrDefault(find.Container);
        Sender.Tell(new ContainerAccess(_state.Pod, _state.Find(find.Container), slot?.Instance, slot?.PreviousLog, _sandbox?.Network));
    }

    private void Decide(PodState state)
    {
        _state = state;
        Decide();
    }

    private void Decide()
    {
        PodDecision decision;
        do
        {
            _decideAgain = false;
            decision = PodDecider.Decide(_state, _node.Timings, _node.Now);
            _state = decision.State;
            foreach (var action in decision.Actions) Do(action);
        }
        while (_decideAgain);
        WakeAt(Earliest(decision.WakeAt, Earliest(_tokens.RenewAt, _state.Ending is null ? _storageCheckAt : null)));
        if (_state is { IsOver: true, Ending.Cause: PodEndingCause.Gone }) Context.Stop(Self);
        else StatusMayHaveChanged();
    }

    private void Do(PodAction action)
    {
        switch (action)
        {
            case PodAction.CreateSandbox: PrepareSandbox(); break;
            case PodAction.StartContainer start: Start(start.Name); break;
            case PodAction.StopContainer stop: Stop(stop); break;
            case PodAction.AllocateResources: Context.Parent.Tell(new AskForResize(_state.Pod, _state.AllocatedPod.Spec)); break;
            case PodAction.UpdateResources update: UpdateResources(update.Name); break;
            case PodAction.DestroySandbox: DestroySandbox(); break;
            case PodAction.RecordEvent record: PodEvents.Record(_node, _state.Pod, record.Container, record.Type, record.Reason, record.Message); break;
            case PodAction.RemoveObject: _removeWhenWritten = true; break;
            default: throw new ArgumentException($"Unknown action {action}.", nameof(action));
        }
    }

    private void Start(string name)
    {
        ContainerPlan plan;
        try
        {
            plan = _planner.Plan(_state, name, _sandbox!, _volumes);
        }
        catch (ContainerPlanException fault)
        {
            Self.Tell(new InstanceFailed(name, fault.Reason, fault.Message, _node.Now));
            return;
        }
        if (!_slots.TryGetValue(name, out var slot)) _slots[name] = slot = new Slot();
        if (slot.Actor.IsNobody())
        {
            slot.Generation++;
            slot.Actor = Context.Watch(Context.ActorOf(ContainerActor.Props(name, _node), slot.Generation == 1 ? name : $"{name}-{slot.Generation}"));
        }
        if (slot.Instance is { } previous) slot.PreviousLog = previous.Log;
        slot.Group = plan.Configuration.ControlGroup;
        slot.Actor.Tell(new StartInstance(plan));
    }

    private void Stop(PodAction.StopContainer stop)
    {
        if (stop.Message is not null) PodEvents.Record(_node, _state.Pod, stop.Name, "Normal", "Killing", stop.Message);
        _slots.GetValueOrDefault(stop.Name)?.Actor.Tell(new StopInstance(stop.Grace));
    }

    private void DestroySandbox()
    {
        _sandbox?.Dispose();
        _sandbox = null;
        _volumes = PodVolumes.None;
        _tokens = VolumeTokens.None;
        ForgetVolumes();
        // Nothing of it runs any more, and the logs don't need the actors.
        foreach (var slot in _slots.Values.Where(slot => !slot.Actor.IsNobody()))
        {
            Context.Stop(Context.Unwatch(slot.Actor));
            slot.Actor = ActorRefs.Nobody;
        }
        Self.Tell(new SandboxDestroyed());
    }

    private void WakeAt(DateTimeOffset? at)
    {
        if (at == _wakeAt) return;
        _wakeAt = at;
        _wake?.Dispose();
        _wake = at is { } time ? _node.Clock.TellAfter(time - _node.Now, Self, Wake.Instance) : null;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private static bool IsNewer(V1Pod pod, V1Pod than) =>
        !long.TryParse(pod.Metadata.ResourceVersion, out var version) || !long.TryParse(than.Metadata.ResourceVersion, out var known) || version > known;

    private sealed class Slot
    {
        public IActorRef Actor { get; set; } = ActorRefs.Nobody;
        public int Generation { get; set; }
        public ContainerInstance? Instance { get; set; }
        public ContainerLog? PreviousLog { get; set; }

        /// <summary>Of the instance that is being made or runs.</summary>
        public ControlGroup? Group { get; set; }
    }

    private sealed class Wake : ILateMessage
    {
        public static readonly Wake Instance = new();
    }

    private sealed record SandboxDestroyed : ILateMessage;

    /// <summary>Makes the actor once (its node stops what fails, and starts another): what the pod was like in the beginning isn't kept beside what it is like now.</summary>
    private sealed class Maker(V1Pod pod, NodeServices node, AdmissionRefusal? refusal) : IIndirectActorProducer
    {
        private V1Pod? _pod = pod;

        public Type ActorType => typeof(PodActor);

        public ActorBase Produce() => new PodActor(Interlocked.Exchange(ref _pod, null) ?? throw new InvalidOperationException("A pod's actor is never restarted."), node, refusal);

        public void Release(ActorBase actor)
        {
            // Nothing was taken for it.
        }
    }
}
