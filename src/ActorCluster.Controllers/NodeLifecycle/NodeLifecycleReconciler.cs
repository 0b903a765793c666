using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.NodeLifecycle;

/// <summary>
/// Watches over the nodes' heartbeats (pkg/controller/nodelifecycle): a silent node becomes Unknown, its pods leave the endpoints at once, and
/// it gets the taints that keep pods away and, at a limited rate, drive them off. Keys: "monitor", "evictions", "node/..", "pod/ns/..".
/// </summary>
internal sealed partial class NodeLifecycleReconciler : IReconciler
{
    private const string Monitor = "monitor";
    private const string Evictions = "evictions";
    private const string NodePrefix = "node/";
    private const string PodPrefix = "pod/";
    private const string LeaseNamespace = "kube-node-lease";
    private const string ExcludedLabel = "node.kubernetes.io/exclude-disruption";

    /// <summary>How often the tainting queue is looked at while nodes wait in it (NodeEvictionPeriod).</summary>
    private static readonly TimeSpan EvictionPeriod = TimeSpan.FromMilliseconds(100);

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly ProcessReachability _reachability;
    private readonly Informer<V1Node> _nodes;
    private readonly Informer<V1Lease> _leases;
    private readonly Informer<V1Pod> _pods;
    private readonly InformerIndex<V1Pod> _podsByNode;
    private readonly ConcurrentDictionary<string, NodeHealth> _health = new();
    private readonly ConcurrentDictionary<string, string> _known = new();
    private readonly ConcurrentDictionary<string, bool> _podsToMark = new();
    private readonly EndpointDeparture _endpoints;
    private readonly ZoneEvictions _evictions;
    private readonly Rounds _rounds;
    private readonly Lock _lock = new();
    private IReconcileQueue? _queue;

    public NodeLifecycleReconciler(ControllerServices services, ProcessReachability reachability)
    {
        _services = services;
        _reachability = reachability;
        _client = services.ClientFor("node-controller");
        _events = services.EventsFor(_client, "node-controller");
        _podsByNode = services.Informers.PodsByNode();
        _nodes = services.Informers.Of<V1Node>();
        _leases = services.Informers.Of<V1Lease>();
        _pods = services.Informers.Of<V1Pod>();
        _endpoints = new EndpointDeparture(services);
        _evictions = new ZoneEvictions(Timings.NodeEvictionRate, Timings.SecondaryNodeEvictionRate);
        _rounds = new Rounds(services.Clock, Timings.NodeMonitorPeriod);
    }

    public string Name => "node-lifecycle-controller";

    /// <summary>nodeUpdateWorkerSize.</summary>
    public int Parallelism => 8;

    private ClusterTimings Timings => _services.Options.Timings;

    public void Attach(IReconcileQueue queue)
    {
        _queue = queue;
        _nodes.Changed += (before, after) =>
        {
            if (after is not null) Observe(after);
            if (after is null) queue.Add(Monitor);
            else if (before is null || NodeVerdicts.ReadyStatus(before) != NodeVerdicts.ReadyStatus(after) || NodeVerdicts.TaintsMayChange(before, after))
                queue.Add(NodePrefix + after.Metadata.Name);
            if (after is not null && IsForNextRound(before, after)) queue.AddAfter(Monitor, _rounds.UntilNext());
        };
        _leases.Changed += (_, after) =>
        {
            if (after?.Metadata.NamespaceProperty == LeaseNamespace && _nodes.Get("", after.Metadata.Name) is { } node) Observe(node);
        };
        _pods.Changed += (_, after) =>
        {
            // A pod that is said to be ready on a node that is not, or that appeared there just now.
            if (after is not null && PodFacts.IsScheduled(after) && PodFacts.IsReady(after)
                && _nodes.Get("", after.Spec.NodeName) is { } node && NodeVerdicts.IsKnownNotReady(node))
                queue.Add(PodPrefix + PodFacts.KeyOf(after));
        };
        _endpoints.Attach(name => queue.Add(NodePrefix + name));
        if (_services.Options.UseProcessReachability) _reachability.Changed += () => queue.Add(Monitor);
        queue.Add(Monitor);
    }

    public Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken) => key switch
    {
        Monitor => Task.FromResult(OnMonitor()),
        Evictions => TaintNextAsync(cancellationToken),
        _ when key.StartsWith(NodePrefix, StringComparison.Ordinal) => CheckNodeAsync(key[NodePrefix.Length..], cancellationToken),
        _ => CheckPodAsync(key[PodPrefix.Length..], cancellationToken),
    };

    /// <summary>One round: every node is looked at, and the zones are judged.</summary>
    private ReconcileResult OnMonitor()
    {
        _rounds.Begin();
        var nodes = _nodes.List();
        ForgetDeleted();
        foreach (var node in nodes) _queue!.Add(NodePrefix + node.Metadata.Name);
        JudgeZones(nodes);
        return UntilNextRound(nodes) is { } wait ? ReconcileResult.After(wait) : ReconcileResult.Done;
    }

    private void ForgetDeleted()
    {
        foreach (var (name, uid) in _known)
        {
            if (_nodes.Get("", name) is not null) continue;
            _known.TryRemove(name, out _);
            _health.TryRemove(name, out _);
            _podsToMark.TryRemove(name, out _);
            _endpoints.Forget(name);
            lock (_lock) _evictions.Remove(name);
            RecordNodeEvent(name, uid, "RemovingNode", $"Node {name} event: Removing Node {name} from Controller");
        }
    }

    private void JudgeZones(IReadOnlyCollection<V1Node> nodes)
    {
        var zones = new Dictionary<string, (int Ready, int NotReady)>();
        foreach (var node in nodes.Where(node => node.Metadata.Labels?.ContainsKey(ExcludedLabel) != true))
        {
            var zone = NodeVerdicts.ZoneOf(node);
            var (ready, notReady) = zones.GetValueOrDefault(zone);
            zones[zone] = NodeVerdicts.ReadyStatus(node) == "True" ? (ready + 1, notReady) : (ready, notReady + 1);
        }

        DisruptionChange change;
        lock (_lock) change = _evictions.Update(zones, _services.Now);
        if (change != DisruptionChange.Left) return;

        // Everything was silent, so it was us who heard nothing: everyone gets a new grace period.
        foreach (var name in _health.Keys)
        {
            if (_health.TryGetValue(name, out var health)) _health[name] = health with { Probed = _services.Now };
        }
    }

    private async Task<ReconcileResult> CheckNodeAsync(string name, CancellationToken cancellationToken)
    {
        if (_nodes.Get("", name) is not { } node) return ReconcileResult.Done;
        if (_known.TryAdd(name, node.Metadata.Uid))
        {
            RecordNodeEvent(name, node.Metadata.Uid, "RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
            // Silent since before we started: its pods may not have been marked.
            if (NodeVerdicts.IsKnownNotReady(node)) _podsToMark[name] = true;
        }

        var now = _services.Now;
        var health = Observe(node);

        var before = NodeVerdicts.ReadyStatus(node);
        if (health.IsSilent(now, Timings.NodeMonitorGracePeriod, Timings.NodeStartupGracePeriod, UnreachableSince(node))
            && NodeVerdicts.ConditionsOfSilence(node, now) is { } conditions)
        {
            // They leave the endpoints before anybody reads that the node is lost: whoever reads it is sent to none of them any more.
            await MarkPodsAsync(name, cancellationToken);
            if (_endpoints.Await(name) is { } wait) return ReconcileResult.After(wait);
            if (before == "True") await _endpoints.PassTablesAsync(name, OtherProcesses(node), cancellationToken);
            if (await NodePatch.SetConditionsAsync(_client, node, conditions, cancellationToken) is not { } updated) return ReconcileResult.Done;
            node = updated;
            // Those that came meanwhile: once the node's change is seen here, which brings the key back.
            _podsToMark[name] = true;
            if (before == "True") RecordNodeEvent(name, node.Metadata.Uid, "NodeNotReady", $"Node {name} status is now: NodeNotReady");
        }
        else if (NodeVerdicts.ReadyStatus(node) == "True")
        {
            _endpoints.Forget(name);
            _podsToMark.TryRemove(name, out _);
        }
        else if (_podsToMark.ContainsKey(name))
        {
            await MarkPodsAsync(name, cancellationToken);
        }

        await SetTaintsAsync(node, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>Notes signs of life when they come, so that one that came before a process was lost is not taken for a later one.</summary>
    private NodeHealth Observe(V1Node node)
    {
        return _health.AddOrUpdate(node.Metadata.Name, _ => Look(null), (_, previous) => Look(previous));

        NodeHealth Look(NodeHealth? previous) => NodeHealth.Observe(previous, node, _leases.Get(LeaseNamespace, node.Metadata.Name), _services.Now);
    }

    /// <summary>NoSchedule at once; NoExecute is left to <see cref="TaintNextAsync"/>, but swapped or removed at once.</summary>
    private async Task SetTaintsAsync(V1Node node, CancellationToken cancellationToken)
    {
        var name = node.Metadata.Name;
        string? noExecute = null;
        lock (_lock)
        {
            var wanted = NodeVerdicts.NoExecuteFor(node);
            if (wanted is null || _evictions.AllDisrupted)
            {
                noExecute = "";
                _evictions.Remove(name);
            }
            else if (NodeVerdicts.HasNoExecute(node, NodeVerdicts.NotReadyTaint) || NodeVerdicts.HasNoExecute(node, NodeVerdicts.UnreachableTaint))
            {
                noExecute = wanted;
                _evictions.Remove(name);
            }
            else
            {
                _evictions.Add(NodeVerdicts.ZoneOf(node), name, _services.Now);
                _queue!.Add(Evictions);
            }
        }

        if (NodeVerdicts.Taints(node, noExecute, _services.Now) is { } taints) await NodePatch.SetTaintsAsync(_client, node, taints, cancellationToken);
    }

    private async Task<ReconcileResult> TaintNextAsync(CancellationToken cancellationToken)
    {
        // Judged on what is known now: the nodes that just fell silent count, or a zone that is lost would first be emptied.
        JudgeZones(_nodes.List());
        IReadOnlyList<string> due;
        lock (_lock) due = _evictions.Take(_services.Now);
        foreach (var name in due)
        {
            if (_nodes.Get("", name) is not { } node || NodeVerdicts.NoExecuteFor(node) is not { } wanted) continue;
            if (NodeVerdicts.Taints(node, wanted, _services.Now) is not { } taints) continue;
            try
            {
                await NodePatch.SetTaintsAsync(_client, node, taints, cancellationToken);
            }
            catch
            {
                // It keeps its turn: the retry of this key looks at the fresh node.
                lock (_lock) _evictions.Add(NodeVerdicts.ZoneOf(node), name, _services.Now);
                throw;
            }
        }

        lock (_lock) return _evictions.AnyWaiting ? ReconcileResult.After(EvictionPeriod) : ReconcileResult.Done;
    }

    /// <summary>The node's pods are not ready from now on, whatever their last word was: so they leave the endpoints.</summary>
    private async Task MarkPodsAsync(string nodeName, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_podsByNode.Get(nodeName).Select(pod => MarkPodAsync(pod, cancellationToken)));
        _podsToMark.TryRemove(nodeName, out _);
    }

    private async Task<ReconcileResult> CheckPodAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is { } pod && _nodes.Get("", pod.Spec.NodeName ?? "") is { } node && NodeVerdicts.IsKnownNotReady(node))
            await MarkPodAsync(pod, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task MarkPodAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        if (Conditions.Find(pod, "Ready") is not { Status: not "False" } ready) return;
        var condition = ready with { Status = "False", LastTransitionTime = _services.Now.ToApiTime() };
        if (await PodStatusPatch.SetConditionAsync(_client, pod, condition, cancellationToken) is not null)
            _events.Record(pod, "Warning", "NodeNotReady", "Node is not ready");
    }

    private DateTimeOffset? UnreachableSince(V1Node node) => _services.Options.UseProcessReachability ? _reachability.UnreachableSince(ProcessOf(node)) : null;

    /// <summary>The processes that can be reached, but for the node's own.</summary>
    private HashSet<string> OtherProcesses(V1Node node) =>
    [
        .. _nodes.List().Select(ProcessOf).OfType<string>().Where(process => process != ProcessOf(node) && _reachability.UnreachableSince(process) is null),
    ];

    private static string? ProcessOf(V1Node node) =>
        node.Metadata.Annotations is { } annotations && annotations.TryGetValue(WellKnown.ProcessAddressAnnotation, out var address) ? address : null;

    private void RecordNodeEvent(string name, string uid, string reason, string message) =>
        _events.Record(new V1ObjectReference { ApiVersion = ApiVersions.Core, Kind = "Node", Name = name, Uid = uid }, "Normal", reason, message);
}
