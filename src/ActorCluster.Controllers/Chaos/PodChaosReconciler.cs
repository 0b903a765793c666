using System.Text.Json.Nodes;
using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Streams;
using ActorCluster.Controllers.Objects;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>Kills pods and containers, and makes pods fail for a time (controllers/chaosimpl/podchaos of Chaos Mesh).</summary>
internal sealed class PodChaosReconciler(ControllerServices services) : ExperimentReconciler<PodChaos>(services, "PodChaos")
{
    protected override IEnumerable<ChaosRecord> Select(PodChaos experiment)
    {
        var spec = experiment.Spec!;
        foreach (var pod in Choose(spec.Selector, spec.Mode, spec.Value))
        {
            if (spec.Action != "container-kill")
            {
                yield return NewRecord(PodFacts.KeyOf(pod), ChaosApi.SourceKey);
                continue;
            }
            foreach (var container in pod.Spec.Containers)
                if (spec.ContainerNames?.Contains(container.Name) == true) yield return NewRecord($"{PodFacts.KeyOf(pod)}/{container.Name}", ChaosApi.SourceKey);
        }
    }

    protected override async Task InjectAsync(PodChaos experiment, ChaosRecord record, CancellationToken cancellationToken)
    {
        var parts = record.Id!.Split('/');
        var (ns, name) = (parts[0], parts[1]);
        switch (experiment.Spec!.Action)
        {
            case "pod-kill":
                var options = new DeleteOptions(GracePeriodSeconds: experiment.Spec.GracePeriod ?? 0);
                if (!await Client.DeleteAsync<V1Pod>(ns, name, options, cancellationToken)) throw new ChaosFailureException($"Pod \"{name}\" not found");
                break;
            case "pod-failure":
                var pod = await Client.GetAsync<V1Pod>(ns, name, cancellationToken) ?? throw new ChaosFailureException($"Pod \"{name}\" not found");
                await PatchAsync(pod, PodFailure.Inject(pod, experiment.Metadata.Name), cancellationToken);
                break;
            default:
                await KillAsync(PodOf(ns, name), parts[2], cancellationToken);
                break;
        }
    }

    protected override async Task RecoverAsync(PodChaos experiment, ChaosRecord record, CancellationToken cancellationToken)
    {
        if (experiment.Spec!.Action != "pod-failure") return;
        var (ns, name) = ObjectNames.Split(record.Id!);
        if (await Client.GetAsync<V1Pod>(ns, name, cancellationToken) is { } pod) await PatchAsync(pod, PodFailure.Recover(pod, experiment.Metadata.Name), cancellationToken);
    }

    private async Task PatchAsync(V1Pod pod, JsonObject? patch, CancellationToken cancellationToken)
    {
        if (patch is not null) await Client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, type: PatchType.Strategic, ct: cancellationToken);
    }

    private async Task KillAsync(V1Pod pod, string container, CancellationToken cancellationToken)
    {
        if (Services.Options.Nodes is not { } nodes) throw new ChaosFailureException("this control plane can't tell nodes to kill containers");
        if (string.IsNullOrEmpty(pod.Spec.NodeName)) throw new ChaosFailureException("pod not running");
        var request = new KillContainerRequest(pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid, container);
        await using var stream = await nodes.OpenAsync(pod.Spec.NodeName, request, cancellationToken);
        await stream.Completion.WaitAsync(cancellationToken);
    }
}
