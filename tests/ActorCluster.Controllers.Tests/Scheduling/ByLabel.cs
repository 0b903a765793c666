using ActorCluster.Api.Selectors;
using ActorCluster.Controllers.Scheduling;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.Scheduling;

/// <summary>Pods with the same value of a label belong together.</summary>
internal sealed class ByLabel(string key) : ISpreadSelectors
{
    public LabelSelector For(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(key, out var value) == true
        ? LabelSelector.FromMap([KeyValuePair.Create(key, value)])
        : LabelSelector.Everything;
}
