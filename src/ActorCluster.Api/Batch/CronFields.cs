using System.Globalization;
using NodaTime;

namespace ActorCluster.Api.Batch;

/// <summary>The five or six fields of a cron schedule, each as a set of numbers (getField and getRange in github.com/robfig/cron/v3/parser.go).</summary>
internal readonly record struct CronFields(CronField Seconds, CronField Minutes, CronField Hours, CronField DaysOfMonth, CronField Months, CronField DaysOfWeek)
{
    private static readonly CronRange SecondRange = new(0, 59);
    private static readonly CronRange MinuteRange = new(0, 59);
    private static readonly CronRange HourRange = new(0, 23);
    private static readonly CronRange DayRange = new(1, 31);
    private static readonly CronRange MonthRange = new(1, 12, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static readonly CronRange WeekdayRange = new(0, 6, "sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /// <param name="hasSeconds">There may be a sixth field, in front.</param>
    /// <exception cref="FormatException">In upstream's words.</exception>
    public static CronFields Parse(string text, bool hasSeconds = false)
    {
        if (text.StartsWith('@'))
        {
            return text switch
            {
                "@yearly" or "@annually" => Parse("0 0 1 1 *"),
                "@monthly" => Parse("0 0 1 * *"),
                "@weekly" => Parse("0 0 * * 0"),
                "@daily" or "@midnight" => Parse("0 0 * * *"),
                "@hourly" => Parse("0 * * * *"),
                _ => throw new FormatException($"unrecognized descriptor: {text}"),
            };
        }

        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 5) fields = ["0", .. fields];
        else if (fields.Length != 6 || !hasSeconds)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"expected {(hasSeconds ? "5 to 6" : "exactly 5")} fields, found {fields.Length}: [{string.Join(' ', fields)}]"));
        return new(SecondRange.Read(fields[0]), MinuteRange.Read(fields[1]), HourRange.Read(fields[2]), DayRange.Read(fields[3]), MonthRange.Read(fields[4]), WeekdayRange.Read(fields[5]));
    }

    public bool HasSecond(int second) => Seconds.Has(second);

    public bool HasMinute(int minute) => Minutes.Has(minute);

    public bool HasHour(int hour) => Hours.Has(hour);

    public bool HasMonth(int month) => Months.Has(month);

    /// <summary>Where both say something, one of them is enough.</summary>
    public bool HasDay(LocalDate date)
    {
        var (ofMonth, ofWeek) = (DaysOfMonth.Has(date.Day), DaysOfWeek.Has((int)date.DayOfWeek % 7));
        return DaysOfMonth.IsAny || DaysOfWeek.IsAny ? ofMonth && ofWeek : ofMonth || ofWeek;
    }
}

/// <param name="IsAny">Whether it says nothing, as "*" does.</param>
internal readonly record struct CronField(ulong Numbers, bool IsAny)
{
    public bool Has(int number) => (Numbers & 1UL << number) != 0;
}

/// <summary>The numbers that a field may have, and the names of the first of them.</summary>
internal sealed record CronRange(int First, int Last, params string[] Names)
{
    public CronField Read(string text)
    {
        var field = default(CronField);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var read = ReadPart(part);
            field = new CronField(field.Numbers | read.Numbers, field.IsAny || read.IsAny);
        }

        return field;
    }

    private CronField ReadPart(string part)
    {
        var slashes = part.Split('/');
        var limits = slashes[0].Split('-');
        var any = limits[0] is "*" or "?";
        var first = any ? First : NumberOrName(limits[0]);
        if (!any && limits.Length > 2) throw new FormatException($"too many hyphens: {part}");
        var last = any ? Last : limits.Length == 2 ? NumberOrName(limits[1]) : first;
        if (slashes.Length > 2) throw new FormatException($"too many slashes: {part}");
        var step = slashes.Length == 2 ? Number(slashes[1]) : 1;
        if (slashes.Length == 2 && limits.Length == 1) last = Last;

        if (first < First) throw Fault($"beginning of range ({first}) below minimum ({First})", part);
        if (last > Last) throw Fault($"end of range ({last}) above maximum ({Last})", part);
        if (first > last) throw Fault($"beginning of range ({first}) beyond end of range ({last})", part);
        if (step == 0) throw Fault($"step of range should be a positive number", part);
        var numbers = 0UL;
        for (var number = first; number <= last; number += step) numbers |= 1UL << number;
        return new CronField(numbers, any && step == 1);
    }

    private static FormatException Fault(FormattableString what, string part) => new($"{what.ToString(CultureInfo.InvariantCulture)}: {part}");

    private int NumberOrName(string text) => Array.IndexOf(Names, text.ToLowerInvariant()) is >= 0 and var index ? First + index : Number(text);

    private static int Number(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var digits = text.Length > 0 && text.All(char.IsAsciiDigit);
            throw new FormatException($"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": {(digits ? "value out of range" : "invalid syntax")}");
        }

        if (number < 0) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"negative number ({number}) not allowed: {text}"));
        // Nothing is in range that far up; a step as large leaves the first number alone.
        return (int)Math.Min(number, 1_000_000);
    }
}
