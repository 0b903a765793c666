using ActorCluster.Api.Batch;
using k8s.Models;

namespace ActorCluster.Controllers.CronJobs;

/// <summary>The time of a CronJob that is due now, and the next one (mostRecentScheduleTime in pkg/controller/cronjob/utils.go). Pure.</summary>
/// <param name="Earliest">From when on times count.</param>
/// <param name="Due">The last time that has passed and wasn't dealt with; null if there is none.</param>
/// <param name="Missed">How many have passed, by the distance of the first two.</param>
internal readonly record struct CronTimes(DateTimeOffset Earliest, DateTimeOffset? Due, long Missed)
{
    private const long Many = 100;

    /// <summary>A schedule is looked at a little late, so that clocks that differ agree that the time has come.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(100);

    public bool IsTooMany => Missed > Many;

    /// <param name="heedDeadline">Whether times count only as long as their startingDeadlineSeconds last.</param>
    /// <exception cref="FormatException">The schedule has no two times.</exception>
    public static CronTimes Of(V1CronJob cronJob, DateTimeOffset now, CronSchedule schedule, bool heedDeadline = true)
    {
        var earliest = Utc(cronJob.Status?.LastScheduleTime ?? cronJob.Metadata.CreationTimestamp) ?? now;
        if (heedDeadline && cronJob.Spec.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) is var since && since > earliest) earliest = since;

        if (schedule.Next(earliest) is not { } first || schedule.Next(first) is not { } second)
            throw new FormatException("time difference between two schedules is less than 1 second");
        if (now < first) return new(earliest, null, 0);
        if (now < second) return new(earliest, first, 0);

        // Not each of the times that have passed is counted: there may be very many. The last is looked for from shortly before it on.
        var distance = (long)(second - first).TotalSeconds;
        var missed = (long)(now - first).TotalSeconds / distance + 1;
        DateTimeOffset? due = null;
        for (var time = schedule.Next(first.AddSeconds((missed - 2) * distance)); time <= now; time = schedule.Next(time.Value)) due = time;
        return new(earliest, due, missed);
    }

    /// <summary>How long until the next time.</summary>
    /// <returns>Null if there is none.</returns>
    public static TimeSpan? UntilNext(V1CronJob cronJob, DateTimeOffset now, CronSchedule schedule)
    {
        var times = Of(cronJob, now, schedule, heedDeadline: false);
        var last = times.Due ?? (times.Missed == 0 ? times.Earliest : now);
        return schedule.Next(last) is { } next ? next + Late - now : null;
    }

    private static DateTimeOffset? Utc(DateTime? time) => time is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;
}
