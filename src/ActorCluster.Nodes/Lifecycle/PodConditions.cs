using k8s.Models;

namespace ActorCluster.Nodes.Lifecycle;

/// <summary>status.conditions (pkg/kubelet/status/generate.go): the kubelet's own; everyone else's are kept as they are.</summary>
internal static class PodConditions
{
    private const string Scheduled = "PodScheduled";
    private const string ReadyToStartContainers = "PodReadyToStartContainers";
    private const string Initialized = "Initialized";
    private const string Ready = "Ready";
    private const string ContainersReady = "ContainersReady";
    private const string DisruptionTarget = "DisruptionTarget";
    private const string ResizePending = "PodResizePending";
    private const string ResizeInProgress = "PodResizeInProgress";

    public static List<V1PodCondition> Build(PodState state, string phase, DateTimeOffset now)
    {
        var pod = state.Pod;
        var conditions = new List<V1PodCondition>();
        foreach (var condition in pod.Status?.Conditions ?? [])
        {
            if (condition.Type is not (Scheduled or ReadyToStartContainers or Initialized or Ready or ContainersReady or ResizePending or ResizeInProgress)) conditions.Add(condition);
        }
        var containersReady = OfContainers(state, phase);
        conditions.Insert(0, new V1PodCondition { Type = ReadyToStartContainers, Status = state.Sandbox == SandboxPhase.Ready ? "True" : "False" });
        conditions.Insert(1, OfInitialization(state, phase));
        conditions.Insert(2, OfPod(pod, containersReady));
        conditions.Insert(3, containersReady);
        conditions.Insert(4, new V1PodCondition { Type = Scheduled, Status = "True" });
        var own = 5;
        if (OfDisruption(state, phase) is { } disruption)
        {
            conditions.RemoveAll(condition => condition.Type == DisruptionTarget);
            conditions.Insert(own++, disruption);
        }
        for (var i = 0; i < own; i++)
        {
            var condition = conditions[i];
            var previous = pod.Status?.Conditions?.FirstOrDefault(other => other.Type == condition.Type);
            condition.LastTransitionTime = previous is not null && previous.Status == condition.Status ? previous.LastTransitionTime : PodStatusBuilder.Seconds(now);
            condition.LastProbeTime = previous?.LastProbeTime;
            condition.ObservedGeneration = pod.Metadata.Generation;
        }
        if (phase is not (PodPhases.Succeeded or PodPhases.Failed)) conditions.InsertRange(own, OfResize(state.Resize));
        return conditions;
    }

    /// <summary>It ended for the node's sake (PodReasonTerminationByKubelet): a Job can tell that from a fault of its own.</summary>
    private static V1PodCondition? OfDisruption(PodState state, string phase) =>
        phase == PodPhases.Failed && state.Ending is { Cause: PodEndingCause.NodeShutdown or PodEndingCause.Evicted } ending
            ? new V1PodCondition { Type = DisruptionTarget, Status = "True", Reason = "TerminationByKubelet", Message = ending.Message }
            : null;

    /// <summary>They are there only while they are true, and say which generation they are about.</summary>
    private static IEnumerable<V1PodCondition> OfResize(PodResize resize)
    {
        if (resize.Pending is { } pending) yield return OfResize(ResizePending, pending.Since, pending.Generation, pending.Reason, pending.Message);
        if (resize.ActuatingGeneration is { } generation) yield return OfResize(ResizeInProgress, resize.ActuatingSince, generation, null, null);
    }

    private static V1PodCondition OfResize(string type, DateTimeOffset since, long generation, string? reason, string? message)
    {
        var at = PodStatusBuilder.Seconds(since);
        return new V1PodCondition { Type = type, Status = "True", LastProbeTime = at, LastTransitionTime = at, ObservedGeneration = generation, Reason = reason, Message = message };
    }

    private static V1PodCondition OfContainers(PodState state, string phase)
    {
        if (Final(ContainersReady, phase) is { } final) return final;
        var unready = state.Containers.Where(container => container.Role is ContainerRole.Sidecar or ContainerRole.Main && !container.Ready).Select(container => container.Name).ToList();
        return unready.Count == 0
            ? new V1PodCondition { Type = ContainersReady, Status = "True" }
            : new V1PodCondition { Type = ContainersReady, Status = "False", Reason = "ContainersNotReady", Message = $"containers with unready status: [{string.Join(' ', unready)}]" };
    }

    private static V1PodCondition OfPod(V1Pod pod, V1PodCondition containers)
    {
        if (containers.Status != "True") return new V1PodCondition { Type = Ready, Status = containers.Status, Reason = containers.Reason, Message = containers.Message };
        var faults = new List<string>();
        foreach (var gate in pod.Spec.ReadinessGates ?? [])
        {
            var condition = pod.Status?.Conditions?.FirstOrDefault(other => other.Type == gate.ConditionType);
            if (condition is null) faults.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            else if (condition.Status != "True") faults.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {condition.Status}");
        }
        return faults.Count == 0
            ? new V1PodCondition { Type = Ready, Status = "True" }
            : new V1PodCondition { Type = Ready, Status = "False", Reason = "ReadinessGatesNotReady", Message = string.Join(", ", faults) };
    }

    private static V1PodCondition OfInitialization(PodState state, string phase)
    {
        if (phase == PodPhases.Succeeded) return new V1PodCondition { Type = Initialized, Status = "True", Reason = "PodCompleted" };
        var incomplete = state.Initialized
            ? []
            : state.Containers.Where(container => container.Role is ContainerRole.Init or ContainerRole.Sidecar && !container.InitializationDone).Select(container => container.Name).ToList();
        return incomplete.Count == 0
            ? new V1PodCondition { Type = Initialized, Status = "True" }
            : new V1PodCondition { Type = Initialized, Status = "False", Reason = "ContainersNotInitialized", Message = $"containers with incomplete status: [{string.Join(' ', incomplete)}]" };
    }

    private static V1PodCondition? Final(string type, string phase) => phase switch
    {
        PodPhases.Failed => new V1PodCondition { Type = type, Status = "False", Reason = "PodFailed" },
        PodPhases.Succeeded => new V1PodCondition { Type = type, Status = "False", Reason = "PodCompleted" },
        _ => null,
    };
}
