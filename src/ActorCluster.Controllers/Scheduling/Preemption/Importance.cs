using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>Which of two pods is rather kept: the one of higher priority, then the one that runs longer (MoreImportantPod in pkg/scheduler/util).</summary>
internal sealed class Importance : IComparer<SchedulingPod>
{
    public static readonly Importance MostFirst = new();

    public int Compare(SchedulingPod? x, SchedulingPod? y)
    {
        if (x is null || y is null) return (x is null ? 1 : 0) - (y is null ? 1 : 0);
        var order = y.Priority.CompareTo(x.Priority);
        if (order == 0) order = StartOf(x.Pod).CompareTo(StartOf(y.Pod));
        return order != 0 ? order : string.CompareOrdinal(x.Uid, y.Uid);
    }

    /// <summary>Pods that have not started yet started last.</summary>
    public static DateTime StartOf(V1Pod pod) => pod.Status?.StartTime ?? DateTime.MaxValue;
}
