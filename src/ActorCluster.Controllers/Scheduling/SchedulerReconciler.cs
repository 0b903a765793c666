using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Scheduling.Devices;
using ActorCluster.Controllers.Scheduling.Policies;
using ActorCluster.Controllers.Scheduling.Preemption;
using ActorCluster.Controllers.Scheduling.Volumes;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Gives each pod without a node one (pkg/scheduler). Keys are "ns/name" of pods.</summary>
/// <remarks>
/// Decisions are made one at a time, under a lock and without waiting, always for the most important pod; what follows from them is written side by
/// side. So a key is no more than a call to work: whoever is called takes pods as long as there are any.
/// </remarks>
internal sealed class SchedulerReconciler : IReconciler
{
    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly ControllerServices _services;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1PodDisruptionBudget> _budgets;
    private readonly PodVolumes _volumes;
    private readonly PodDevices _devices;
    private readonly Dictionary<string, PodPlacer> _profiles;
    private readonly PreemptionPlanner _planner;
    private readonly PreemptionExecutor _preemption;
    private readonly SchedulingStatus _statuses;
    private readonly SchedulerEvents _changes;
    private readonly ClusterState _cluster = new();
    private readonly SchedulingQueue _queue;
    private readonly Lock _lock = new();
    private IReconcileQueue? _keys;

    public SchedulerReconciler(ControllerServices services)
    {
        _services = services;
        _client = new KubeClient(services.Api, "system:kube-scheduler");
        _events = services.EventsFor(_client, SchedulerProfile.DefaultName);
        var random = services.Simulation.Random.Child("scheduler");
        _volumes = new PodVolumes(services, _client, _events);
        _devices = new PodDevices(services);
        var profile = SchedulerProfile.Default(
            new SpreadSelectors(services), [new VolumeRestrictionsFilter(_volumes.ClaimsForOnePod), new VolumeBindingFilter(_volumes)], new DynamicResourcesFilter(_devices));
        _profiles = new() { [profile.Name] = new PodPlacer(profile, random) };
        _pods = services.Informers.Of<V1Pod>();
        _budgets = services.Informers.Of<V1PodDisruptionBudget>();
        _planner = new PreemptionPlanner(random.Child("preemption"));
        _statuses = new SchedulingStatus(_client, services);
        _preemption = new PreemptionExecutor(_client, _events, _statuses);
        var timings = services.Options.Timings;
        _queue = new SchedulingQueue(timings.PodInitialBackoff, timings.PodMaxBackoff, services.Options.UnschedulableFlush);
        _changes = new SchedulerEvents(services, _cluster, _queue, _lock, IsToBeScheduled);
    }

    public string Name => "scheduler";

    /// <summary>Bindings in flight at a time.</summary>
    public int Parallelism => 64;

    public void Attach(IReconcileQueue queue)
    {
        _keys = queue;
        _changes.Attach(queue);
        _volumes.Attach(_changes.TryPod, () => _changes.Changed(ClusterChange.Storage));
        _devices.Attach(_changes.TryPod, () => _changes.Changed(ClusterChange.Devices));
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        lock (_lock) _queue.Due(key, _services.Now);
        while (Decide() is { } decision) await CarryOutAsync(decision, cancellationToken);
        return ReconcileResult.Done;
    }

    /// <returns>Null: no pod is waiting to be tried.</returns>
    private Decision? Decide()
    {
        lock (_lock)
        {
            while (_queue.Take() is { } entry)
            {
                var (ns, name) = ObjectNames.Split(entry.Key);
                // Decided already, and the binding is under way or its watch event is; or it isn't ours any more.
                if (_pods.Get(ns, name) is not { } pod || pod.Metadata.Uid != entry.Uid || !IsToBeScheduled(pod) || _cluster.IsAssumed(entry.Uid)) continue;
                return Decide(entry, SchedulingPod.From(pod));
            }

            return null;
        }
    }

    private Decision Decide(SchedulingQueue.Entry entry, SchedulingPod pod)
    {
        var placement = _profiles[ProfileOf(pod.Pod)].Place(pod, _cluster);
        if (placement.Node is not null)
        {
            // Its claims come first: when they are bound, the pod is looked at again. Its room is kept meanwhile.
            var decision = new Decision(entry, pod, placement, default, []) { Volumes = _volumes.AreBound(pod.Pod) ? null : _cluster.Find(placement.Node)!.Node };
            if (decision.Volumes is null)
            {
                Assume(pod, placement.Node);
            }
            else
            {
                _cluster.Nominations.Set(pod, placement.Node);
                _keys!.AddAfter(entry.Key, _queue.Failed(entry, ClusterChange.Storage, _services.Now));
            }

            return decision;
        }

        var diagnosis = placement.Failure!;
        var plan = diagnosis.AllNodes == 0 ? default : _planner.Plan(pod, diagnosis, placement.Filters, _cluster, [.. _budgets.List()]);
        List<SchedulingPod> displaced = [];
        if (plan.Candidate is { } candidate)
        {
            // What was nominated for those of lower priority may no longer hold: they look for another place at once.
            displaced = [.. _cluster.Nominations.On(candidate.Node).Where(other => other.Priority < pod.Priority)];
            foreach (var other in displaced)
            {
                _cluster.Nominations.Remove(other.Uid);
                _queue.Push(other.Key, other.Uid, other.Priority);
                _keys!.Add(other.Key);
            }

            _cluster.Nominations.Set(pod, candidate.Node);
        }
        else if (!plan.KeepsNomination)
        {
            _cluster.Nominations.Remove(pod.Uid);
        }

        _keys!.AddAfter(entry.Key, _queue.Failed(entry, diagnosis.MayHelp | (plan.Candidate is null ? 0 : ClusterChange.PodGone), _services.Now));
        return new Decision(entry, pod, placement, plan, displaced);
    }

    private void Assume(SchedulingPod pod, string node)
    {
        _cluster.Place(pod, node, assumed: true);
        _cluster.Nominations.Remove(pod.Uid);
    }

    private async Task CarryOutAsync(Decision decision, CancellationToken cancellationToken)
    {
        try
        {
            if (decision.Placement.Node is not { } node) await FailAsync(decision, cancellationToken);
            else if (decision.Volumes is { } wanted) await _volumes.ClaimAsync(decision.Pod.Pod, wanted, cancellationToken);
            else await BindAsync(decision, node, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiUnavailableException or ApiStatusException)
        {
            // Whatever could not be written is decided anew.
            if (failure is ApiStatusException { Code: not (404 or 409) }) _events.Record(decision.Pod.Pod, "Warning", "FailedScheduling", failure.Message);
            lock (_lock) _keys!.AddAfter(decision.Entry.Key, _queue.Retry(decision.Entry, _services.Now));
        }
    }

    private async Task BindAsync(Decision decision, string node, CancellationToken cancellationToken)
    {
        var pod = decision.Pod.Pod;
        try
        {
            var binding = new V1Binding
            {
                ApiVersion = ApiVersions.Core,
                Kind = "Binding",
                Metadata = new V1ObjectMeta { NamespaceProperty = pod.Metadata.NamespaceProperty, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
                Target = new V1ObjectReference { ApiVersion = ApiVersions.Core, Kind = "Node", Name = node },
            };
            await _client.CreateSubresourceAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "binding", binding, cancellationToken);
        }
        catch (Exception failure)
        {
            lock (_lock)
            {
                // The watch may have shown it on a node meanwhile, put there by another or by ourselves before the answer was lost: then it is there.
                if (_cluster.IsAssumed(pod.Metadata.Uid))
                {
                    _cluster.Remove(pod.Metadata.Uid);
                    _changes.Wake(ClusterChange.PodGone);
                }
            }

            // Gone, or bound by another: the watch tells, if there is anything left to do.
            if (failure is ApiStatusException { Code: 404 or 409 }) return;
            if (failure is ApiStatusException refused) await _statuses.SetAsync(pod, NotScheduled("SchedulerError", refused.Message), null, cancellationToken);
            throw;
        }

        _events.Record(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} to {node}");
    }

    private async Task FailAsync(Decision decision, CancellationToken cancellationToken)
    {
        var (pod, plan) = (decision.Pod, decision.Plan);
        var message = decision.Placement.Failure!.Describe(plan.Message ?? "");
        _events.Record(pod.Pod, "Warning", "FailedScheduling", message);
        foreach (var other in decision.Displaced) await _statuses.SetAsync(other.Pod, null, "", cancellationToken);
        if (plan.Candidate is { } candidate) await _preemption.CarryOutAsync(pod, candidate, cancellationToken);
        await _statuses.SetAsync(pod.Pod, NotScheduled("Unschedulable", message), plan.KeepsNomination ? null : plan.Candidate?.Node ?? "", cancellationToken);
    }

    private static V1PodCondition NotScheduled(string reason, string message) => new() { Type = "PodScheduled", Status = "False", Reason = reason, Message = message };

    private bool IsToBeScheduled(V1Pod pod) =>
        !PodFacts.IsScheduled(pod) && PodFacts.IsActive(pod) && _profiles.ContainsKey(ProfileOf(pod)) && pod.Spec.SchedulingGates is null or { Count: 0 } && _devices.AreClaimed(pod);

    private static string ProfileOf(V1Pod pod) => string.IsNullOrEmpty(pod.Spec.SchedulerName) ? SchedulerProfile.DefaultName : pod.Spec.SchedulerName;

    /// <param name="Displaced">Pods that lost the room that was being made for them.</param>
    private sealed record Decision(SchedulingQueue.Entry Entry, SchedulingPod Pod, Placement Placement, PreemptionPlan Plan, IReadOnlyList<SchedulingPod> Displaced)
    {
        /// <summary>The node where the pod's claims are to get their volumes first; null: they have them.</summary>
        public V1Node? Volumes { get; init; }
    }
}
