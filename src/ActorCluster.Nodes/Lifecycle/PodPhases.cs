namespace ActorCluster.Nodes.Lifecycle;

/// <summary>status.phase, by the rules of getPhase in pkg/kubelet/kubelet_pods.go.</summary>
internal static class PodPhases
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static string Of(PodState state)
    {
        // Once final, always final.
        if (state.Pod.Status?.Phase is Succeeded or Failed) return state.Pod.Status.Phase;
        var over = state.IsOver;
        if (over && state.Ending!.FailsPod) return Failed;

        int pendingInit = 0, failedInit = 0, running = 0, waiting = 0, stopped = 0, succeeded = 0, restarting = 0;
        foreach (var container in state.Containers)
        {
            var live = container.Phase is ContainerPhase.Running or ContainerPhase.Stopping && container.StartedAt is not null;
            switch (container.Role)
            {
                case ContainerRole.Init when live:
                case ContainerRole.Init when container.Last is null:
                    pendingInit++;
                    break;
                case ContainerRole.Init when container.Last.ExitCode != 0:
                    if (!WillRestart(state, container, container.Last.ExitCode)) failedInit++;
                    else if (!state.Initialized) pendingInit++;
                    break;
                case ContainerRole.Init when !container.InitializationDone && !state.Initialized:
                    pendingInit++;
                    break;
                case ContainerRole.Sidecar when live:
                    if (!container.Started && !state.Initialized) pendingInit++;
                    running++;
                    break;
                case ContainerRole.Sidecar when container.Last is null:
                    if (!state.Initialized) pendingInit++;
                    waiting++;
                    break;
                case ContainerRole.Main when live:
                    running++;
                    break;
                case ContainerRole.Main when container.Last is { } last:
                    stopped++;
                    if (last.ExitCode == 0) succeeded++;
                    if (WillRestart(state, container, last.ExitCode)) restarting++;
                    break;
                case ContainerRole.Main:
                    waiting++;
                    break;
            }
        }
        if (failedInit > 0 && (over || !state.HasInstances)) return Failed;
        if (pendingInit > 0 || waiting > 0)
        {
            // A pod that ended before its containers could start never ran, and won't.
            return over && state.Ending!.Cause == PodEndingCause.Deleted && stopped > 0 ? Failed : Pending;
        }
        if (running > 0) return Running;
        if (stopped == 0) return Pending;
        if (over) return stopped == succeeded ? Succeeded : Failed;
        if (restarting > 0) return Running;
        return stopped == succeeded ? Succeeded : Failed;
    }

    private static bool WillRestart(PodState state, ContainerState container, int exitCode) =>
        state.Ending is null && RestartRules.ShouldRestart(state.Pod.Spec, state.Spec(container.Name), container.Role, exitCode);
}
