using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Api.Selectors;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using k8s.Models;

namespace ActorCluster.Network.Policies;

/// <summary>What the data path keeps of API objects for policies. Pure; what doesn't parse matches nothing, so that a fault never opens a way.</summary>
internal static class PolicyEntries
{
    private const string IngressType = "Ingress";
    private const string EgressType = "Egress";

    public static NetworkPolicyEntry OfPolicy(V1NetworkPolicy policy)
    {
        var spec = policy.Spec ?? new V1NetworkPolicySpec();
        // The API server fills the types in; who reads older objects goes by the same rule (pkg/apis/networking/v1/defaults.go).
        var types = spec.PolicyTypes is { Count: > 0 } given ? given : spec.Egress is { Count: > 0 } ? [IngressType, EgressType] : [IngressType];
        return new(policy.Metadata.NamespaceProperty, policy.Metadata.Name, Selector(spec.PodSelector ?? new V1LabelSelector()),
            types.Contains(IngressType) ? [.. (spec.Ingress ?? []).Select(rule => Rule(rule.Ports, rule.FromProperty))] : null,
            types.Contains(EgressType) ? [.. (spec.Egress ?? []).Select(rule => Rule(rule.Ports, rule.To))] : null);
    }

    private static PolicyRule Rule(IList<V1NetworkPolicyPort>? ports, IList<V1NetworkPolicyPeer>? peers) => new([.. (ports ?? []).Select(Port)], [.. (peers ?? []).Select(Peer)]);

    private static PolicyPort Port(V1NetworkPolicyPort port)
    {
        var protocol = IpProtocols.OfPort(port.Protocol);
        if (port.Port?.Value is not { Length: > 0 } text) return new(protocol, 0, 0, null);
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return new(protocol, 0, 0, text);
        return new(protocol, first, port.EndPort is { } last ? (ushort)Math.Clamp(last, first, ushort.MaxValue) : first, null);
    }

    private static PolicyPeer Peer(V1NetworkPolicyPeer peer)
    {
        if (peer.IpBlock is not { } block)
            return new(peer.NamespaceSelector is { } namespaces ? Selector(namespaces) : null, peer.PodSelector is { } pods ? Selector(pods) : null, null, []);
        if (!IpNetwork.TryParse(block.Cidr, out var network)) return new(null, LabelSelector.Nothing, null, []);
        var except = ImmutableArray.CreateBuilder<IpNetwork>();
        foreach (var text in block.Except ?? [])
        {
            if (!IpNetwork.TryParse(text, out var part)) return new(null, LabelSelector.Nothing, null, []);
            except.Add(part);
        }
        return new(null, null, network, except.ToImmutable());
    }

    private static LabelSelector Selector(V1LabelSelector selector)
    {
        try
        {
            return LabelSelector.FromModel(selector);
        }
        catch (FormatException)
        {
            return LabelSelector.Nothing;
        }
    }
}
