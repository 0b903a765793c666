using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Policies;

/// <summary>A pod and the policies that select it.</summary>
internal sealed record GovernedPod(PodIdentity Pod, ImmutableArray<NetworkPolicyEntry> Ingress, ImmutableArray<NetworkPolicyEntry> Egress)
{
    public bool IsIsolated => !Ingress.IsEmpty || !Egress.IsEmpty;

    public ImmutableArray<NetworkPolicyEntry> Policies(PolicyDirection direction) => direction == PolicyDirection.Ingress ? Ingress : Egress;
}

/// <summary>
/// The cluster's network policies, sorted by the pods that they select: an immutable snapshot. Whether a pod is isolated is one lookup however many
/// policies there are; only those that select it are looked at further.
/// </summary>
/// <remarks>https://kubernetes.io/docs/concepts/services-networking/network-policies/</remarks>
internal sealed class PolicyTables
{
    public static readonly PolicyTables Empty = new();

    private static readonly ImmutableSortedDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    private ImmutableDictionary<string, ImmutableArray<NetworkPolicyEntry>> _policies = ImmutableDictionary<string, ImmutableArray<NetworkPolicyEntry>>.Empty;
    private ImmutableDictionary<string, IReadOnlyDictionary<string, string>> _namespaces = ImmutableDictionary<string, IReadOnlyDictionary<string, string>>.Empty;
    private SnapshotMap<IpAddress, GovernedPod> _pods = SnapshotMap<IpAddress, GovernedPod>.Empty;

    private PolicyTables() { }

    private PolicyTables(PolicyTables other) => (_policies, _namespaces, _pods) = (other._policies, other._namespaces, other._pods);

    /// <summary>There are no policies, and so there is nothing to look up.</summary>
    public bool IsEmpty => _policies.IsEmpty;

    public bool TryGetPod(IpAddress address, [MaybeNullWhen(false)] out GovernedPod pod) => _pods.TryGetValue(address, out pod);

    /// <summary>The policies that select a pod.</summary>
    public GovernedPod Govern(PodIdentity pod)
    {
        if (!_policies.TryGetValue(pod.Namespace, out var policies)) return new(pod, [], []);
        var selecting = policies.Where(policy => policy.PodSelector.Matches(pod.Labels)).ToArray();
        return new(pod, [.. selecting.Where(policy => policy.Ingress is not null)], [.. selecting.Where(policy => policy.Egress is not null)]);
    }

    /// <summary>What the policies say of a new flow at one of its ends.</summary>
    /// <param name="subject">The pod at that end.</param>
    /// <param name="peer">The address at the other end, after translation to an endpoint.</param>
    /// <param name="port">The receiver's port.</param>
    /// <returns>Null: the pod isn't isolated in this direction.</returns>
    public PolicyDecision? Evaluate(PolicyDirection direction, GovernedPod subject, IpAddress peer, IpProtocol protocol, ushort port)
    {
        var policies = subject.Policies(direction);
        if (policies.IsEmpty) return null;
        var other = TryGetPod(peer, out var found) ? found.Pod : null;
        var receiver = direction == PolicyDirection.Ingress ? subject.Pod : other;
        foreach (var policy in policies)
        {
            var rules = policy.Rules(direction)!.Value;
            for (var i = 0; i < rules.Length; i++)
            {
                if (!MatchesPorts(rules[i], protocol, port, receiver) || !MatchesPeers(policy, rules[i], peer, other, out var by)) continue;
                return new(direction, subject.Pod, policies, policy, i, by);
            }
        }
        return new(direction, subject.Pod, policies, null, -1, null);
    }

    public PolicyTables WithNamespace(string name, IReadOnlyDictionary<string, string>? labels) =>
        new(this) { _namespaces = labels is null ? _namespaces.Remove(name) : _namespaces.SetItem(name, labels) };

    /// <summary>Replaces the policies of a namespace. The pods there must be put in again.</summary>
    public PolicyTables WithPolicies(string @namespace, ImmutableArray<NetworkPolicyEntry> policies) =>
        new(this) { _policies = policies.IsEmpty ? _policies.Remove(@namespace) : _policies.SetItem(@namespace, policies) };

    public PolicyTables WithPod(IpAddress address, GovernedPod pod) => new(this) { _pods = _pods.With(address, pod) };

    /// <summary>Unless another pod has the address by now.</summary>
    public PolicyTables WithoutPod(IpAddress address, string uid) =>
        TryGetPod(address, out var holder) && holder.Pod.Uid == uid ? new(this) { _pods = _pods.Without(address) } : this;

    private static bool MatchesPorts(PolicyRule rule, IpProtocol protocol, ushort port, PodIdentity? receiver)
    {
        if (rule.Ports.IsEmpty) return true;
        foreach (var candidate in rule.Ports)
            if (candidate.Matches(protocol, port, receiver)) return true;
        return false;
    }

    private bool MatchesPeers(NetworkPolicyEntry policy, PolicyRule rule, IpAddress peer, PodIdentity? pod, out PolicyPeer? by)
    {
        by = null;
        if (rule.Peers.IsEmpty) return true;
        foreach (var candidate in rule.Peers)
        {
            by = candidate;
            if (candidate.Block is { } block ? block.Contains(peer) && !Excepted(candidate, peer) : pod is not null && MatchesPod(policy, candidate, pod)) return true;
        }
        return false;
    }

    private bool MatchesPod(NetworkPolicyEntry policy, PolicyPeer peer, PodIdentity pod) =>
        (peer.Namespaces is null ? pod.Namespace == policy.Namespace : peer.Namespaces.Matches(_namespaces.GetValueOrDefault(pod.Namespace, NoLabels)))
        && (peer.Pods is null || peer.Pods.Matches(pod.Labels));

    private static bool Excepted(PolicyPeer peer, IpAddress address)
    {
        foreach (var network in peer.Except)
            if (network.Contains(address)) return true;
        return false;
    }
}
