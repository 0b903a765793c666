using System.Text.RegularExpressions;

namespace ActorCluster.Host.Options;

/// <summary>Names of clusters and processes are also names of folders, of kubeconfig contexts and of Kubernetes nodes: RFC 1123 labels.</summary>
internal static partial class ObjectNames
{
    public const int MaximumClusterName = 40;

    public static bool IsLabel(string name) => name.Length <= 63 && Label().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
