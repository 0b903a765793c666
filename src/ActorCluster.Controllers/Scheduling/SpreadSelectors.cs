using ActorCluster.Api.Selectors;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Services;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>The selectors of the services that select a pod and of its controller, all together (DefaultSelector in plugins/helper/spread.go).</summary>
internal sealed class SpreadSelectors(ControllerServices services) : ISpreadSelectors
{
    private readonly ServicePodIndex _services = new(services.Informers);
    private readonly Informer<V1ReplicaSet> _replicaSets = services.Informers.Of<V1ReplicaSet>();
    private readonly Informer<V1StatefulSet> _statefulSets = services.Informers.Of<V1StatefulSet>();
    private readonly Informer<V1ReplicationController> _controllers = services.Informers.Of<V1ReplicationController>();

    public LabelSelector For(V1Pod pod)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        List<V1LabelSelectorRequirement> requirements = [];
        foreach (var service in _services.ServicesOf(pod)) Add(service.Spec.Selector);
        var ns = pod.Metadata.NamespaceProperty;
        if (OwnerKind.ReplicaSet.Of(pod) is { } set) AddSelector(_replicaSets.Get(ns, set.Name)?.Spec.Selector);
        else if (OwnerKind.StatefulSet.Of(pod) is { } stateful) AddSelector(_statefulSets.Get(ns, stateful.Name)?.Spec.Selector);
        else if (OwnerKind.ReplicationController.Of(pod) is { } controller) Add(_controllers.Get(ns, controller.Name)?.Spec.Selector);
        return LabelSelector.FromModel(new V1LabelSelector { MatchLabels = labels, MatchExpressions = requirements });

        void Add(IDictionary<string, string>? selector)
        {
            foreach (var (key, value) in selector ?? new Dictionary<string, string>()) labels[key] = value;
        }

        void AddSelector(V1LabelSelector? selector)
        {
            Add(selector?.MatchLabels);
            requirements.AddRange(selector?.MatchExpressions ?? []);
        }
    }
}
