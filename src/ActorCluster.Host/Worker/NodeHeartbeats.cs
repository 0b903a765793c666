using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using k8s.Models;

namespace ActorCluster.Host.Worker;

/// <summary>Tells a node's present life from what the API remembers of its last: by when it last reported itself Ready.</summary>
internal static class NodeHeartbeats
{
    /// <summary>Completes when all these nodes have reported themselves Ready since this was called.</summary>
    public static async Task AllAsync(IApiClient api, SimulationContext simulation, IReadOnlyList<string> nodes, CancellationToken cancellationToken)
    {
        // The API's times are whole seconds.
        var now = simulation.Clock.GetUtcNow();
        var since = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).UtcDateTime;
        var waiting = nodes.ToHashSet(StringComparer.Ordinal);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var abandoned = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        await using var informer = new Informer<V1Node>(api, simulation);
        informer.Changed += (_, node) =>
        {
            if (node is not null && HasReported(node, since) && waiting.Remove(node.Metadata.Name) && waiting.Count == 0) done.TrySetResult();
        };
        informer.Start();
        await done.Task;
    }

    private static bool HasReported(V1Node node, DateTime since) =>
        node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" } && condition.LastHeartbeatTime >= since) ?? false;
}
