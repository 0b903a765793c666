using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>
/// Chooses the pods of NetworkChaos objects and says which of them are injected (controllers/chaosimpl/networkchaos of Chaos Mesh). The nodes follow the
/// objects themselves, as they do policies: a record that says Injected is all they need.
/// </summary>
internal sealed class NetworkChaosReconciler(ControllerServices services) : ExperimentReconciler<NetworkChaos>(services, "NetworkChaos")
{
    private readonly Informer<V1Service> _services = services.Informers.Of<V1Service>();

    protected override IEnumerable<ChaosRecord> Select(NetworkChaos experiment)
    {
        var spec = experiment.Spec!;
        foreach (var pod in Choose(spec.Selector, spec.Mode, spec.Value)) yield return NewRecord(PodFacts.KeyOf(pod), ChaosApi.SourceKey);
        if (spec.Target is not { } target) yield break;
        foreach (var pod in Choose(target.Selector, target.Mode, target.Value)) yield return NewRecord(PodFacts.KeyOf(pod), ChaosApi.TargetKey);
    }

    protected override bool HasTarget(NetworkChaos experiment) => experiment.Spec?.Target is not null;

    protected override Task InjectAsync(NetworkChaos experiment, ChaosRecord record, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(record.Id!);
        var pod = PodOf(ns, name);
        if (record.SelectorKey != ChaosApi.SourceKey) return Task.CompletedTask;
        if (pod.Spec.HostNetwork == true) throw new ChaosFailureException($"It's dangerous to inject network chaos on a pod({ns}/{name}) with `hostNetwork`");
        if (pod.Status?.Phase != "Running") throw new ChaosFailureException("pod not running");
        foreach (var target in experiment.Spec?.ExternalTargets ?? [])
            if (!IsKnown(target)) throw new ChaosFailureException($"lookup {target}: no such host");
        return Task.CompletedTask;
    }

    /// <summary>The nodes see that the record no longer says Injected.</summary>
    protected override Task RecoverAsync(NetworkChaos experiment, ChaosRecord record, CancellationToken cancellationToken) => Task.CompletedTask;

    private bool IsKnown(string target) => System.Net.IPAddress.TryParse(target, out _) || System.Net.IPNetwork.TryParse(target, out _)
        || (target.Split('.') is [var name, var ns, ..] labels && (labels.Length == 2 || labels[2] == "svc") && _services.Get(ns, name) is not null);
}
