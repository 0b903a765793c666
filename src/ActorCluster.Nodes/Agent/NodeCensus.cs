using Akka.Actor;

namespace ActorCluster.Nodes.Agent;

/// <summary>A question to a node; answered with <see cref="NodeCensus"/>.</summary>
internal sealed record GetCensus : ILocalMessage
{
    public static readonly GetCensus Instance = new();
}

/// <summary>How much of everything a node has just now, for whoever looks for what was left behind (its agent's /debug/census).</summary>
/// <param name="Pods">That it keeps an actor for.</param>
/// <param name="PodActors">Those actors and all below them.</param>
/// <param name="PodAddresses">Places taken in its blocks of pod addresses.</param>
/// <param name="ServiceProxies">Actors below its network: one for each service that packets asked for not long ago.</param>
/// <param name="Streams">Log, exec and other streams that are open, whoever asks for this included.</param>
/// <param name="OtherActors">All others of the process, below /user. Where it hosts several nodes, those of the other nodes are among them.</param>
internal sealed record NodeCensus(int Pods, int PodActors, int PodAddresses, int ServiceProxies, int Streams, int OtherActors) : ILocalMessage
{
    /// <param name="children">The node's.</param>
    /// <param name="pods">Those of its children that are pods.</param>
    public static NodeCensus Take(ActorSystem system, IEnumerable<IActorRef> children, IReadOnlyCollection<IActorRef> pods, int podAddresses)
    {
        var all = children.ToList();
        var podActors = pods.Sum(Count);
        var proxies = all.Where(child => child.Path.Name == "network").Sum(Count) - 1;
        var streams = all.Count(child => child.Path.Name.StartsWith("stream-", StringComparison.Ordinal));
        var process = Count(((ExtendedActorSystem)system).Guardian);
        return new(pods.Count, podActors, podAddresses, Math.Max(0, proxies), streams, process - podActors - Math.Max(0, proxies) - streams);
    }

    /// <summary>An actor and all below it.</summary>
    private static int Count(IActorRef actor) => actor is ActorRefWithCell withCell ? 1 + withCell.Children.Sum(Count) : 0;
}
