using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>What `actorcluster node add` is asked for.</summary>
/// <param name="Process">Its name; null: the next worker-N.</param>
/// <param name="Nodes">How many nodes it hosts.</param>
/// <param name="Zone">The zone that they are in; null: in none.</param>
public sealed record AddedWorker(string? Process, int Nodes = 1, string? Zone = null);

/// <summary>Plans a further worker process of a cluster that is there. Everyone is told of it at his next start; until then they meet by the membership. Pure, but for free ports.</summary>
internal static class WorkerAddition
{
    /// <exception cref="ClusterCommandException">The cluster can't have it.</exception>
    /// <exception cref="OptionsInvalidException">What is asked for can't be.</exception>
    public static (ClusterRecord Cluster, PlannedProcess Worker) Plan(ClusterRecord cluster, AddedWorker added, ClusterFolder folder, PortAllocator ports)
    {
        if (cluster.WorkerArguments is not { } shared)
            throw new ClusterCommandException($"Cluster '{cluster.Name}' runs inside one process, or was started by another version: no worker can be added to it.");
        var name = added.Process ?? NextName(cluster);
        if (cluster.Processes.Any(process => process.Name == name)) throw new ClusterCommandException($"Cluster '{cluster.Name}' has a process '{name}' already. Choose another name, or leave it out.");
        IReadOnlyList<string> nodes = added.Nodes == 1 ? [name] : [.. Enumerable.Range(1, Math.Max(0, added.Nodes)).Select(node => $"{name}-{node}")];
        Validate(cluster, added, name, nodes);
        var self = new ProcessEndpoint(ClusterPlanner.Loopback, ports.Next());
        var endpoints = cluster.Processes.ToLookup(process => process.Role, process => new ProcessEndpoint(ClusterPlanner.Loopback, process.Port));
        var zones = added.Zone is { } zone ? nodes.Select(node => $"{node}={zone}") : [];
        var worker = new PlannedProcess(name, ProcessRole.Worker, self.Port, nodes,
            RunArguments.ForWorker(folder, name, self, endpoints[ProcessRole.ControlPlane].Single(), endpoints[ProcessRole.Worker], nodes, zones, shared));
        var others = cluster.Processes.Select(process => process with { Arguments = [.. process.Arguments, RunArguments.OtherWorker(self)] });
        return (cluster with { Processes = [.. others, worker] }, worker);
    }

    /// <summary>The cluster as it was without that worker.</summary>
    public static ClusterRecord Undo(ClusterRecord cluster, PlannedProcess worker)
    {
        var told = RunArguments.OtherWorker(new ProcessEndpoint(ClusterPlanner.Loopback, worker.Port));
        return cluster with
        {
            Processes = [.. cluster.Processes.Where(process => process.Name != worker.Name).Select(process => process with { Arguments = [.. process.Arguments.Where(argument => argument != told)] })],
        };
    }

    private static string NextName(ClusterRecord cluster)
    {
        for (var number = 1; ; number++)
        {
            var name = ClusterOptions.WorkerName(number);
            if (cluster.Processes.All(process => process.Name != name && !process.Nodes.Contains(name))) return name;
        }
    }

    private static void Validate(ClusterRecord cluster, AddedWorker added, string name, IReadOnlyList<string> nodes)
    {
        var errors = new List<string>();
        if (!ObjectNames.IsLabel(name)) errors.Add($"'{name}' is not a process name: use lower-case letters, digits and '-'.");
        if (added.Nodes < 1) errors.Add($"--nodes {added.Nodes} can't be: use 1 or more.");
        var there = cluster.Processes.Sum(process => process.Nodes.Count);
        if (there + added.Nodes > ClusterOptions.MaximumNodes) errors.Add($"{there + added.Nodes} nodes are more than the pod network has subnets for: use at most {ClusterOptions.MaximumNodes} in all.");
        if (nodes.FirstOrDefault(node => cluster.Processes.Any(process => process.Nodes.Contains(node))) is { } taken) errors.Add($"There is a node {taken} already.");
        if (added.Zone is { } zone && !ObjectNames.IsLabel(zone)) errors.Add($"--zone '{zone}' is not a zone's name: use lower-case letters, digits and '-'.");
        OptionsInvalidException.ThrowIfAny(errors);
    }
}
