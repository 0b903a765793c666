using k8s.Models;

namespace ActorCluster.Network.Tables;

/// <summary>The processes that were lost just now, and what of EndpointSlices is left without their nodes' endpoints. The API will say the same in a moment.</summary>
internal sealed class LostProcesses
{
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);

    /// <returns>False: it was so already.</returns>
    public bool Set(string address, bool lost) => lost ? _addresses.Add(address) : _addresses.Remove(address);

    /// <summary>Whether the slice has an endpoint on a node of that process.</summary>
    public static bool Concerns(V1EndpointSlice slice, string address, IReadOnlyDictionary<string, NodeRoute> nodes) =>
        slice.Endpoints?.Any(endpoint => AddressOf(endpoint, nodes) == address) == true;

    public IEnumerable<V1EndpointSlice> Without(IEnumerable<V1EndpointSlice> slices, IReadOnlyDictionary<string, NodeRoute> nodes) => _addresses.Count == 0
        ? slices
        : slices.Select(slice => slice with { Endpoints = [.. (slice.Endpoints ?? []).Where(endpoint => AddressOf(endpoint, nodes) is not { } address || !_addresses.Contains(address))] });

    private static string? AddressOf(V1Endpoint endpoint, IReadOnlyDictionary<string, NodeRoute> nodes) =>
        endpoint.NodeName is { } name && nodes.TryGetValue(name, out var node) ? node.ProcessAddress : null;
}
