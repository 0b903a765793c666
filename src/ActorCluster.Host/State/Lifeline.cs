using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Processes;

namespace ActorCluster.Host.State;

/// <summary>
/// Ties a background process to its record: it writes itself down first thing, and ends itself when the record goes (the cluster was taken down while
/// it was still starting, or its folder was removed by hand), or comes to name another process.
/// </summary>
public sealed class Lifeline(ClusterFolder folder, string process, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Writes this process down.</summary>
    /// <returns>False if the cluster no longer exists, or has no such process: then there is nothing to run for.</returns>
    public bool Take()
    {
        try
        {
            if (folder.ReadCluster()?.Processes.FirstOrDefault(planned => planned.Name == process) is not { } planned) return false;
            var self = ProcessIdentity.Current;
            folder.Write(new ProcessRecord(planned.Name, planned.Role, self.ProcessId, self.Started, planned.Port, planned.Arguments));
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return false; // taken down between the two
        }
    }

    /// <summary>Adds to the record that this process does its work now. If the record is gone or names another process, <see cref="CutAsync"/> will tell.</summary>
    public void MarkServing()
    {
        if (folder.ReadProcess(process) is { } record && record.Identity == ProcessIdentity.Current) folder.Write(record with { Serving = true });
    }

    /// <summary>Completes when the record is gone or names another process.</summary>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        var self = ProcessIdentity.Current;
        while (folder.ReadProcess(process)?.Identity == self) await clock.NextEvenAsync(Interval, cancellationToken);
    }
}
