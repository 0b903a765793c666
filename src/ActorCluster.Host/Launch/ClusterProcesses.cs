using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>The processes of one cluster by name, as commands ask for them; what isn't so is told in the user's words.</summary>
internal sealed class ClusterProcesses(ClusterFolder folder)
{
    /// <exception cref="ClusterNotFoundException">It was taken down.</exception>
    public ClusterRecord Cluster => folder.ReadCluster() ?? throw ClusterNotFoundException.Of(folder);

    /// <exception cref="ClusterNotFoundException">There is none of that name.</exception>
    public PlannedProcess Find(string process)
    {
        var cluster = Cluster;
        if (cluster.Processes.FirstOrDefault(planned => planned.Name == process) is { } found) return found;
        throw new ClusterNotFoundException(cluster.Processes.FirstOrDefault(planned => planned.Nodes.Contains(process)) is { } host
            ? $"Node {process} is not a process of its own in cluster '{folder.Name}': {host.Name} hosts it. Name that."
            : $"Cluster '{folder.Name}' has no process '{process}'. It has {string.Join(", ", cluster.Processes.Select(planned => planned.Name))}.");
    }

    /// <summary>The present life of a process.</summary>
    /// <exception cref="ClusterNotFoundException">There is none of that name, or it doesn't run.</exception>
    public ProcessRecord FindRunning(string process)
    {
        Find(process);
        return folder.ReadProcess(process) is { } record && record.Identity.IsAlive
            ? record
            : throw new ClusterNotFoundException($"{process} does not run. Start it with `actorcluster node start {process} --name {folder.Name}`.");
    }

    /// <summary>Those that a process is cut off from by anyone's doing.</summary>
    public IReadOnlyList<string> CutOffFrom(string process)
    {
        var own = folder.ReadCuts(process).Select(cut => cut.Process);
        var others = Cluster.Processes.Where(other => other.Name != process && folder.ReadCuts(other.Name).Any(cut => cut.Process == process)).Select(other => other.Name);
        return [.. own.Union(others).Order(StringComparer.Ordinal)];
    }
}
