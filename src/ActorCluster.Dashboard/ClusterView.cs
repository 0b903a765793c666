namespace ActorCluster.Dashboard;

/// <summary>What the page shows, at one moment.</summary>
/// <param name="Name">The cluster's.</param>
/// <param name="Error">Why nothing could be read just now; null when all is well.</param>
internal sealed record ClusterView(
    string Name, IReadOnlyList<NodeRow> Nodes, IReadOnlyList<PodRow> Pods, IReadOnlyList<ServiceRow> Services, string? Error = null)
{
    public static ClusterView Unavailable(string name, string error) => new(name, [], [], [], error);
}

internal sealed record NodeRow(string Name, string Status, string Address, int Pods);

/// <param name="Ready">"1/2": containers ready of all.</param>
internal sealed record PodRow(string Namespace, string Name, string Status, string Ready, int Restarts, string Address, string Node);

/// <param name="External">A load balancer's addresses, what an ExternalName stands for, and external IPs, with commas.</param>
/// <param name="Places">Where it is reached from this machine, with a word on why nobody answers there.</param>
internal sealed record ServiceRow(string Namespace, string Name, string Type, string ClusterIp, string External, string Ports, IReadOnlyList<string> Places);

/// <summary>Where a service is reached from this machine, as whoever starts the dashboard knows it.</summary>
/// <param name="Place">A URL, and a word on why nobody answers there; "-": nowhere.</param>
public sealed record ServicePlace(string Namespace, string Name, string Place);
