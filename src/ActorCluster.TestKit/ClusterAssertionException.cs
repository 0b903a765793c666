namespace ActorCluster.TestKit;

/// <summary>A cluster is not as a test wants it; the message tells what was wanted, how it is, and why, as far as the cluster knows.</summary>
public sealed class ClusterAssertionException(string message) : Exception(message);
