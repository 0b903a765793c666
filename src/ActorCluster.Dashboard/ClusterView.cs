namespace ActorCluster.Dashboard;

/// <summary>What the page shows, at one moment.</summary>
/// <param name="Error">Why nothing could be read just now; null when all is well.</param>
internal sealed record ClusterView(
    IReadOnlyList<NodeRow> Nodes, IReadOnlyList<PodRow> Pods, IReadOnlyList<ServiceRow> Services, string? Error = null)
{
    public static ClusterView Unavailable(string error) => new([], [], [], error);
}

internal sealed record NodeRow(string Name, string Status, string Address, int Pods);

/// <param name="Ready">"1/2": containers ready of all.</param>
internal sealed record PodRow(string Namespace, string Name, string Status, string Ready, int Restarts, string Address, string Node);

internal sealed record ServiceRow(string Namespace, string Name, string Type, string ClusterIp, string Ports);
