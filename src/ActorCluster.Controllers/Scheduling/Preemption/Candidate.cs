namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>A node where a pod can run once <paramref name="Victims"/> are gone.</summary>
/// <param name="Victims">The most important first.</param>
/// <param name="Violations">How many of them their disruption budgets would keep.</param>
internal sealed record Candidate(string Node, IReadOnlyList<SchedulingPod> Victims, int Violations);
