namespace ActorCluster.Network.Policies;

/// <summary>What policies say of one direction of a new flow, and why.</summary>
/// <param name="Pod">The pod that is isolated.</param>
/// <param name="Policies">The policies that isolate it in this direction.</param>
/// <param name="By">The policy whose rule allows the flow; null: none does.</param>
/// <param name="Rule">The rule's index in the policy.</param>
/// <param name="Peer">The peer in the rule that matched; null: the rule is for everybody.</param>
internal sealed record PolicyDecision(
    PolicyDirection Direction, PodIdentity Pod, IReadOnlyList<NetworkPolicyEntry> Policies, NetworkPolicyEntry? By, int Rule, PolicyPeer? Peer)
{
    public bool IsAllowed => By is not null;

    public override string ToString()
    {
        var direction = Direction == PolicyDirection.Ingress ? "ingress" : "egress";
        if (By is not null) return $"{direction} of {Pod}: allowed by {By}, {direction}[{Rule}], {(Peer is null ? "for everybody" : Peer.ToString())}";
        var names = string.Join(", ", Policies.Take(Shown));
        return $"{direction} of {Pod}: isolated by {names}{(Policies.Count > Shown ? $" and {Policies.Count - Shown} more" : "")}, no rule matched";
    }

    private const int Shown = 5;
}
