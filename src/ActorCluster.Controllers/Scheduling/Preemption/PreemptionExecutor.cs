using ActorCluster.Contracts.Client;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>Carries out what <see cref="PreemptionPlanner"/> planned: marks the victims, deletes them gracefully and says so (pkg/scheduler/framework/preemption/executor.go).</summary>
internal sealed class PreemptionExecutor(KubeClient client, EventRecorder events, SchedulingStatus statuses)
{
    /// <exception cref="ApiStatusException">A victim could not be deleted.</exception>
    public async Task CarryOutAsync(SchedulingPod preemptor, Candidate candidate, CancellationToken cancellationToken) =>
        await Task.WhenAll(candidate.Victims.Where(victim => !victim.IsTerminating).Select(victim => PreemptAsync(preemptor, victim.Pod, candidate.Node, cancellationToken)));

    private async Task PreemptAsync(SchedulingPod preemptor, V1Pod victim, string node, CancellationToken cancellationToken)
    {
        await statuses.SetAsync(victim, new V1PodCondition
        {
            Type = "DisruptionTarget",
            Status = "True",
            Reason = "PreemptionByScheduler",
            Message = $"{preemptor.Pod.Spec.SchedulerName ?? SchedulerProfile.DefaultName}: preempting to accommodate a higher priority pod",
        }, nominatedNode: null, cancellationToken);
        var deleted = await client.DeleteAsync<V1Pod>(
            victim.Metadata.NamespaceProperty, victim.Metadata.Name, new DeleteOptions(PreconditionUid: victim.Metadata.Uid), cancellationToken);
        if (deleted) events.Record(victim, "Normal", "Preempted", $"Preempted by pod {preemptor.Uid} on node {node}");
    }
}
