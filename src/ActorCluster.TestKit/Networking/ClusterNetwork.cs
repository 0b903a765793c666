namespace ActorCluster.TestKit.Networking;

/// <summary>A cluster's packets: what became of them, and what would become of one.</summary>
public sealed class ClusterNetwork
{
    private readonly TestCluster _cluster;
    private readonly PacketJournal _journal;

    internal ClusterNetwork(TestCluster cluster, PacketJournal journal) => (_cluster, _journal) = (cluster, journal);

    /// <summary>
    /// What became of each packet on each node that it came to, a line each: the seconds since the start, the node, the packet, its fate and why. Two runs of one seed print the same.
    /// </summary>
    /// <exception cref="InvalidOperationException">The cluster wasn't started with <see cref="TestClusterOptions.LogPackets"/>.</exception>
    public string PacketLog => _journal.KeepsAll ? _journal.Log : throw new InvalidOperationException("The packets aren't kept: start the cluster with LogPackets = true.");

    /// <summary>The last packets that were dropped or refused, and why; oldest first.</summary>
    public IReadOnlyList<string> LostPackets => _journal.Lost;

    /// <summary>
    /// Follows a packet from a pod through the nodes' own tables, service proxies and policies to where it would end; nothing is delivered. Holds the calling thread; inside
    /// <see cref="TestCluster.RunAsync{T}"/> use <see cref="TraceAsync"/>.
    /// </summary>
    /// <param name="from">The pod that sends: NAME or NAMESPACE/NAME.</param>
    /// <param name="to">A service or pod (NAME or NAMESPACE/NAME), an address, or a DNS name; with :PORT, or without where a service has one port. A pod or address without a port is sent an echo request.</param>
    /// <exception cref="ClusterAssertionException">One of the two doesn't exist.</exception>
    public NetworkTrace Trace(string from, string to) => _cluster.RunAndWait(() => TraceAsync(from, to));

    /// <inheritdoc cref="Trace" path="//summary|//param|//exception"/>
    public Task<NetworkTrace> TraceAsync(string from, string to) => _cluster.RunAsync(() => new Tracer(_cluster).TraceAsync(from, to));
}
