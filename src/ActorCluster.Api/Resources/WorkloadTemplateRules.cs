namespace ActorCluster.Api.Resources;

/// <summary>What the rules for a selector and its pod template differ in between kinds of workloads.</summary>
/// <param name="EmptySelector">Whose name the complaint about an empty selector has.</param>
/// <param name="Deadline">Whose name the complaint about activeDeadlineSeconds has.</param>
/// <param name="SelectorRequired">Whether an absent selector is missing; else it is one that selects nothing.</param>
internal sealed record WorkloadTemplateRules(string EmptySelector, string Deadline, bool SelectorRequired = true)
{
    /// <summary>Of Deployments and ReplicaSets, which upstream words alike.</summary>
    public static readonly WorkloadTemplateRules ReplicaSet = new("deployment", "ReplicaSet");
}
