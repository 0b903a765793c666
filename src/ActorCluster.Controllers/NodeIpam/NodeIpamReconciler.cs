using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.NodeIpam;

/// <summary>Gives each node its block of pod addresses, spec.podCIDR (pkg/controller/nodeipam). Keys are names of nodes.</summary>
/// <remarks>Which blocks are taken is read off the nodes at start, before any is handed out.</remarks>
internal sealed class NodeIpamReconciler : IReconciler
{
    private static readonly TimeSpan ExhaustedRetry = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1Node> _nodes;
    private readonly CidrAllocator _allocator;
    private readonly Lock _lock = new();

    public NodeIpamReconciler(ControllerServices services)
    {
        _client = services.ClientFor("node-controller");
        _events = services.EventsFor(_client, "cidrAllocator");
        _nodes = services.Informers.Of<V1Node>();
        _allocator = new CidrAllocator(services.Options.PodCidr, services.Options.NodeCidrMaskSize);
    }

    public string Name => "node-ipam-controller";

    public void Attach(IReconcileQueue queue) => _nodes.Changed += (before, after) =>
    {
        // A block belongs to the node object, not to its name: a node that was deleted and made anew gets another.
        if (before is not null && after?.Metadata.Uid != before.Metadata.Uid)
        {
            lock (_lock) _allocator.Release(before.Metadata.Uid);
        }

        if (after is null) return;
        if (string.IsNullOrEmpty(after.Spec?.PodCIDR))
        {
            queue.Add(after.Metadata.Name);
            return;
        }

        lock (_lock) _allocator.Occupy(after.Spec.PodCIDR, after.Metadata.Uid);
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_nodes.Get("", key) is not { } node || !string.IsNullOrEmpty(node.Spec?.PodCIDR)) return ReconcileResult.Done;
        string? cidr;
        // A write that failed may have been carried out all the same, so the node keeps its block until it is gone.
        lock (_lock) cidr = _allocator.Allocate(node.Metadata.Uid);
        if (cidr is null)
        {
            _events.Record(node, "Normal", "CIDRNotAvailable", $"Node {key} status is now: CIDRNotAvailable");
            return ReconcileResult.After(ExhaustedRetry);
        }

        await NodePatch.SetPodCidrAsync(_client, node, cidr, cancellationToken);
        return ReconcileResult.Done;
    }
}
