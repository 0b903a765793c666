using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text;

namespace ActorCluster.TestKit.Networking;

/// <summary>One thing that happened to a traced packet.</summary>
/// <param name="Node">Where.</param>
/// <param name="Stage">route, dnat, policy, socket, ...</param>
public readonly record struct TraceHop(string Node, string Stage, string Detail);

/// <summary>A packet's way, and where it ends.</summary>
/// <param name="Description">What was sent, from where and to where.</param>
/// <param name="Outcome">Delivered, Refused, Dropped.</param>
/// <param name="Reason">One word.</param>
/// <param name="Receiver">The pod that gets it, without its namespace; else the address that it went to.</param>
public sealed record NetworkTrace(string Description, ImmutableArray<TraceHop> Hops, string Outcome, string Reason, string Receiver)
{
    public bool IsDelivered => Outcome == "Delivered";

    /// <summary>It must be delivered to a pod of that name.</summary>
    /// <param name="pod">With '*' and '?' as wildcards.</param>
    /// <exception cref="ClusterAssertionException">It isn't; the message has each step and its reason.</exception>
    public void ShouldReach(string pod)
    {
        if (!IsDelivered) throw new ClusterAssertionException($"The packet should reach {pod}, and is {Outcome.ToLowerInvariant()} ({Reason}).\n{this}");
        if (!FileSystemName.MatchesSimpleExpression(pod, Receiver, ignoreCase: false)) throw new ClusterAssertionException($"The packet should reach {pod}, and reaches {Receiver}.\n{this}");
    }

    /// <summary>It must not be delivered.</summary>
    /// <param name="reason">Why, as <see cref="Reason"/> has it; null: whatever.</param>
    /// <exception cref="ClusterAssertionException">It is delivered, or something else is the reason.</exception>
    public void ShouldNotArrive(string? reason = null)
    {
        if (IsDelivered) throw new ClusterAssertionException($"The packet should not arrive, and reaches {Receiver}.\n{this}");
        if (reason is not null && reason != Reason) throw new ClusterAssertionException($"The packet should not arrive because of {reason}, and doesn't because of {Reason}.\n{this}");
    }

    public override string ToString()
    {
        var text = new StringBuilder(Description).Append('\n');
        var node = "";
        foreach (var hop in Hops)
        {
            if (hop.Node != node) text.Append("  node ").Append(node = hop.Node).Append('\n');
            text.Append("    ").Append(hop.Stage.PadRight(10)).Append(' ').Append(hop.Detail).Append('\n');
        }
        return text.Append(IsDelivered ? $"  => delivered to {Receiver}" : $"  => {Outcome.ToLowerInvariant()} ({Reason})").ToString();
    }
}
