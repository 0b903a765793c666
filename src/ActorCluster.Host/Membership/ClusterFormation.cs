using System.Collections.Immutable;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Host.Options;

namespace ActorCluster.Host.Membership;

/// <summary>
/// How the processes find each other, at first and after any of them came back. The control plane alone may form a new Akka cluster, and
/// only where no living worker is a member of an old one; so there is never a second cluster beside the first.
/// </summary>
internal static class ClusterFormation
{
    /// <summary>
    /// How long the control plane goes on asking workers that listen but don't answer before it forms a cluster of its own. Long, because a
    /// worker that listens is alive, and answers once it is given the time; nothing but the membership waits for it.
    /// </summary>
    public static readonly TimeSpan ControlPlaneSeedTimeout = TimeSpan.FromMinutes(5);

    /// <summary>How often a worker asks the others whether it may join.</summary>
    public static readonly TimeSpan WorkerSeedInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Joins the cluster that living workers are in, or forms it. As the first of Akka's seed nodes this process forms a new cluster only
    /// when every other seed has answered that it is in none; a worker that nothing listens for can't answer, and is left out of the seeds.
    /// </summary>
    public static async Task JoinAsControlPlaneAsync(
        ActorSystem system, IReadOnlyList<ProcessEndpoint> workers, SimulationContext simulation, CancellationToken cancellationToken)
    {
        var listening = await Task.WhenAll(workers.Select(worker => IsListeningAsync(worker, simulation.Clock, cancellationToken)));
        var cluster = Cluster.Get(system);
        ImmutableList<Address> seeds = [cluster.SelfAddress, .. workers.Where((_, index) => listening[index]).Select(worker => worker.Address)];
        cluster.JoinSeedNodes(seeds);
    }

    /// <summary>Joins through the control plane or any other worker, whoever is in the cluster first. Never forms one.</summary>
    public static void JoinAsWorker(ActorSystem system, ProcessEndpoint controlPlane, IReadOnlyList<ProcessEndpoint> workers)
    {
        var cluster = Cluster.Get(system);
        var self = cluster.SelfAddress;
        cluster.JoinSeedNodes([controlPlane.Address, .. workers.Select(worker => worker.Address).Where(address => !address.Equals(self))]);
    }

    private static async Task<bool> IsListeningAsync(ProcessEndpoint endpoint, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, either.Token);
            return true;
        }
        catch (SocketException)
        {
            return false; // refused, or no such host: nobody there to be a member of anything
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No answer within the time: cut off rather than dead. To wait for it would keep the control plane out of the cluster of
            // those that do answer no longer than it takes one of them, but alone it might wait for ever.
            return false;
        }
    }
}
