using ActorCluster.Api.Selectors;
using ActorCluster.Network.Faults;

namespace ActorCluster.TestKit.Faults;

/// <summary>
/// Ends of faults: pods. Who they are is looked up again with every change of the cluster, so that they may come later; and so there is no failure where there are none yet, nor where a
/// name is misspelt (<see cref="Networking.ClusterNetwork.Trace"/> tells whether a fault is in the way).
/// </summary>
public static class Pods
{
    /// <summary>All pods that have the labels.</summary>
    /// <param name="selector">As kubectl's -l takes it: "app=web,tier!=back".</param>
    /// <param name="ns">Null: of all namespaces.</param>
    /// <exception cref="FormatException">It is no selector.</exception>
    public static FaultEnds Labeled(string selector, string? ns = "default") => new FaultEnds.LabeledPods(LabelSelector.Parse(selector), ns);

    /// <summary>Pods by their names, NAME or NAMESPACE/NAME.</summary>
    public static FaultEnds Named(params IEnumerable<string> names) => new FaultEnds.NamedPods([.. names.Select(name => name.Contains('/', StringComparison.Ordinal) ? name : $"default/{name}")]);

    /// <summary>All pods of a namespace.</summary>
    public static FaultEnds Of(string ns) => new FaultEnds.LabeledPods(LabelSelector.Everything, ns);
}
