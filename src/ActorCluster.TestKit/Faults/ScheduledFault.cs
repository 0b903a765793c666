using ActorCluster.Nodes.Agent;
using Akka.Actor;

namespace ActorCluster.TestKit.Faults;

/// <summary>Something that goes wrong at a time, and is over after a while: data, so that a schedule of them can be drawn by chance, printed, and made shorter.</summary>
/// <param name="At">After the schedule's start, by the cluster's clock.</param>
/// <param name="For">How long it lasts.</param>
public abstract record ScheduledFault(TimeSpan At, TimeSpan For)
{
    /// <summary>Called before a schedule begins, so that a fault that could do nothing fails at once: that the cluster has what the fault names. Pods and services may come later.</summary>
    /// <exception cref="ClusterAssertionException">It hasn't; the message has what there is.</exception>
    public virtual void Check(TestCluster cluster)
    {
        // Most name nothing.
    }

    /// <summary>Makes it happen. Called on the cluster's loop.</summary>
    public abstract Task BeginAsync(TestCluster cluster);

    /// <summary>Ends it. Called on the cluster's loop.</summary>
    public abstract Task EndAsync(TestCluster cluster);
}

/// <summary>A node loses its power, and is started again.</summary>
/// <param name="Node">One of <see cref="TestCluster.NodeNames"/>.</param>
public sealed record NodeCrash(TimeSpan At, TimeSpan For, string Node) : ScheduledFault(At, For)
{
    public override void Check(TestCluster cluster) => cluster.RequireNode(Node);

    public override Task BeginAsync(TestCluster cluster)
    {
        Check(cluster);
        return cluster.Inner.Nodes.Ask<NodeStopped>(new KillNode(Node));
    }

    public override async Task EndAsync(TestCluster cluster)
    {
        var running = await cluster.Inner.Nodes.Ask<HostedNodes>(new GetNodes());
        // Another fault of the schedule may have started it.
        if (!running.Names.Contains(Node)) await cluster.Inner.Nodes.Ask<NodeAdded>(new AddNode(new NodeOptions(Node)));
    }

    public override string ToString() => $"{At} to {At + For}: {Node} without power";
}

/// <summary>A node freezes, and goes on.</summary>
/// <param name="Node">One of <see cref="TestCluster.NodeNames"/>.</param>
public sealed record NodeFreeze(TimeSpan At, TimeSpan For, string Node) : ScheduledFault(At, For)
{
    public override void Check(TestCluster cluster) => cluster.RequireNode(Node);

    public override Task BeginAsync(TestCluster cluster)
    {
        Check(cluster);
        return TellAsync(cluster, new PauseNode(Node));
    }

    public override Task EndAsync(TestCluster cluster) => TellAsync(cluster, new ResumeNode(Node));

    public override string ToString() => $"{At} to {At + For}: {Node} frozen";

    /// <summary>Nothing happens to a node that doesn't run.</summary>
    private async Task TellAsync(TestCluster cluster, object message)
    {
        var running = await cluster.Inner.Nodes.Ask<HostedNodes>(new GetNodes());
        if (running.Names.Contains(Node)) await cluster.Inner.Nodes.Ask<NodePaused>(message);
    }
}
