using ActorCluster.Api.Chaos;
using ActorCluster.Api.Quantities;

namespace ActorCluster.Controllers.Chaos;

/// <summary>What is wanted of an experiment now.</summary>
/// <param name="Phase">Run or Stop.</param>
/// <param name="Reason">Of the event where this is new; null: none.</param>
/// <param name="Again">When it will have to be looked at again; null: when something changes.</param>
internal readonly record struct ExperimentWish(string Phase, string? Reason = null, string Message = "", TimeSpan? Again = null);

/// <summary>When experiments run and when they are over (controllers/common/desiredphase, condition and utils/controller/finished.go of Chaos Mesh). Pure.</summary>
internal static class ExperimentPhases
{
    public static bool IsPaused(IExperiment experiment) => IsPaused(experiment.Metadata.Annotations);

    public static bool IsPaused(IDictionary<string, string>? annotations) => annotations is not null && annotations.TryGetValue(ChaosApi.Pause, out var pause) && pause == "true";

    public static ExperimentWish Wish(IExperiment experiment, DateTimeOffset now)
    {
        if (experiment.Metadata.DeletionTimestamp is not null) return new(ChaosApi.Stop, "Deleted", "Experiment has been deleted");
        // What happens once would happen again if it were stopped and went on.
        if (experiment.IsOneShot) return new(ChaosApi.Run);
        var left = Left(experiment, now);
        if (left <= TimeSpan.Zero) return new(ChaosApi.Stop, "TimeUp", "Time up according to the duration");
        return IsPaused(experiment)
            ? new(ChaosApi.Stop, "Paused", "Experiment has been paused", left)
            : new(ChaosApi.Run, "Started", "Experiment has started", left);
    }

    /// <summary>Selected, AllInjected, AllRecovered and Paused.</summary>
    public static List<ChaosCondition> Conditions(IExperiment experiment)
    {
        var records = experiment.Status?.Experiment?.ContainerRecords;
        return
        [
            Condition("Selected", records is not null),
            Condition("AllInjected", records?.TrueForAll(record => record.Phase == ChaosApi.Injected) == true),
            Condition("AllRecovered", records?.TrueForAll(record => record.Phase == ChaosApi.NotInjected) == true),
            Condition("Paused", IsPaused(experiment)),
        ];
    }

    /// <summary>Whether it is over, so that a schedule may make the next and forget it.</summary>
    /// <param name="again">When it may be over; null: nobody knows.</param>
    public static bool IsFinished(IExperiment experiment, DateTimeOffset now, out TimeSpan? again)
    {
        var state = experiment.Status?.Experiment;
        var records = state?.ContainerRecords ?? [];
        if (experiment.IsOneShot)
        {
            again = TimeSpan.FromSeconds(1);
            return records.Count > 0 && records.TrueForAll(record => record.Phase == ChaosApi.Injected);
        }
        again = Left(experiment, now) is { } left && left > TimeSpan.Zero ? left : null;
        return state?.DesiredPhase != ChaosApi.Run && records.TrueForAll(record => record.Phase == ChaosApi.NotInjected) && Left(experiment, now) <= TimeSpan.Zero;
    }

    /// <summary>How long it goes on; null: until somebody ends it.</summary>
    private static TimeSpan? Left(IExperiment experiment, DateTimeOffset now)
    {
        if (experiment.Duration is not { Length: > 0 } duration || experiment.Metadata.CreationTimestamp is not { } created) return null;
        return new DateTimeOffset(created, TimeSpan.Zero) + GoDurations.Parse(duration) - now;
    }

    private static ChaosCondition Condition(string type, bool holds) => new() { Type = type, Status = holds ? "True" : "False" };
}
