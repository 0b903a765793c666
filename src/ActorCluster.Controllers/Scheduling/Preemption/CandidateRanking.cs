namespace ActorCluster.Controllers.Scheduling.Preemption;

/// <summary>Where preemption does least harm (pickOneNodeForPreemption in pkg/scheduler/framework/preemption): the fewest violated budgets, the lowest
/// of the highest priorities, the lowest sum of priorities, the fewest pods, the youngest of the most important ones. Pure.</summary>
internal static class CandidateRanking
{
    /// <param name="candidates">At least one.</param>
    public static Candidate Best(IReadOnlyList<Candidate> candidates) => candidates
        .OrderBy(candidate => candidate.Violations)
        .ThenBy(candidate => candidate.Victims[0].Priority)
        // Shifted, so that a few pods of negative priority are better than many.
        .ThenBy(candidate => candidate.Victims.Sum(victim => (long)victim.Priority + int.MaxValue + 1))
        .ThenBy(candidate => candidate.Victims.Count)
        .ThenByDescending(EarliestStartOfMostImportant)
        .First();

    private static DateTime EarliestStartOfMostImportant(Candidate candidate)
    {
        var highest = candidate.Victims.Max(victim => victim.Priority);
        return candidate.Victims.Where(victim => victim.Priority == highest).Min(victim => Importance.StartOf(victim.Pod));
    }
}
