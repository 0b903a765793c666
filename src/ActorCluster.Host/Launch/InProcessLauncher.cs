using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Client;
using ActorCluster.Host.ControlPlane;
using ActorCluster.Host.InProcess;
using ActorCluster.Host.Logging;
using ActorCluster.Host.Processes;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>
/// `actorcluster up --in-process`: the cluster is this process. It has a state folder all the same, so that the other commands know it.
/// </summary>
public sealed class InProcessLauncher(StateRoot root, LaunchCommand launch, SimulationContext simulation)
{
    /// <summary>Runs the cluster until it is told to end, then removes its state.</summary>
    /// <param name="up">Called once all nodes are Ready, with the kubeconfig.</param>
    public async Task RunAsync(ClusterOptions options, Action<ClusterRecord> up, CancellationToken cancellationToken)
    {
        options.Validate();
        var folder = root.Cluster(options.Name);
        var supervisor = new ClusterSupervisor(folder, launch, simulation.Clock);
        try
        {
            ClusterRecord record;
            InProcessCluster cluster;
            using (ClusterPreparation.TakeLock(folder))
            {
                ClusterPreparation.RefuseIfThere(folder, supervisor);
                record = ClusterPreparation.Write(root, options, folder, simulation.Random, InThisProcess);
                cluster = await StartAsync(record, options, folder, cancellationToken);
            }

            await using (cluster)
            {
                if (record.KubeconfigCopy is { } copy) KubeconfigCopy.Write(folder.Kubeconfig, copy);
                up(record);
                await Task.Delay(Timeout.InfiniteTimeSpan, simulation.Clock, cancellationToken);
            }
        }
        finally
        {
            // Held by a `down` that ended us: then that removes the folder.
            using var hold = folder.ReadProcess(RunArguments.ControlPlane)?.Identity == ProcessIdentity.Current ? ClusterLock.TryTake(folder) : null;
            if (hold is not null) ClusterTerminator.RemoveState(folder);
        }
    }

    private async Task<InProcessCluster> StartAsync(ClusterRecord record, ClusterOptions options, ClusterFolder folder, CancellationToken cancellationToken)
    {
        var self = ProcessIdentity.Current;
        var planned = record.Processes[0];
        folder.Write(new ProcessRecord(planned.Name, planned.Role, self.ProcessId, self.Started, planned.Port, planned.Arguments));
        var log = new ProcessLog(new StreamWriter(folder.LogOf(planned.Name), append: true), simulation.Clock);
        using var timeout = new CancellationTokenSource(options.Timeout, simulation.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var kept = options.DataFolder is { } data ? Path.GetFullPath(data) : null;
        var cluster = await InProcessCluster.StartAsync(
            new InProcessOptions
            {
                ClusterName = options.Name,
                Nodes = planned.Nodes,
                ApiPort = record.ApiPort,
                DataFolder = kept ?? folder.Data,
                PkiFolder = kept is null ? folder.Pki : Path.Combine(kept, "pki"),
                Kubeconfig = folder.Kubeconfig,
                State = folder,
                Zones = options.NodeZones(),
                Outside = options.Outside,
                Settings = new ControlPlaneSettings { Timings = options.Timings },
            },
            simulation, log, either.Token);
        try
        {
            await new NodeReadiness(folder.Kubeconfig, planned.Nodes, simulation.Clock, addOns: true).WaitAsync(either.Token);
            return cluster;
        }
        catch (Exception e)
        {
            await cluster.DisposeAsync();
            if (e is not OperationCanceledException || cancellationToken.IsCancellationRequested) throw;
            throw new ClusterTimeoutException($"The cluster did not come up within {Options.Durations.Format(options.Timeout)}. The log may tell why:")
            {
                LogTail = LogFiles.Tail(folder.LogOf(planned.Name), 20),
            };
        }
    }

    private static ClusterRecord InThisProcess(ClusterOptions options, ClusterFolder folder, PortAllocator ports) =>
        new(options.Name,
            ClusterPlanner.ApiPort(options, ports),
            [new PlannedProcess(RunArguments.ControlPlane, ProcessRole.ControlPlane, 0, [.. options.WorkerNodes().SelectMany(worker => worker.Nodes)], [])],
            options.Kubeconfig);
}
