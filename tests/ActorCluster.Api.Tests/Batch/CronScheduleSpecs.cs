using System.Globalization;
using ActorCluster.Api.Batch;

namespace ActorCluster.Api.Tests.Batch;

public sealed class CronScheduleSpecs
{
    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    [Theory]
    // By github.com/robfig/cron/v3/spec_test.go, besides what has seconds.
    [InlineData("0/15 * * * *", "2012-07-09T14:45:00", "2012-07-09T15:00:00")]
    [InlineData("0/15 * * * *", "2012-07-09T14:59:59", "2012-07-09T15:00:00")]
    [InlineData("20-35/15 * * * *", "2012-07-09T15:45:00", "2012-07-09T16:20:00")]
    [InlineData("*/15 1-3 * * *", "2012-07-09T23:46:00", "2012-07-10T01:00:00")]
    [InlineData("0 0 9 Apr-Oct ?", "2012-07-09T23:35:00", "2012-08-09T00:00:00")]
    [InlineData("0 0 */5 Apr,Aug,Oct Mon", "2012-07-09T23:35:00", "2012-08-01T00:00:00")]
    [InlineData("0 0 * Feb Mon", "2012-07-09T23:35:00", "2013-02-04T00:00:00")]
    [InlineData("0 0 * Feb Mon/2", "2012-07-09T23:35:00", "2013-02-01T00:00:00")]
    [InlineData("0 0 29 2 ?", "2013-07-09T23:35:00", "2016-02-29T00:00:00")]
    [InlineData("* * * * *", "2012-12-31T23:59:45", "2013-01-01T00:00:00")]
    [InlineData("0 0 1,15 * Sun", "2012-07-14T01:00:00", "2012-07-15T00:00:00")]
    [InlineData("0 0 1,15 * Sun", "2012-07-15T01:00:00", "2012-07-22T00:00:00")]
    [InlineData("0 0 1,15 * *", "2012-07-15T01:00:00", "2012-08-01T00:00:00")]
    [InlineData("0 0 * * SUN", "2012-07-16T01:00:00", "2012-07-22T00:00:00")]
    [InlineData("@hourly", "2012-07-16T01:00:00", "2012-07-16T02:00:00")]
    [InlineData("@weekly", "2012-07-16T01:00:00", "2012-07-22T00:00:00")]
    [InlineData("@yearly", "2012-07-16T01:00:00", "2013-01-01T00:00:00")]
    [InlineData("@every 1h30m", "2012-07-16T01:00:00.500", "2012-07-16T02:30:00")]
    [InlineData("@every 2562047h", "2012-07-16T01:00:00", "2304-10-26T00:00:00")]
    [InlineData("@every 5ms", "2012-07-16T01:00:00", "2012-07-16T01:00:01")]
    [InlineData("0 0 30 Feb ?", "2012-07-09T23:35:00", null)]
    [InlineData(", * * * *", "2012-07-09T23:35:00", null)]
    public void The_next_time_is_found(string schedule, string after, string? next) =>
        CronSchedule.Parse(schedule).Next(Time(after)).ShouldBe(next is null ? null : Time(next));

    [Theory]
    [InlineData("30 * * * * *", "2012-07-09T14:45:30", "2012-07-09T14:46:30")]
    [InlineData("0 * * * *", "2012-07-09T14:45:30", "2012-07-09T15:00:00")]
    [InlineData("*/10 59 23 31 12 *", "2012-12-31T23:59:50", "2013-12-31T23:59:00")]
    [InlineData("15/35 20-35/15 1/2 * * *", "2012-07-09T23:20:50", "2012-07-09T23:35:15")]
    public void A_sixth_field_in_front_counts_seconds_where_it_is_allowed(string schedule, string after, string next)
    {
        CronSchedule.Parse(schedule, hasSeconds: true).Next(Time(after)).ShouldBe(Time(next));
        if (schedule.Split(' ').Length == 6) Should.Throw<FormatException>(() => CronSchedule.Parse(schedule)).Message.ShouldStartWith("expected exactly 5 fields, found 6");
    }

    [Theory]
    // The clock goes from 2:00 to 3:00 on 11 March 2012 in New York, and from 2:00 to 1:00 on 4 November.
    [InlineData("0 * * * *", "2012-03-11T06:30:00Z", "2012-03-11T07:00:00Z")]
    [InlineData("30 2 * * *", "2012-03-11T05:00:00Z", "2012-03-12T06:30:00Z")]
    [InlineData("0 3 * * *", "2012-03-11T05:00:00Z", "2012-03-11T07:00:00Z")]
    [InlineData("0 1 * * *", "2012-11-04T04:00:00Z", "2012-11-04T05:00:00Z")]
    [InlineData("0 1 * * *", "2012-11-04T05:00:00Z", "2012-11-04T06:00:00Z")]
    [InlineData("0 1 * * *", "2012-11-04T06:00:00Z", "2012-11-05T06:00:00Z")]
    public void Times_that_a_change_of_the_clock_leaves_out_are_left_out_and_those_it_repeats_come_twice(string schedule, string after, string next) =>
        CronSchedule.Parse(schedule, "America/New_York").Next(Time(after)).ShouldBe(Time(next));

    [Theory]
    [InlineData("", "empty spec string")]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("5 j * * *", "failed to parse int from j: strconv.Atoi: parsing \"j\": invalid syntax")]
    [InlineData("* * * * 7", "end of range (7) above maximum (6): 7")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("* * * * FRI-MON", "beginning of range (5) beyond end of range (1): FRI-MON")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("*/-1 * * * *", "negative number (-1) not allowed: -1")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("1/2/3 * * * *", "too many slashes: 1/2/3")]
    [InlineData("* * L * *", "failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax")]
    [InlineData("99999999999999999999 * * * *", "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range")]
    [InlineData("@unrecognized", "unrecognized descriptor: @unrecognized")]
    [InlineData("@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\"")]
    [InlineData("@every x", "failed to parse duration @every x: time: invalid duration \"x\"")]
    [InlineData("@every 2562048h", "failed to parse duration @every 2562048h: time: invalid duration \"2562048h\"")]
    [InlineData("TZ=Nowhere 1 * * * *", "provided bad location Nowhere: unknown time zone Nowhere")]
    public void What_is_no_schedule_is_refused_in_upstreams_words(string schedule, string message) =>
        Should.Throw<FormatException>(() => CronSchedule.Parse(schedule)).Message.ShouldBe(message);
}
