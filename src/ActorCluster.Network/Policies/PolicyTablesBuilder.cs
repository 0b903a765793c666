using System.Collections.Immutable;
using ActorCluster.Network.Addresses;
using k8s.Models;

namespace ActorCluster.Network.Policies;

/// <summary>Turns changes of NetworkPolicies, pods and namespaces into the next <see cref="PolicyTables"/>. A change costs what it touches: a pod, or the pods of a namespace.</summary>
internal sealed class PolicyTablesBuilder
{
    private readonly SortedDictionary<string, SortedDictionary<string, NetworkPolicyEntry>> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, (PodIdentity Pod, ImmutableArray<IpAddress> Addresses)>> _pods = [];
    private readonly SortedSet<string> _changedNamespaces = new(StringComparer.Ordinal);
    private PolicyTables _tables = PolicyTables.Empty;

    public bool HasPolicies => _policies.Count > 0;

    public void OnPolicy(V1NetworkPolicy? old, V1NetworkPolicy? current)
    {
        var metadata = (current ?? old)!.Metadata;
        if (!_policies.TryGetValue(metadata.NamespaceProperty, out var policies)) _policies.Add(metadata.NamespaceProperty, policies = new(StringComparer.Ordinal));
        if (current is null) policies.Remove(metadata.Name);
        else policies[metadata.Name] = PolicyEntries.OfPolicy(current);
        if (policies.Count == 0) _policies.Remove(metadata.NamespaceProperty);
        _changedNamespaces.Add(metadata.NamespaceProperty);
    }

    public void OnNamespace(V1Namespace? old, V1Namespace? current) => _tables = _tables.WithNamespace(
        (current ?? old)!.Metadata.Name, current is null ? null : current.Metadata.Labels?.AsReadOnly() ?? (IReadOnlyDictionary<string, string>)ImmutableSortedDictionary<string, string>.Empty);

    public void OnPod(PolicyPod? old, PolicyPod? current)
    {
        var metadata = (current ?? old)!.Metadata;
        if (!_pods.TryGetValue(metadata.NamespaceProperty, out var pods)) _pods.Add(metadata.NamespaceProperty, pods = []);
        if (current is not null && pods.TryGetValue(metadata.Name, out var known) && IsSame(known.Pod, known.Addresses, current)) return;
        if (pods.Remove(metadata.Name, out var before))
            foreach (var address in before.Addresses) _tables = _tables.WithoutPod(address, before.Pod.Uid);
        if (current?.Addresses is { IsEmpty: false } addresses)
        {
            var pod = current.Identify();
            pods.Add(metadata.Name, (pod, addresses));
            // Of a namespace whose policies change too, all pods are put in again anyway.
            var governed = _tables.Govern(pod);
            foreach (var address in addresses) _tables = _tables.WithPod(address, governed);
        }
        if (pods.Count == 0) _pods.Remove(metadata.NamespaceProperty);
    }

    /// <summary>Most changes of a pod are to its status.</summary>
    private static bool IsSame(PodIdentity known, ImmutableArray<IpAddress> addresses, PolicyPod current)
    {
        var pod = current.Identify();
        return pod.Uid == known.Uid && addresses.SequenceEqual(current.Addresses) && pod.Ports.SequenceEqual(known.Ports) && pod.Labels.Count == known.Labels.Count
            && pod.Labels.All(label => known.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
    }

    /// <summary>Pods and namespaces are no longer followed.</summary>
    public void Forget()
    {
        _pods.Clear();
        _changedNamespaces.Clear();
        _changedNamespaces.UnionWith(_policies.Keys);
        _tables = PolicyTables.Empty;
    }

    /// <summary>The tables with everything that came since the last call.</summary>
    public PolicyTables Build()
    {
        foreach (var name in _changedNamespaces)
        {
            _tables = _tables.WithPolicies(name, _policies.TryGetValue(name, out var policies) ? [.. policies.Values] : []);
            if (!_pods.TryGetValue(name, out var pods)) continue;
            foreach (var (pod, addresses) in pods.Values)
            {
                var governed = _tables.Govern(pod);
                foreach (var address in addresses) _tables = _tables.WithPod(address, governed);
            }
        }
        _changedNamespaces.Clear();
        return _tables;
    }
}
