using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Host.Worker;

/// <summary>Which processes host nodes, by the API.</summary>
internal static class NodeProcesses
{
    private const string User = "system:apiserver";

    /// <returns>The Akka addresses that Node objects name.</returns>
    /// <exception cref="ApiUnavailableException"/>
    public static async Task<IReadOnlySet<string>> ReadAsync(IApiClient api) =>
        (await new KubeClient(api, User).ListAsync<V1Node>())
        .Select(node => node.Metadata.Annotations is { } annotations && annotations.TryGetValue(WellKnown.ProcessAddressAnnotation, out var address) ? address : null)
        .OfType<string>().ToHashSet(StringComparer.Ordinal);
}
