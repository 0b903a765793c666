using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.EndpointSlices;
using k8s.Models;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>
/// Whether the endpoints of a silent node's pods are gone from the EndpointSlices. Until they are, the node isn't said to be lost: so that whoever reads that it is
/// is sent to none of them any more.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class EndpointDeparture(ControllerServices services)
{
    /// <summary>The slices' controller may be busy, and the node is lost all the same.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private readonly Informer<V1EndpointSlice> _slices = services.Informers.Of<V1EndpointSlice>();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _since = new();

    /// <summary>The revision of the slices at which a node's endpoints left one, the last time.</summary>
    private readonly ConcurrentDictionary<string, long> _left = new();

    /// <param name="look">Called with a node's name when there may be an end of what it waits for.</param>
    public void Attach(Action<string> look)
    {
        // Before the cache shows it: whoever sees there that the endpoints are gone finds at which revision they went.
        if (services.Options.Tables is not null)
        {
            _slices.Changing += (before, after) =>
            {
                foreach (var node in Departed(before, after)) _left[node] = _slices.Revision;
            };
        }

        _slices.Changed += (before, after) =>
        {
            if (_since.IsEmpty) return;
            foreach (var node in Departed(before, after).Where(_since.ContainsKey)) look(node);
        };
    }

    /// <summary>How long to wait at most until looking again; null when there is nothing to wait for any more.</summary>
    public TimeSpan? Await(string node)
    {
        if (_slices.List().Any(slice => ServingNodes(slice).Contains(node)))
        {
            var left = _since.GetOrAdd(node, services.Now) + Bound - services.Now;
            if (left > TimeSpan.Zero) return left;
        }

        _since.TryRemove(node, out _);
        return null;
    }

    /// <summary>Until other processes, too, have heard that the node's endpoints are gone; within the same bound, from now on.</summary>
    /// <param name="processes">Akka addresses of those that can be reached.</param>
    public Task PassTablesAsync(string node, IReadOnlyCollection<string> processes, CancellationToken cancellationToken) =>
        services.Options.Tables is { } tables && _left.TryGetValue(node, out var revision) ? tables.PassAsync(processes, revision, Bound, cancellationToken) : Task.CompletedTask;

    /// <summary>The node is back, or gone for good.</summary>
    public void Forget(string node)
    {
        _since.TryRemove(node, out _);
        _left.TryRemove(node, out _);
    }

    private static IEnumerable<string> Departed(V1EndpointSlice? before, V1EndpointSlice? after) =>
        before is null ? [] : ServingNodes(before).Except(after is null ? [] : ServingNodes(after), StringComparer.Ordinal);

    /// <summary>Serving rather than ready: a Service may publish endpoints that aren't ready as if they were. What others write into slices of their own doesn't change with pods.</summary>
    private static IEnumerable<string> ServingNodes(V1EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.TryGetValue(EndpointSlicePlan.ManagedByLabel, out var manager) && manager == EndpointSlicePlan.ManagedBy
            ? (slice.Endpoints ?? []).Where(endpoint => endpoint is { NodeName: not null, Conditions.Serving: not false }).Select(endpoint => endpoint.NodeName)
            : [];
}
