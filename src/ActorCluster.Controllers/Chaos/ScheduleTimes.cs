using ActorCluster.Api.Batch;
using ActorCluster.Api.Chaos;

namespace ActorCluster.Controllers.Chaos;

/// <summary>The time of a schedule that has come, and the one after it (controllers/schedule/cron/utils.go of Chaos Mesh). Pure.</summary>
/// <param name="Due">The last time that has passed and wasn't dealt with; null: none has.</param>
/// <param name="Next">Null: there is none.</param>
internal readonly record struct ScheduleTimes(DateTimeOffset? Due, DateTimeOffset? Next)
{
    private const int Many = 100;

    /// <exception cref="FormatException">The schedule can't be read, or too much was missed.</exception>
    public static ScheduleTimes Of(Schedule schedule, DateTimeOffset now)
    {
        var cron = CronSchedule.Parse(schedule.Spec!.Schedule ?? "", hasSeconds: true);
        var since = schedule.Status?.Time ?? schedule.Metadata.CreationTimestamp;
        var earliest = since is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : now;
        if (schedule.Spec.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) is var last && last > earliest) earliest = last;
        var (next, due, missed) = (cron.Next(earliest), default(DateTimeOffset?), 0);
        while (next <= now)
        {
            due = next;
            next = cron.Next(due.Value);
            if (++missed > Many) throw new FormatException("too many missed start time (> 100). Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        return new(due, next);
    }
}
