using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>
/// What follows from a pod's state: the kubelet's computePodActions (pkg/kubelet/kuberuntime/kuberuntime_manager.go) as a pure function. Asking twice
/// asks for nothing twice: what was asked for is in the state that comes back.
/// </summary>
internal static class PodDecider
{
    public static PodDecision Decide(PodState state, ContainerTimings timings, DateTimeOffset now)
    {
        var decision = new Decision(state, timings, now);
        decision.Run();
        return new PodDecision(decision.State, decision.Actions, decision.WakeAt);
    }

    private sealed class Decision(PodState state, ContainerTimings timings, DateTimeOffset now)
    {
        public PodState State { get; private set; } = state;
        public List<PodAction> Actions { get; } = [];
        public DateTimeOffset? WakeAt { get; private set; }

        public void Run()
        {
            EnforceDeadline();
            if (State.Ending is null)
            {
                Resize();
                KeepRunning();
            }
            // Keeping it running may have found that it is done.
            if (State.Ending is not null) BringToItsEnd(State.Ending);
        }

        private void EnforceDeadline()
        {
            if (State.Ending is not null || State.Pod.Spec.ActiveDeadlineSeconds is not { } seconds) return;
            var deadline = State.StartTime + TimeSpan.FromSeconds(seconds);
            if (now < deadline)
            {
                Wake(deadline);
                return;
            }
            const string message = "Pod was active on the node longer than the specified deadline";
            State = State.End(PodEndingCause.DeadlineExceeded, now, State.SpecGrace, "DeadlineExceeded", message);
            Actions.Add(new PodAction.RecordEvent(null, "Normal", "DeadlineExceeded", message));
        }

        /// <summary>First the node has to allocate what the spec asks for; then each container gets it, by a restart where its resizePolicy says so.</summary>
        private void Resize()
        {
            var generation = State.Pod.Metadata.Generation ?? 0;
            if (!State.WantsResize)
            {
                if (State.Resize.Pending is not null) State = State with { Resize = State.Resize with { Pending = null } };
            }
            else if (State.Resize.AskedGeneration != generation)
            {
                State = State with { Resize = State.Resize with { AskedGeneration = generation, IsAsked = true } };
                Actions.Add(new PodAction.AllocateResources());
            }
            foreach (var container in State.Containers)
            {
                if (container is not { Phase: ContainerPhase.Running, Kill: null } || ContainerResources.Same(container.Actual, container.Allocated)) continue;
                if (State.Spec(container.Name) is { } spec && ContainerResources.NeedsRestart(spec, container.Actual, container.Allocated))
                {
                    State = State.Replace(container with { Kill = new(ContainerKillReason.Resize, $"Container {container.Name} resize requires restart") });
                    continue;
                }
                State = State.Replace(container with { Actual = container.Allocated });
                Actions.Add(new PodAction.UpdateResources(container.Name));
            }
            if (State.Resize.ActuatingGeneration is not { } allocated || State.IsResizing) return;
            State = State with { Resize = State.Resize with { ActuatingGeneration = null } };
            Actions.Add(new PodAction.RecordEvent(null, "Normal", "ResizeCompleted", ResizeMessages.Completed(State.AllocatedPod, allocated)));
        }

        private void KeepRunning()
        {
            switch (State.Sandbox)
            {
                case SandboxPhase.None when State.SandboxNotBefore > now:
                    Wake(State.SandboxNotBefore.Value);
                    return;
                case SandboxPhase.None:
                    State = State with { Sandbox = SandboxPhase.Creating };
                    Actions.Add(new PodAction.CreateSandbox());
                    return;
                case SandboxPhase.Ready:
                    break;
                default:
                    return;
            }
            KillWhatMustGo();
            StartEphemeral();
            if (!State.Initialized && !Initialize()) return;
            if (State.Ending is null) RunMainContainers();
        }

        private void KillWhatMustGo()
        {
            foreach (var container in State.Containers)
            {
                if (container is not { Phase: ContainerPhase.Running, Kill: { } kill }) continue;
                var probe = kill.Reason switch
                {
                    ContainerKillReason.LivenessProbe => State.Spec(container.Name)?.LivenessProbe,
                    ContainerKillReason.StartupProbe => State.Spec(container.Name)?.StartupProbe,
                    _ => null,
                };
                var grace = probe?.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : State.SpecGrace;
                Stop(container, grace, kill.Message);
            }
        }

        private void StartEphemeral()
        {
            foreach (var container in State.Containers)
            {
                if (container is { Role: ContainerRole.Ephemeral, HasRun: false, HasInstance: false }) Start(container);
            }
        }

        /// <returns>True when the main containers' turn has come.</returns>
        private bool Initialize()
        {
            foreach (var name in State.Containers.Where(container => container.Role is ContainerRole.Init or ContainerRole.Sidecar).Select(container => container.Name))
            {
                var container = State.Find(name)!;
                if (container.Role == ContainerRole.Sidecar && !container.HasInstance) Start(container);
                if (container.InitializationDone) continue;
                if (container.Role == ContainerRole.Init && !container.HasInstance)
                {
                    if (container is { Phase: ContainerPhase.Exited, Last: { } last } && !RestartRules.ShouldRestart(State.Pod.Spec, State.Spec(name), container.Role, last.ExitCode))
                    {
                        State = State.End(PodEndingCause.InitializationFailed, now, State.SpecGrace);
                        return false;
                    }
                    Start(container);
                }
                return false;
            }
            State = State with { Initialized = true };
            return true;
        }

        /// <summary>One at a time and in their order, as the kubelet does: the next one when the one before runs and its postStart hook is through.</summary>
        private void RunMainContainers()
        {
            var done = true;
            var starting = State.Containers.Any(container => container is { Role: ContainerRole.Main, Phase: ContainerPhase.Starting });
            foreach (var container in State.Containers)
            {
                if (container.Role != ContainerRole.Main) continue;
                if (container is { Phase: ContainerPhase.Exited, MustRestart: false, Last: { } last } && !RestartRules.ShouldRestart(State.Pod.Spec, State.Spec(container.Name), container.Role, last.ExitCode)) continue;
                done = false;
                if (container.HasInstance || starting) continue;
                Start(container);
                starting = State.Find(container.Name)!.Phase == ContainerPhase.Starting;
            }
            if (done)
            {
                State = State.End(PodEndingCause.Completed, now, State.SpecGrace);
                return;
            }
            foreach (var container in State.Containers)
            {
                if (container is { Role: ContainerRole.Sidecar, HasInstance: false }) Start(container);
            }
        }

        /// <summary>Starts it, or waits as long as its failures ask for.</summary>
        private void Start(ContainerState container)
        {
            if (container is { Phase: ContainerPhase.Exited, Last: { } last })
            {
                var crashed = container.Restarts.RetryAt(last.FinishedAt, timings.CrashMaximum);
                if (crashed > now)
                {
                    container = BackOff(container, crashed);
                }
                else if (last.Reason == WaitingReasons.StartError)
                {
                    // The first failure to start is retried soon, but seen.
                    var pause = timings.CrashInitial < TimeSpan.FromSeconds(1) ? timings.CrashInitial : TimeSpan.FromSeconds(1);
                    container = container with { Phase = ContainerPhase.Waiting, WaitingReason = WaitingReasons.RunContainerError, WaitingMessage = last.Message, NotBefore = last.FinishedAt + pause };
                    State = State.Replace(container);
                }
            }
            if (container.NotBefore > now)
            {
                var flip = container.WaitingReason == WaitingReasons.ErrImagePull ? container.Pulls.LastUpdate + Shorter(container.Pulls.Delay / 2, TimeSpan.FromSeconds(1)) : container.NotBefore.Value;
                if (flip <= now) BackOffPulling(container);
                Wake(flip > now ? flip : container.NotBefore.Value);
                return;
            }
            Actions.Add(new PodAction.StartContainer(container.Name, container.HasRun ? container.RestartCount + 1 : container.RestartCount));
            State = State.Replace(container with
            {
                Phase = ContainerPhase.Starting,
                ContainerId = null,
                StartedAt = null,
                Started = false,
                Actual = container.Allocated,
                MustRestart = false,
                Kill = null,
                StopDeadline = null,
                Restarts = container.Last is { } previous ? container.Restarts.Next(previous.FinishedAt, now, timings.CrashInitial, timings.CrashMaximum) : container.Restarts,
            });
        }

        private ContainerState BackOff(ContainerState container, DateTimeOffset until)
        {
            var pod = PodName(State.Pod);
            var waiting = container with
            {
                Phase = ContainerPhase.Waiting,
                WaitingReason = WaitingReasons.CrashLoopBackOff,
                WaitingMessage = $"back-off {GoDuration.Format(container.Restarts.Delay)} restarting failed container={container.Name} pod={pod}",
                NotBefore = until,
            };
            State = State.Replace(waiting);
            Actions.Add(new PodAction.RecordEvent(container.Name, "Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod}"));
            return waiting;
        }

        private void BackOffPulling(ContainerState container)
        {
            var image = State.Spec(container.Name)?.Image;
            State = State.Replace(container with
            {
                WaitingReason = WaitingReasons.ImagePullBackOff,
                WaitingMessage = $"Back-off pulling image \"{image}\": ErrImagePull: {container.PullError}",
            });
            Actions.Add(new PodAction.RecordEvent(container.Name, "Normal", "BackOff", $"Back-off pulling image \"{image}\""));
            Actions.Add(new PodAction.RecordEvent(container.Name, "Warning", "Failed", "Error: ImagePullBackOff"));
        }

        private void BringToItsEnd(PodEnding ending)
        {
            var left = ending.Since + ending.Grace - now;
            if (left < TimeSpan.FromSeconds(1)) left = TimeSpan.FromSeconds(1);
            foreach (var container in State.Containers)
            {
                if (container.Role != ContainerRole.Sidecar) StopOrHurry(container, left);
            }
            if (State.Containers.Any(container => container.Role != ContainerRole.Sidecar && container.HasInstance)) return;

            // Sidecars outlive the main containers and end in reverse order, one after the other (KEP-753).
            if (State.Containers.LastOrDefault(container => container.Role == ContainerRole.Sidecar && container.HasInstance) is { } sidecar)
            {
                StopOrHurry(sidecar, left);
                return;
            }
            switch (State.Sandbox)
            {
                case SandboxPhase.Ready:
                    State = State with { Sandbox = SandboxPhase.Destroying };
                    Actions.Add(new PodAction.DestroySandbox());
                    break;
                case SandboxPhase.None or SandboxPhase.Destroyed when !State.RemovalAsked && ending.Cause != PodEndingCause.Gone && State.Pod.Metadata.DeletionTimestamp is not null:
                    State = State with { RemovalAsked = true };
                    Actions.Add(new PodAction.RemoveObject());
                    break;
            }
        }

        private void StopOrHurry(ContainerState container, TimeSpan grace)
        {
            if (container.Phase is ContainerPhase.Starting or ContainerPhase.Running) Stop(container, grace, $"Stopping container {container.Name}");
            else if (container.Phase == ContainerPhase.Stopping && now + grace < container.StopDeadline) Stop(container, grace, message: null);
        }

        private void Stop(ContainerState container, TimeSpan grace, string? message)
        {
            Actions.Add(new PodAction.StopContainer(container.Name, grace, message));
            State = State.Replace(container with { Phase = ContainerPhase.Stopping, StopDeadline = now + grace });
        }

        private void Wake(DateTimeOffset at)
        {
            if (WakeAt is null || at < WakeAt) WakeAt = at;
        }

        private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
    }

    /// <summary>How the kubelet names a pod in messages (pkg/kubelet/util/format/pod.go).</summary>
    public static string PodName(V1Pod pod) => $"{pod.Metadata.Name}_{pod.Metadata.NamespaceProperty}({pod.Metadata.Uid})";
}
