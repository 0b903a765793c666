using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PodGc;

/// <summary>Deletes pods that nobody else will: of nodes that are gone or out of service, and the oldest of too many that have ended
/// (pkg/controller/podgc). One key: a round. Rounds before which nothing has changed are left out.</summary>
internal sealed class PodGcReconciler(ControllerServices services) : IReconciler
{
    private const string Round = "round";

    /// <summary>gcCheckPeriod and quarantineTime.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    private readonly KubeClient _client = services.ClientFor("pod-garbage-collector");
    private readonly Informer<V1Pod> _pods = services.Informers.Of<V1Pod>();
    private readonly Informer<V1Node> _nodes = services.Informers.Of<V1Node>();
    private readonly Dictionary<string, DateTimeOffset> _missingSince = [];
    private readonly Rounds _rounds = new(services.Clock, Period);

    /// <summary>1 when the next round has been asked for.</summary>
    private int _asked;

    public string Name => "pod-garbage-collector-controller";

    public void Attach(IReconcileQueue queue)
    {
        _nodes.Changed += (before, after) =>
        {
            // Declared dead: what hangs there may go now.
            if (after?.Spec?.Taints?.Any(IsOutOfService) == true && before?.Spec?.Taints?.Any(IsOutOfService) != true) queue.Add(Round);
            else Ask();
        };
        _pods.Changed += (_, _) => Ask();
        queue.Add(Round);

        void Ask()
        {
            if (Interlocked.Exchange(ref _asked, 1) == 0) queue.AddAfter(Round, _rounds.UntilNext());
        }
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        // What changes from here on is for the next one.
        Volatile.Write(ref _asked, 0);
        _rounds.Begin();
        var pods = _pods.List();
        List<GarbagePod> garbage =
        [
            .. PodGarbage.OnOutOfServiceNodes(pods, node => _nodes.Get("", node)),
            .. PodGarbage.Terminated(pods, services.Options.TerminatedPodThreshold),
            .. PodGarbage.UnscheduledTerminating(pods),
            .. PodGarbage.Orphaned(pods, await FindGoneNodesAsync(pods, cancellationToken)),
        ];
        foreach (var item in garbage) await DeleteAsync(item, cancellationToken);
        return garbage.Count > 0 || _missingSince.Count > 0 ? ReconcileResult.After(_rounds.UntilNext()) : ReconcileResult.Done;
    }

    /// <summary>Nodes that pods name and that have been missing for the quarantine, by a fresh look at each.</summary>
    private async Task<IReadOnlySet<string>> FindGoneNodesAsync(IReadOnlyCollection<V1Pod> pods, CancellationToken cancellationToken)
    {
        var now = services.Now;
        var missing = pods.Where(PodFacts.IsScheduled).Select(pod => pod.Spec.NodeName).Where(name => _nodes.Get("", name) is null).ToHashSet();
        foreach (var back in _missingSince.Keys.Where(name => !missing.Contains(name)).ToList()) _missingSince.Remove(back);
        HashSet<string> gone = [];
        foreach (var name in missing)
        {
            if (!_missingSince.TryAdd(name, now) && now - _missingSince[name] >= Quarantine && await _client.GetAsync<V1Node>("", name, cancellationToken) is null)
                gone.Add(name);
        }

        return gone;
    }

    private async Task DeleteAsync(GarbagePod garbage, CancellationToken cancellationToken)
    {
        var pod = garbage.Pod;
        // It did not end by itself: say so, or whoever counts finished pods would wait for it for ever.
        if (!PodFacts.IsTerminal(pod))
        {
            var conditions = (pod.Status?.Conditions ?? []).Where(condition => condition.Type != "DisruptionTarget").ToList();
            if (garbage.Message is not null)
            {
                conditions.Add(new V1PodCondition
                {
                    Type = "DisruptionTarget",
                    Status = "True",
                    Reason = "DeletionByPodGC",
                    Message = garbage.Message,
                    ObservedGeneration = pod.Metadata.Generation,
                    LastTransitionTime = services.Now.ToApiTime(),
                });
            }

            var failed = pod with { Status = (pod.Status ?? new V1PodStatus()) with { Phase = "Failed", Conditions = conditions } };
            await _client.UpdateAsync(failed, "status", cancellationToken);
        }

        var options = new DeleteOptions(GracePeriodSeconds: 0, PreconditionUid: pod.Metadata.Uid);
        await _client.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, options, cancellationToken);
    }

    private static bool IsOutOfService(V1Taint taint) => taint.Key == PodGarbage.OutOfServiceTaint;
}
