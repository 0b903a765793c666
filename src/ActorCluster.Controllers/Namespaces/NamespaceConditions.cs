using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Namespaces;

/// <summary>What keeps a namespace from going (pkg/controller/namespace/deletion/status_condition_utils.go). Pure.</summary>
internal static class NamespaceConditions
{
    /// <param name="remaining">How many objects of each resource are left.</param>
    /// <param name="finalizers">How many of them each finalizer holds.</param>
    /// <param name="failures">What went wrong while deleting.</param>
    /// <returns>The conditions to write; null if they say so already.</returns>
    public static IList<V1NamespaceCondition>? Of(
        V1Namespace ns, IReadOnlyDictionary<string, int> remaining, IReadOnlyDictionary<string, int> finalizers, IReadOnlyList<string> failures, DateTimeOffset now)
    {
        List<V1NamespaceCondition> wanted =
        [
            New("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
            New("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            failures.Count == 0
                ? New("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization")
                : New("NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
                    $"Failed to delete all resource types, {failures.Count} remaining: {string.Join(", ", failures.Order(StringComparer.Ordinal))}"),
            remaining.Count == 0
                ? New("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
                : New("NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {Join(remaining, (name, n) => $"{name} has {n} resource instances")}"),
            finalizers.Count == 0
                ? New("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished")
                : New("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
                    $"Some content in the namespace has finalizers remaining: {Join(finalizers, (name, n) => $"{name} in {n} resource instances")}"),
        ];
        var present = ns.Status?.Conditions ?? [];
        var merged = wanted.Select(condition => present.FirstOrDefault(c => c.Type == condition.Type) is { } same
            && same.Status == condition.Status && same.Reason == condition.Reason && same.Message == condition.Message
            ? same
            : condition).ToList();
        merged.AddRange(present.Where(c => !wanted.Exists(condition => condition.Type == c.Type)));
        return merged.All(condition => present.Contains(condition)) ? null : merged;

        V1NamespaceCondition New(string type, bool status, string reason, string message) => new()
        {
            Type = type,
            Status = status ? "True" : "False",
            Reason = reason,
            Message = message,
            LastTransitionTime = now.ToApiTime(),
        };
    }

    private static string Join(IReadOnlyDictionary<string, int> counts, Func<string, int, string> describe) =>
        string.Join(", ", counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => describe(pair.Key, pair.Value)));
}
