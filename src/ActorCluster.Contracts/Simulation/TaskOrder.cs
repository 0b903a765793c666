namespace ActorCluster.Contracts.Simulation;

/// <summary>Waiting so that a replay has the same order.</summary>
public static class TaskOrder
{
    /// <summary>
    /// As <see cref="Task.WhenAll(IEnumerable{Task})"/> for tasks that others wait for as well: what it is told of, it is told by its own context, in the order in which all asked, and
    /// not by the thread pool, where they would race.
    /// </summary>
    public static async Task AllInOrderAsync(params IEnumerable<Task> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        foreach (var task in tasks.ToList()) await task;
    }
}
