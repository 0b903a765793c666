using System.Globalization;
using k8s.Models;

namespace ActorCluster.Controllers.Deployments;

/// <summary>What a Deployment notes on its replica sets (pkg/controller/deployment/util/deployment_util.go). Pure.</summary>
internal static class ReplicaSetAnnotations
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    /// <summary>Characters of the history annotation at most.</summary>
    private const int HistoryLimit = 2000;

    private static readonly HashSet<string> NotCopied =
    [
        "kubectl.kubernetes.io/last-applied-configuration", Revision, RevisionHistory, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to",
    ];

    /// <summary>The annotations that the new replica set should have.</summary>
    public static Dictionary<string, string> ForNew(V1Deployment deployment, IDictionary<string, string>? present, long revision, bool exists)
    {
        var wanted = present is null ? [] : new Dictionary<string, string>(present);
        foreach (var (key, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (!NotCopied.Contains(key)) wanted[key] = value;
        }

        var before = wanted.GetValueOrDefault(Revision);
        var parsed = long.TryParse(before, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var old);
        if (before is null or "" || (parsed && old < revision))
        {
            wanted[Revision] = revision.ToString(CultureInfo.InvariantCulture);
            if (before is { Length: > 0 }) AppendHistory(wanted, before);
        }

        return exists ? wanted : WithReplicas(wanted, deployment);
    }

    /// <summary>The annotations with the deployment's present size noted.</summary>
    public static Dictionary<string, string> WithReplicas(IDictionary<string, string>? present, V1Deployment deployment)
    {
        var wanted = present is null ? [] : new Dictionary<string, string>(present);
        var replicas = RollingBounds.Replicas(deployment);
        wanted[DesiredReplicas] = replicas.ToString(CultureInfo.InvariantCulture);
        wanted[MaxReplicas] = (replicas + RollingBounds.MaxSurge(deployment)).ToString(CultureInfo.InvariantCulture);
        return wanted;
    }

    public static bool Same(IDictionary<string, string>? left, IDictionary<string, string>? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0) && (left is null || left.All(pair => right!.TryGetValue(pair.Key, out var value) && value == pair.Value));

    public static int? Number(V1ReplicaSet set, string annotation) =>
        set.Metadata.Annotations is { } annotations && annotations.TryGetValue(annotation, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void AppendHistory(Dictionary<string, string> annotations, string revision)
    {
        var history = annotations.GetValueOrDefault(RevisionHistory) is { Length: > 0 } text ? text.Split(',').ToList() : [];
        history.Add(revision);
        while (history.Count > 1 && history.Sum(entry => entry.Length + 1) - 1 > HistoryLimit) history.RemoveAt(0);
        annotations[RevisionHistory] = string.Join(',', history);
    }
}
