using System.Collections.Immutable;
using ActorCluster.Nodes.Agent;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.TestKit.Objects;

/// <summary>One node: its object, and the emulated machine. What changes the machine is done when the call returns; what the cluster makes of it takes the cluster's time.</summary>
/// <remarks>What changes the machine throws a <see cref="ClusterAssertionException"/> that names the nodes, where the cluster has none of that name (<see cref="TestCluster.NodeNames"/>).</remarks>
public sealed class NodeHandle : ObjectHandle<V1Node>
{
    internal NodeHandle(TestCluster cluster, string name) : base(cluster, "", name) { }

    /// <summary>A power cut: everything on it ends, and nobody is told. Nothing happens to one that doesn't run.</summary>
    /// <exception cref="ClusterAssertionException">There is no such node.</exception>
    public void Kill() => Ask<NodeStopped>(new KillNode(Name));

    /// <summary>An orderly shutdown, begun now: its pods end with their grace, and the API hears of it. Nothing happens to one that doesn't run.</summary>
    /// <exception cref="ClusterAssertionException">There is no such node.</exception>
    public async Task StopAsync()
    {
        Cluster.RequireNode(Name);
        await Cluster.RunAsync(() => Cluster.Inner.Nodes.Ask<NodeStopped>(new StopNode(Name)));
    }

    /// <summary>Starts it again after it was killed or stopped, as a machine that boots. A new one: <see cref="TestCluster.AddNode"/>.</summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    /// <exception cref="ClusterAssertionException">There is no such node.</exception>
    public void Start() => Ask<NodeAdded>(new AddNode(new NodeOptions(Name)));

    /// <summary>Starts it again with other capacities and labels than it had.</summary>
    /// <inheritdoc cref="Start()" path="/exception"/>
    public void Start(string cpu, string memory, IReadOnlyDictionary<string, string>? labels = null) => Ask<NodeAdded>(Addition(Name, cpu, memory, labels));

    /// <summary>Freezes it, as SIGSTOP does with a process: its agents, its pods' programs and its packets wait.</summary>
    /// <exception cref="InvalidOperationException">It doesn't run.</exception>
    /// <exception cref="ClusterAssertionException">There is no such node.</exception>
    public void Pause() => Ask<NodePaused>(new PauseNode(Name));

    /// <summary>It goes on after <see cref="Pause"/>.</summary>
    /// <inheritdoc cref="Pause" path="/exception"/>
    public void Resume() => Ask<NodePaused>(new ResumeNode(Name));

    /// <summary>Waits until it is Ready.</summary>
    public Task<V1Node> ShouldBeReadyAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static node => Ready(node) == "True", within, "be Ready", cancellationToken);

    /// <summary>Waits until it is not Ready, or nobody knows whether it is.</summary>
    public Task<V1Node> ShouldBeNotReadyAsync(TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ShouldBecomeAsync(static node => Ready(node) is "False" or "Unknown", within, "be not Ready", cancellationToken);

    private static string? Ready(V1Node node) => node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;

    /// <summary>What starts a node.</summary>
    internal static AddNode Addition(string name, string cpu, string memory, IReadOnlyDictionary<string, string>? labels) => new(new NodeOptions(name)
    {
        Cpu = cpu,
        Memory = memory,
        Labels = labels?.ToImmutableSortedDictionary() ?? ImmutableSortedDictionary<string, string>.Empty,
    });

    private void Ask<TAnswer>(object message)
    {
        Cluster.RequireNode(Name);
        Cluster.RunAndWait(() => Cluster.Inner.Nodes.Ask<TAnswer>(message));
    }
}
