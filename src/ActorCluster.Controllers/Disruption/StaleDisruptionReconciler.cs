using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.Disruption;

/// <summary>Takes the condition DisruptionTarget back from pods that were to go and didn't (syncStalePodDisruption in pkg/controller/disruption). Keys
/// are "ns/name" of pods.</summary>
internal sealed class StaleDisruptionReconciler : IReconciler
{
    private const string Condition = "DisruptionTarget";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly KubeClient _client;
    private readonly ControllerServices _services;
    private readonly Informer<V1Pod> _pods;

    public StaleDisruptionReconciler(ControllerServices services)
    {
        _services = services;
        _client = services.ClientFor("disruption-controller");
        _pods = services.Informers.Of<V1Pod>();
    }

    public string Name => "stale-disruption-controller";

    public int Parallelism => 1;

    public void Attach(IReconcileQueue queue) => _pods.Changed += (_, after) =>
    {
        if (after is not null && WaitFor(after) is { } wait) queue.AddAfter(PodFacts.KeyOf(after), wait);
    };

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        var (ns, name) = ObjectNames.Split(key);
        if (_pods.Get(ns, name) is not { } pod || WaitFor(pod) is not { } wait) return ReconcileResult.Done;
        if (wait > TimeSpan.Zero) return ReconcileResult.After(wait);
        await PodStatusPatch.SetConditionAsync(_client, pod, new V1PodCondition
        {
            Type = Condition,
            Status = "False",
            ObservedGeneration = pod.Metadata.Generation,
            LastTransitionTime = _services.Now.ToApiTime(),
        }, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <returns>Null: there is nothing to take back.</returns>
    private TimeSpan? WaitFor(V1Pod pod)
    {
        // A node may take any time to end what it evicts, and the condition of what is over stays.
        if (PodFacts.IsDeleting(pod) || PodFacts.IsTerminal(pod) || Conditions.Find(pod, Condition) is not { Status: "True", Reason: not "TerminationByKubelet" } found) return null;
        var wait = (found.LastTransitionTime ?? default) + Timeout - _services.Now.UtcDateTime;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
