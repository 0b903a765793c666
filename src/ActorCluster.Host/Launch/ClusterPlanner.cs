using ActorCluster.Host.Options;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>Decides once what the processes of a cluster are, and where.</summary>
internal static class ClusterPlanner
{
    internal const string Loopback = "127.0.0.1";

    /// <summary>The port that the user wants, or a free one.</summary>
    /// <exception cref="ClusterCommandException">The port that the user wants is taken.</exception>
    public static int ApiPort(ClusterOptions options, PortAllocator ports)
    {
        if (options.ApiPort == 0) return ports.Next();
        return PortAllocator.IsFree(options.ApiPort) ? options.ApiPort : throw new ClusterCommandException(
            $"Port {options.ApiPort} on {Loopback} is taken by another program (or not yours to use). Choose another --api-port, or leave it out to get a free one.");
    }

    /// <summary>One control-plane process and the workers.</summary>
    /// <exception cref="ClusterCommandException">The port that the user wants is taken.</exception>
    public static ClusterRecord Plan(ClusterOptions options, ClusterFolder folder, PortAllocator ports)
    {
        var apiPort = ApiPort(options, ports);
        var controlPlane = new ProcessEndpoint(Loopback, ports.Next());
        var workers = options.WorkerNodes().Select(worker => (worker.Process, worker.Nodes, Endpoint: new ProcessEndpoint(Loopback, ports.Next()))).ToList();
        var processes = new List<PlannedProcess>
        {
            new(RunArguments.ControlPlane, ProcessRole.ControlPlane, controlPlane.Port, [],
                RunArguments.ForControlPlane(folder, options, controlPlane, workers.Select(worker => worker.Endpoint), apiPort)),
        };

        var shared = RunArguments.ForAnyWorker(folder, options);
        foreach (var (process, nodes, endpoint) in workers)
        {
            var others = workers.Select(worker => worker.Endpoint).Where(other => other != endpoint);
            var zones = options.NodeZones().Where(zone => nodes.Contains(zone.Split('=')[0]));
            processes.Add(new(process, ProcessRole.Worker, endpoint.Port, nodes, RunArguments.ForWorker(folder, process, endpoint, controlPlane, others, nodes, zones, shared)));
        }

        return new ClusterRecord(options.Name, apiPort, processes, options.Kubeconfig, shared);
    }
}
