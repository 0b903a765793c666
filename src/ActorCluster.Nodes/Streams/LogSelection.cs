using ActorCluster.Contracts.Streams;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Pods;

namespace ActorCluster.Nodes.Streams;

/// <summary>Which instance's log is meant, or why there is none (validateContainerLogStatus in pkg/kubelet/kubelet_pods.go).</summary>
internal static class LogSelection
{
    /// <exception cref="ContainerStreamException">BadRequest, in upstream's words.</exception>
    public static ContainerLog Choose(ContainerAccess access, LogRequest request)
    {
        var (container, pod) = (request.Container, request.Pod);
        if (access.State is not { } state) throw Refuse($"container \"{container}\" in pod \"{pod}\" is not available");
        if (request.Previous)
        {
            var previous = state.HasInstance ? access.PreviousLog : state.Phase == ContainerPhase.Waiting ? access.Instance?.Log : access.PreviousLog;
            return previous ?? throw Refuse($"previous terminated container \"{container}\" in pod \"{pod}\" not found");
        }
        if (access.Instance is { } instance) return instance.Log;
        if (state.Last is { } last) throw Refuse(last.ContainerId.Length == 0 ? $"container \"{container}\" in pod \"{pod}\" is terminated" : $"unable to retrieve container logs for {last.ContainerId}");
        throw Refuse($"container \"{container}\" in pod \"{pod}\" is waiting to start: {Describe(state.WaitingReason ?? ReportedReason(access))}");
    }

    /// <summary>ContainerCreating or PodInitializing: what the status says when nothing is wrong.</summary>
    private static string? ReportedReason(ContainerAccess access) =>
        (access.Pod.Status?.ContainerStatuses ?? []).Concat(access.Pod.Status?.InitContainerStatuses ?? []).FirstOrDefault(status => status.Name == access.State!.Name)?.State?.Waiting?.Reason;

    private static string Describe(string? reason) => reason switch
    {
        WaitingReasons.ErrImagePull => "image can't be pulled",
        WaitingReasons.ImagePullBackOff => "trying and failing to pull image",
        null => WaitingReasons.ContainerCreating,
        _ => reason,
    };

    private static ContainerStreamException Refuse(string message) => new(400, "BadRequest", message);
}
