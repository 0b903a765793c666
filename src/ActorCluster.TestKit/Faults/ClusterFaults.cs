using System.Globalization;
using ActorCluster.Network.Faults;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.TestKit.Faults;

/// <summary>What can go wrong with a cluster's network, as a test wants it. What can go wrong with its nodes and pods is at their handles.</summary>
public sealed class ClusterFaults
{
    private readonly TestCluster _cluster;
    private int _added;

    internal ClusterFaults(TestCluster cluster) => _cluster = cluster;

    /// <summary>Adds a fault. It holds for every packet that is sent when this is done, and for pods that come later, too, if its ends say so.</summary>
    /// <returns>Dispose of it to end the fault.</returns>
    /// <exception cref="ClusterAssertionException">One of its ends is a node that the cluster hasn't. Pods and services may come later, and are looked for with every change.</exception>
    public async Task<FaultHandle> AddAsync(NetworkFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Check(fault);
        var name = fault.Name ?? string.Create(CultureInfo.InvariantCulture, $"fault {Interlocked.Increment(ref _added)}");
        var handle = new FaultHandle(this, name);
        await _cluster.RunAsync(async () =>
        {
            await InstallAsync(name, fault);
            if (fault.Duration is { } duration) _ = EndAfterAsync(handle, duration);
        });
        return handle;
    }

    internal Task EndAsync(FaultHandle handle) => _cluster.RunAsync(() => handle.EndAsync(() => RemoveAsync(handle.Name)));

    /// <exception cref="ClusterAssertionException">One of its ends is a node that the cluster hasn't.</exception>
    internal void Check(NetworkFault fault)
    {
        Check(fault.Source);
        Check(fault.Target);
    }

    /// <summary>On the cluster's loop: a fault of that name, in the place of another.</summary>
    internal Task InstallAsync(string name, NetworkFault fault)
    {
        Check(fault);
        return AskAsync(new InstallFault(new(name, fault.Source, fault.Target, fault.Direction, fault.Effects)));
    }

    /// <summary>On the cluster's loop.</summary>
    internal Task RemoveAsync(string name) => AskAsync(new RemoveFault(name));

    private void Check(FaultEnds ends)
    {
        switch (ends)
        {
            case FaultEnds.Nodes nodes:
                foreach (var name in nodes.Names) _cluster.RequireNode(name);
                break;
            case FaultEnds.Any any:
                foreach (var part in any.Parts) Check(part);
                break;
        }
    }

    private async Task EndAfterAsync(FaultHandle handle, TimeSpan duration)
    {
        try
        {
            await Task.Delay(duration, _cluster.Simulation.Clock, handle.Removed);
            await handle.EndAsync(() => RemoveAsync(handle.Name));
        }
        catch (OperationCanceledException)
        {
            // Somebody ended it before.
        }
    }

    private Task<FaultsApplied> AskAsync(object message) => _cluster.Inner.NetworkTables.Ask<FaultsApplied>(message);
}
