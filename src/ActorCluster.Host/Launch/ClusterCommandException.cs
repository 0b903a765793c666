using ActorCluster.Host.State;

namespace ActorCluster.Host.Launch;

/// <summary>A command on a cluster can't be carried out; the message tells the user why, and what to do.</summary>
public class ClusterCommandException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The end of a log that tells more, if there is one.</summary>
    public string? LogTail { get; init; }
}

/// <summary>There is no such cluster or process, or it doesn't run.</summary>
public sealed class ClusterNotFoundException(string message) : ClusterCommandException(message)
{
    internal static ClusterNotFoundException Of(ClusterFolder folder) => new($"There is no cluster '{folder.Name}'. `actorcluster list` shows those there are.");
}

/// <summary>It took longer than the user wanted to wait.</summary>
public sealed class ClusterTimeoutException(string message) : ClusterCommandException(message);
