using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.NodeIpam;

/// <summary>Gives each node its blocks of pod addresses, one of each family: spec.podCIDRs (pkg/controller/nodeipam). Keys are names of nodes.</summary>
/// <remarks>Which blocks are taken is read off the nodes at start, before any is handed out.</remarks>
internal sealed class NodeIpamReconciler : IReconciler
{
    private static readonly TimeSpan ExhaustedRetry = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Node> _nodes;
    private readonly CidrAllocator[] _allocators;
    private readonly Lock _lock = new();

    public NodeIpamReconciler(ControllerServices services)
    {
        _client = services.ClientFor("node-controller");
        _events = services.EventsFor(_client, "cidrAllocator");
        _nodes = services.Informers.Of<V1Node>();
        _allocators =
        [
            new(services.Options.PodCidr, services.Options.NodeCidrMaskSize),
            .. services.Options.PodCidrV6 is { } v6 ? [new(v6, services.Options.NodeCidrMaskSizeV6)] : Array.Empty<CidrAllocator>(),
        ];
    }

    public string Name => "node-ipam-controller";

    public void Attach(IReconcileQueue queue) => _nodes.Changed += (before, after) =>
    {
        // Blocks belong to the node object, not to its name: a node that was deleted and made anew gets others.
        if (before is not null && after?.Metadata.Uid != before.Metadata.Uid)
        {
            lock (_lock)
            {
                foreach (var allocator in _allocators) allocator.Release(before.Metadata.Uid);
            }
        }

        if (after is null) return;
        if (string.IsNullOrEmpty(after.Spec?.PodCIDR))
        {
            queue.Add(after.Metadata.Name);
            return;
        }

        // What a node has stays as it is (spec.podCIDRs is immutable), even if it is of one family only.
        lock (_lock)
        {
            foreach (var cidr in after.Spec.PodCIDRs ?? [after.Spec.PodCIDR])
                foreach (var allocator in _allocators) allocator.Occupy(cidr, after.Metadata.Uid);
        }
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_nodes.Get("", key) is not { } node || !string.IsNullOrEmpty(node.Spec?.PodCIDR)) return ReconcileResult.Done;
        string?[] cidrs;
        // A write that failed may have been carried out all the same, so the node keeps its blocks until it is gone.
        lock (_lock) cidrs = Array.ConvertAll(_allocators, allocator => allocator.Allocate(node.Metadata.Uid));
        if (cidrs.Contains(null))
        {
            _events.Record(node, "Normal", "CIDRNotAvailable", $"Node {key} status is now: CIDRNotAvailable");
            return ReconcileResult.After(ExhaustedRetry);
        }

        await NodePatch.SetPodCidrsAsync(_client, node, cidrs, cancellationToken);
        return ReconcileResult.Done;
    }
}
