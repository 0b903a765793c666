namespace ActorCluster.Controllers.Scheduling;

/// <summary>Why a pod can't run on a node.</summary>
/// <param name="Reasons">In upstream's words.</param>
/// <param name="IsResolvable">Whether removing pods from the node might help (upstream's Unschedulable as against UnschedulableAndUnresolvable).</param>
internal sealed record Rejection(IReadOnlyList<string> Reasons, bool IsResolvable)
{
    public static Rejection Resolvable(string reason) => new([reason], true);

    public static Rejection Final(string reason) => new([reason], false);
}
