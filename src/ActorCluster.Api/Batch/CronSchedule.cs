using NodaTime;

namespace ActorCluster.Api.Batch;

/// <summary>The times of a CronJob, as github.com/robfig/cron/v3 (ParseStandard), which upstream uses, reads and counts them: of a day of the month and a day
/// of the week one is enough if both are named, times that a change of the clock leaves out are left out, and those it repeats come twice. Immutable.</summary>
public sealed class CronSchedule
{
    private const int MostYears = 5;

    private readonly CronFields _fields;
    private readonly Duration? _every;
    private readonly DateTimeZone _zone;

    private CronSchedule(CronFields fields, Duration? every, DateTimeZone zone) => (_fields, _every, _zone) = (fields, every, zone);

    /// <param name="text">Five fields, @hourly and its like, or "@every 90s".</param>
    /// <param name="timeZone">An IANA name; null for UTC.</param>
    /// <param name="hasSeconds">A sixth field, in front of the others, is taken for seconds (cron.SecondOptional).</param>
    /// <exception cref="FormatException">In upstream's words.</exception>
    public static CronSchedule Parse(string text, string? timeZone = null, bool hasSeconds = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) throw new FormatException("empty spec string");
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0) throw new FormatException("invalid schedule format: no schedule after the time zone");
            timeZone = text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..space];
            if (!IsTimeZone(timeZone)) throw new FormatException($"provided bad location {timeZone}: unknown time zone {timeZone}");
            text = text[space..].Trim();
        }

        var zone = timeZone is null ? DateTimeZone.Utc
            : IsTimeZone(timeZone) ? DateTimeZoneProviders.Tzdb[timeZone] : throw new FormatException($"unknown time zone {timeZone}");
        const string every = "@every ";
        return text.StartsWith(every, StringComparison.Ordinal)
            ? new CronSchedule(default, CronEvery.Parse(text, text[every.Length..]), zone)
            : new CronSchedule(CronFields.Parse(text, hasSeconds), null, zone);
    }

    /// <summary>Whether there is a time zone of that IANA name.</summary>
    public static bool IsTimeZone(string name) => DateTimeZoneProviders.Tzdb.Ids.Contains(name);

    /// <summary>The first time after <paramref name="after"/>; null if there is none within five years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var start = Instant.FromDateTimeOffset(after);
        var second = Instant.FromUnixTimeSeconds(start.ToUnixTimeSeconds());
        if (_every is { } every) return (second + every).ToDateTimeOffset();

        var time = second + Duration.FromSeconds(1);
        for (var last = time.InZone(_zone).Year + MostYears; ;)
        {
            var local = time.InZone(_zone);
            if (local.Year > last) return null;
            if (!_fields.HasMonth(local.Month)) time = StartOf(new LocalDate(local.Year, local.Month, 1).PlusMonths(1));
            else if (!_fields.HasDay(local.Date)) time = StartOf(local.Date.PlusDays(1));
            else if (!_fields.HasHour(local.Hour)) time += Duration.FromSeconds(3600 - 60 * local.Minute - local.Second);
            else if (!_fields.HasMinute(local.Minute)) time += Duration.FromSeconds(60 - local.Second);
            else if (!_fields.HasSecond(local.Second)) time += Duration.FromSeconds(1);
            else return time.ToDateTimeOffset();
        }
    }

    /// <summary>A time as the schedule's time zone shows it.</summary>
    public DateTimeOffset InZone(DateTimeOffset time) => Instant.FromDateTimeOffset(time).InZone(_zone).ToDateTimeOffset();

    private Instant StartOf(LocalDate date) => _zone.AtStartOfDay(date).ToInstant();
}
