using System.Globalization;
using System.Text.Json.Nodes;
using ActorCluster.Api.Chaos;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using ActorCluster.Controllers.Workloads;
using k8s.Models;

namespace ActorCluster.Controllers.Chaos;

/// <summary>Makes a Schedule's experiments when their time has come, pauses them with it and forgets the oldest (controllers/schedule of Chaos Mesh). Keys are "ns/name".</summary>
internal sealed class ScheduleReconciler : WorkloadReconciler<Schedule>
{
    private readonly InformerIndex<NetworkChaos> _network;
    private readonly InformerIndex<PodChaos> _pods;

    public ScheduleReconciler(ControllerServices services) : base(services, "schedule-controller", new OwnerKind(ChaosApi.ApiVersion, "Schedule")) =>
        (_network, _pods) = (services.Informers.ByController<NetworkChaos>(), services.Informers.ByController<PodChaos>());

    public override void Attach(IReconcileQueue queue)
    {
        base.Attach(queue);
        Services.Informers.Of<NetworkChaos>().Changed += (before, after) => OnChild(before ?? after!, queue);
        Services.Informers.Of<PodChaos>().Changed += (before, after) => OnChild(before ?? after!, queue);
    }

    protected override async Task<ReconcileResult> SyncAsync(string key, Schedule schedule, CancellationToken cancellationToken)
    {
        if (schedule.Metadata.DeletionTimestamp is not null) return ReconcileResult.Done;
        IReadOnlyList<IExperiment> made = schedule.Spec!.Type == "PodChaos" ? [.. _pods.Get(schedule.Metadata.Uid)] : [.. _network.Get(schedule.Metadata.Uid)];
        await PauseAsync(schedule, made, cancellationToken);
        var (time, next) = await MakeAsync(schedule, made, cancellationToken);
        var again = await ForgetAsync(schedule, made, cancellationToken);
        var status = new ScheduleStatus { Active = made.Count == 0 ? null : [.. made.Select(ReferenceTo).OrderBy(reference => reference.Name, StringComparer.Ordinal)], Time = time };
        if (!ObjectCopy.SemanticallyEqual(schedule.Status ?? new ScheduleStatus(), status))
        {
            var written = await Client.UpdateAsync(schedule with { Status = status }, ct: cancellationToken);
            Wrote(key, key, written.Metadata.ResourceVersion);
        }
        return new(ReconcileResult.Earlier(next, again));
    }

    private void OnChild(IExperiment child, IReconcileQueue queue)
    {
        if (Kind.Of(child) is { } owner) queue.Add(ObjectNames.Join(child.Metadata.NamespaceProperty, owner.Name));
    }

    /// <returns>The time of the last one made, and how long until the next is.</returns>
    private async Task<(DateTime? Last, TimeSpan? Next)> MakeAsync(Schedule schedule, IReadOnlyList<IExperiment> made, CancellationToken cancellationToken)
    {
        var (last, now) = (schedule.Status?.Time, Services.Now);
        if (ExperimentPhases.IsPaused(schedule.Metadata.Annotations)) return (last, null);
        ScheduleTimes times;
        try
        {
            times = ScheduleTimes.Of(schedule, now);
        }
        catch (FormatException fault)
        {
            Say(schedule, "Warning", "Failed", $"Failed to get run time: {fault.Message}");
            return (last, null);
        }
        var next = times.Next - now;
        if (times.Due is not { } due) return (last, next);
        if (schedule.Spec!.StartingDeadlineSeconds is { } deadline && due.AddSeconds(deadline) < now)
        {
            Say(schedule, "Warning", "MissSchedule", string.Create(CultureInfo.InvariantCulture, $"Missed scheduled time to start a job: {due.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000"));
            return (last, next);
        }
        if (schedule.Spec.ConcurrencyPolicy != "Allow" && made.FirstOrDefault(one => !ExperimentPhases.IsFinished(one, now, out _)) is { } running)
        {
            Say(schedule, "Warning", "Forbid", $"Forbid spawning new job because: {running.Metadata.Name} is still running");
            return (last, next);
        }
        var name = await CreateAsync(schedule, cancellationToken);
        Say(schedule, "Normal", "Spawned", $"Create new object: {name}");
        return (now.ToApiTime(), next);
    }

    private async Task<string> CreateAsync(Schedule schedule, CancellationToken cancellationToken)
    {
        var metadata = new V1ObjectMeta
        {
            GenerateName = schedule.Metadata.Name + "-",
            NamespaceProperty = schedule.Metadata.NamespaceProperty,
            Labels = new Dictionary<string, string> { [ChaosApi.ManagedBy] = schedule.Metadata.Name },
            OwnerReferences = [Kind.Reference(schedule)],
        };
        try
        {
            return schedule.Spec!.Type == "PodChaos"
                ? (await Client.CreateAsync(new PodChaos { Metadata = metadata, Spec = schedule.Spec.PodChaos }, cancellationToken)).Metadata.Name
                : (await Client.CreateAsync(new NetworkChaos { Metadata = metadata, Spec = schedule.Spec.NetworkChaos }, cancellationToken)).Metadata.Name;
        }
        catch (ApiStatusException refused)
        {
            Say(schedule, "Warning", "Failed", $"Failed to create new object: {refused.Message}");
            throw;
        }
    }

    /// <summary>What was made is paused while the schedule is, and no longer.</summary>
    private async Task PauseAsync(Schedule schedule, IReadOnlyList<IExperiment> made, CancellationToken cancellationToken)
    {
        var isPaused = ExperimentPhases.IsPaused(schedule.Metadata.Annotations);
        foreach (var experiment in made.Where(one => ExperimentPhases.IsPaused(one) != isPaused))
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [ChaosApi.Pause] = isPaused ? "true" : "false" } } };
            var (ns, name) = (experiment.Metadata.NamespaceProperty, experiment.Metadata.Name);
            if (experiment is PodChaos) await Client.PatchAsync<PodChaos>(ns, name, patch, ct: cancellationToken);
            else await Client.PatchAsync<NetworkChaos>(ns, name, patch, ct: cancellationToken);
        }
    }

    /// <summary>Deletes the oldest that are over, if there are more than the schedule keeps.</summary>
    /// <returns>When there may be another to delete.</returns>
    private async Task<TimeSpan?> ForgetAsync(Schedule schedule, IReadOnlyList<IExperiment> made, CancellationToken cancellationToken)
    {
        TimeSpan? again = null;
        var oldest = made.OrderBy(one => one.Metadata.CreationTimestamp).ThenBy(one => one.Metadata.Name, StringComparer.Ordinal).SkipLast(schedule.Spec!.HistoryLimit ?? 0);
        foreach (var experiment in oldest.Where(one => one.Metadata.DeletionTimestamp is null))
        {
            var (ns, name) = (experiment.Metadata.NamespaceProperty, experiment.Metadata.Name);
            if (!ExperimentPhases.IsFinished(experiment, Services.Now, out var wait)) again = ReconcileResult.Earlier(again, wait);
            else if (experiment is PodChaos) await Client.DeleteAsync<PodChaos>(ns, name, ct: cancellationToken);
            else await Client.DeleteAsync<NetworkChaos>(ns, name, ct: cancellationToken);
        }
        return again;
    }

    private static V1ObjectReference ReferenceTo(IExperiment experiment) => new()
    {
        ApiVersion = ChaosApi.ApiVersion,
        Kind = experiment.Kind,
        NamespaceProperty = experiment.Metadata.NamespaceProperty,
        Name = experiment.Metadata.Name,
        Uid = experiment.Metadata.Uid,
    };

    private void Say(Schedule schedule, string type, string reason, string message) => Events.Record(schedule, type, reason, message);
}
