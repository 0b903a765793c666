using System.Collections.Concurrent;
using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>What the controllers of all experiments do: choose the pods, inject, recover, and keep the status (controllers/common of Chaos Mesh). Keys are "ns/name".</summary>
internal abstract class ExperimentReconciler<T> : WorkloadReconciler<T> where T : class, IExperiment
{
    /// <summary>Events of a record that are kept.</summary>
    private const int MostEvents = 100;

    private const int MostWrites = 5;

    private readonly Informer<V1Node> _nodes;
    private readonly RandomSource _random;

    /// <summary>Experiments that found nothing to select, and look again when pods change.</summary>
    private readonly ConcurrentDictionary<string, bool> _unselected = new(StringComparer.Ordinal);

    protected ExperimentReconciler(ControllerServices services, string kind) : base(services, $"{kind.ToLowerInvariant()}-controller", new OwnerKind(ChaosApi.ApiVersion, kind))
    {
        Pods = services.Informers.Of<V1Pod>();
        _nodes = services.Informers.Of<V1Node>();
        _random = services.Simulation.Random.Child($"chaos/{kind}");
    }

    public override (TimeSpan First, TimeSpan Longest) Retries => (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    protected Informer<V1Pod> Pods { get; }

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        Pods.Changed += (_, _) =>
        {
            foreach (var key in _unselected.Keys) queue.Add(key);
        };
    }

    /// <summary>What is to be injected into: the beginnings of the records.</summary>
    protected abstract IEnumerable<ChaosRecord> Select(T experiment);

    /// <exception cref="ChaosFailureException">It can't be done now.</exception>
    protected abstract Task InjectAsync(T experiment, ChaosRecord record, CancellationToken cancellationToken);

    /// <exception cref="ChaosFailureException">It can't be done now.</exception>
    protected abstract Task RecoverAsync(T experiment, ChaosRecord record, CancellationToken cancellationToken);

    protected override void OnGone(string key) => _unselected.TryRemove(key, out _);

    protected override async Task<ReconcileResult> SyncAsync(string key, T experiment, CancellationToken cancellationToken)
    {
        var next = ObjectCopy.Deep(experiment);
        var state = (next.Status ??= new ChaosStatus()).Experiment ??= new ExperimentStatus();
        var isDeleted = next.Metadata.DeletionTimestamp is not null;
        if (!isDeleted && next.Metadata.Finalizers?.Contains(ChaosApi.RecordsFinalizer) != true)
        {
            next.Metadata.Finalizers = [.. next.Metadata.Finalizers ?? [], ChaosApi.RecordsFinalizer];
            Events.Record(experiment, "Normal", "FinalizerInited", "Finalizer has been inited");
        }

        var wish = ExperimentPhases.Wish(next, Services.Now);
        if (state.DesiredPhase != wish.Phase && wish.Reason is { } reason) Events.Record(experiment, "Normal", reason, wish.Message);
        state.DesiredPhase = wish.Phase;
        string? failure = null;
        if (state.ContainerRecords is not null) failure = await CarryOutAsync(next, state, cancellationToken);
        // They are written before anything is done to them: whoever goes on after a crash goes on with the same.
        else if (!isDeleted) state.ContainerRecords = SelectNow(key, next);
        next.Status.Conditions = ExperimentPhases.Conditions(next);
        if (isDeleted && IsLetGo(next)) next.Metadata.Finalizers = [];
        if (!ObjectCopy.SemanticallyEqual(experiment, next)) await WriteAsync(key, next, cancellationToken);
        return failure is null ? new ReconcileResult(wish.Again) : throw new ChaosFailureException(failure);
    }

    protected IReadOnlyList<V1Pod> Choose(PodSelectorSpec? selector, string? mode, string? value) =>
        SelectionMode.Choose(mode ?? "all", value, PodSelection.Select(selector ?? new PodSelectorSpec(), Pods.List(), _nodes.List()), _random);

    /// <exception cref="ChaosFailureException">There is no such pod.</exception>
    protected V1Pod PodOf(string ns, string name) => Pods.Get(ns, name) ?? throw new ChaosFailureException($"Pod \"{name}\" not found");

    protected static ChaosRecord NewRecord(string id, string selectorKey) => new() { Id = id, SelectorKey = selectorKey, Phase = ChaosApi.NotInjected };

    private static bool IsLetGo(T experiment) =>
        experiment.Metadata.Annotations?.TryGetValue(ChaosApi.CleanFinalizer, out var clean) == true && clean == ChaosApi.Forced
        || experiment.Status?.Experiment?.ContainerRecords?.TrueForAll(record => record.Phase == ChaosApi.NotInjected) != false;

    private List<ChaosRecord>? SelectNow(string key, T experiment)
    {
        _unselected[key] = true;
        List<ChaosRecord> records = [.. Select(experiment)];
        var isComplete = records.Exists(record => record.SelectorKey == ChaosApi.SourceKey) && (!HasTarget(experiment) || records.Exists(record => record.SelectorKey == ChaosApi.TargetKey));
        if (!isComplete)
        {
            Events.Record(experiment, "Warning", "Failed", "Failed to select targets: no pod is selected");
            return null;
        }
        _unselected.TryRemove(key, out _);
        return records;
    }

    /// <summary>Whether targets have to be selected as well.</summary>
    protected virtual bool HasTarget(T experiment) => false;

    /// <returns>What can't be done now; null: all is done.</returns>
    private async Task<string?> CarryOutAsync(T experiment, ExperimentStatus state, CancellationToken cancellationToken)
    {
        string? failure = null;
        foreach (var record in state.ContainerRecords!)
        {
            var isInjected = record.Phase == ChaosApi.Injected;
            var isWanted = state.DesiredPhase == ChaosApi.Run;
            if (isInjected != isWanted) failure = await CarryOutAsync(experiment, record, isWanted, cancellationToken) ?? failure;
        }
        return failure;
    }

    private async Task<string?> CarryOutAsync(T experiment, ChaosRecord record, bool inject, CancellationToken cancellationToken)
    {
        var (operation, doing) = inject ? ("Apply", "apply chaos") : ("Recover", "recover chaos");
        try
        {
            if (inject) await InjectAsync(experiment, record, cancellationToken);
            else await RecoverAsync(experiment, record, cancellationToken);
        }
        catch (Exception fault) when (fault is ChaosFailureException or ApiStatusException or ContainerStreamException)
        {
            Note(record, "Failed", operation, fault.Message);
            Events.Record(experiment, "Warning", "Failed", $"Failed to {doing}: {fault.Message}");
            return fault.Message;
        }
        record.Phase = inject ? ChaosApi.Injected : ChaosApi.NotInjected;
        if (inject) record.InjectedCount++;
        else record.RecoveredCount++;
        Note(record, "Succeeded", operation, null);
        Events.Record(experiment, "Normal", inject ? "Applied" : "Recovered", $"Successfully {(inject ? "apply" : "recover")} chaos for {record.Id}");
        return null;
    }

    private void Note(ChaosRecord record, string type, string operation, string? message)
    {
        var events = record.Events ??= [];
        if (events.Count >= MostEvents) events.RemoveAt(0);
        events.Add(new RecordEvent { Type = type, Operation = operation, Message = message, Timestamp = Services.Now.ToApiTime() });
    }

    /// <summary>What was done is written whatever else was changed meanwhile: it can't be done again.</summary>
    private async Task WriteAsync(string key, T next, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var written = await Client.UpdateAsync(next, ct: cancellationToken);
                Wrote(key, key, written.Metadata.ResourceVersion);
                return;
            }
            catch (ApiStatusException conflict) when (conflict.IsConflict && attempt < MostWrites)
            {
                if (await Client.GetAsync<T>(next.Metadata.NamespaceProperty, next.Metadata.Name, cancellationToken) is not { } current) return;
                current.Status = next.Status;
                current.Metadata.Finalizers = next.Metadata.Finalizers;
                next = current;
            }
            catch (ApiStatusException gone) when (gone.IsNotFound)
            {
                return;
            }
        }
    }
}
