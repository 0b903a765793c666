using System.Collections.Immutable;
using ActorCluster.Api.Selectors;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Policies;

/// <summary>Seen from the pod that a policy selects.</summary>
internal enum PolicyDirection : byte
{
    Ingress,
    Egress,
}

/// <summary>A NetworkPolicy as the data path evaluates it.</summary>
/// <param name="Ingress">Null: the policy leaves ingress alone. Empty: it isolates and allows nothing.</param>
/// <param name="Egress">As <paramref name="Ingress"/>.</param>
internal sealed record NetworkPolicyEntry(
    string Namespace, string Name, LabelSelector PodSelector, ImmutableArray<PolicyRule>? Ingress, ImmutableArray<PolicyRule>? Egress)
{
    public ImmutableArray<PolicyRule>? Rules(PolicyDirection direction) => direction == PolicyDirection.Ingress ? Ingress : Egress;

    /// <summary>"namespace/name".</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Allows what matches one of its ports and one of its peers; no ports are all ports, no peers are everybody.</summary>
internal sealed record PolicyRule(ImmutableArray<PolicyPort> Ports, ImmutableArray<PolicyPeer> Peers);

/// <param name="First">The number, or the first of a range; 0: all ports of the protocol, or <paramref name="Name"/>.</param>
/// <param name="Last">The last of the range.</param>
/// <param name="Name">A name that the pod at the receiving end gives to one of its ports.</param>
internal sealed record PolicyPort(IpProtocol Protocol, ushort First, ushort Last, string? Name)
{
    /// <param name="receiver">Null: the packet goes to no pod that we know.</param>
    public bool Matches(IpProtocol protocol, ushort port, PodIdentity? receiver)
    {
        if (protocol != Protocol) return false;
        if (Name is null) return First == 0 || (port >= First && port <= Last);
        if (receiver is null) return false;
        foreach (var named in receiver.Ports)
            if (named.Port == port && named.Protocol == protocol && named.Name == Name) return true;
        return false;
    }
}

/// <summary>Whom a rule allows: an address block, or pods by their labels and those of their namespace.</summary>
/// <param name="Namespaces">Null: the policy's own namespace.</param>
/// <param name="Pods">Null: all pods of these namespaces.</param>
/// <param name="Block">Given: the selectors are not.</param>
internal sealed record PolicyPeer(LabelSelector? Namespaces, LabelSelector? Pods, IpNetwork? Block, ImmutableArray<IpNetwork> Except)
{
    /// <summary>In words, for traces.</summary>
    public override string ToString()
    {
        if (Block is { } block) return $"ipBlock {block}{(Except.IsEmpty ? "" : $" except {string.Join(", ", Except)}")}";
        var parts = new List<string>(2);
        if (Namespaces is not null) parts.Add($"namespaceSelector {Words(Namespaces)}");
        if (Pods is not null) parts.Add($"podSelector {Words(Pods)}");
        return string.Join(" and ", parts);
    }

    private static string Words(LabelSelector selector) => selector.IsEverything ? "{}" : selector.ToString();
}
