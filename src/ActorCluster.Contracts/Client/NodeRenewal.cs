using System.Globalization;
using ActorCluster.Contracts.Store;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>Nodes whose conditions were heard of again: nothing is read but when. Pure.</summary>
internal static class NodeRenewal
{
    /// <param name="before">The node as it was before the renewal; stays as it is, and shares with the new one what hasn't changed.</param>
    /// <returns>Null: it isn't that simple.</returns>
    public static V1Node? TryApply(V1Node before, StoreChange renewed)
    {
        if (renewed is not { Previous: { } previous, Current: { Renewal: { Conditions.Length: > 0 } renewal } current } || before.Status?.Conditions is null) return null;
        if (!RevisionText.Is(before.Metadata.ResourceVersion, previous.Revision)) return null;
        var text = current.Json.Span;
        List<V1NodeCondition> conditions = [.. before.Status.Conditions];
        foreach (var (type, heartbeat) in renewal.Conditions)
        {
            var at = conditions.FindIndex(condition => condition.Type == type);
            if (at < 0) return null;
            conditions[at] = conditions[at] with { LastHeartbeatTime = LeaseReader.Time(text[heartbeat]) };
        }
        return before with
        {
            Metadata = before.Metadata with { ResourceVersion = current.Revision.ToString(CultureInfo.InvariantCulture) },
            Status = before.Status with { Conditions = conditions },
        };
    }
}
