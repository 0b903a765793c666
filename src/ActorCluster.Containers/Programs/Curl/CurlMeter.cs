using System.Globalization;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>The progress meter's numbers and lines, as curl's lib/progress.c lays them out. Pure.</summary>
internal sealed class CurlMeter(TimeProvider clock)
{
    public const string Header =
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
        "                                 Dload  Upload   Total   Spent    Left  Speed\n";

    private const int SpeedWindow = 5;
    private readonly Queue<(long Time, long Bytes)> _samples = [];
    private readonly long _started = clock.GetTimestamp();

    public long Downloaded { get; set; }
    public long Uploaded { get; set; }

    /// <summary>Content-Length; null while unknown.</summary>
    public long? DownloadSize { get; set; }

    public long? UploadSize { get; set; }

    public TimeSpan Spent => clock.GetElapsedTime(_started);

    /// <summary>Remembers where the transfer is, for the current speed; once a second.</summary>
    public void Sample()
    {
        _samples.Enqueue((clock.GetTimestamp(), Downloaded + Uploaded));
        if (_samples.Count > SpeedWindow + 1) _samples.Dequeue();
    }

    /// <summary>Overwrites the line before it by a leading CR.</summary>
    public string Line()
    {
        var microseconds = (long)Spent.TotalMicroseconds;
        long downSpeed = Speed(Downloaded, microseconds), upSpeed = Speed(Uploaded, microseconds);
        var expected = (DownloadSize ?? Downloaded) + (UploadSize ?? Uploaded);
        var transferred = Downloaded + Uploaded;

        long downSeconds = DownloadSize is { } down && downSpeed > 0 ? down / downSpeed : 0, upSeconds = UploadSize is { } up && upSpeed > 0 ? up / upSpeed : 0;
        var total = Math.Max(downSeconds, upSeconds);
        var spent = (long)Spent.TotalSeconds;
        var left = total > 0 ? total - spent : 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"\r{Percent(transferred, expected),3} {Amount(expected)}  {Percent(Downloaded, DownloadSize ?? 0),3} {Amount(Downloaded)}  {Percent(Uploaded, UploadSize ?? 0),3} {Amount(Uploaded)}  {Amount(downSpeed)}  {Amount(upSpeed)} {Time(total)} {Time(spent)} {Time(left)} {Amount(CurrentSpeed(downSpeed + upSpeed))}");
    }

    /// <summary>-#: a bar of one terminal width, 79 columns.</summary>
    public string Bar()
    {
        var expected = (DownloadSize ?? 0) + (UploadSize ?? 0);
        if (expected == 0) return "";
        const int width = 79 - 7;
        var fraction = Math.Min(1.0, (double)(Downloaded + Uploaded) / expected);
        return string.Create(CultureInfo.InvariantCulture, $"\r{new string('#', (int)(width * fraction)).PadRight(width)} {fraction * 100,5:0.0}%");
    }

    /// <summary>Five columns, whatever the number.</summary>
    public static string Amount(long bytes)
    {
        const long kilo = 1024, mega = kilo * 1024, giga = mega * 1024, tera = giga * 1024, peta = tera * 1024;
        FormattableString text = bytes switch
        {
            < 100_000 => $"{bytes,5}",
            < 10_000 * kilo => $"{bytes / kilo,4}k",
            < 100 * mega => $"{bytes / mega,2}.{bytes % mega / (mega / 10)}M",
            < 10_000 * mega => $"{bytes / mega,4}M",
            < 100 * giga => $"{bytes / giga,2}.{bytes % giga / (giga / 10)}G",
            < 10_000 * giga => $"{bytes / giga,4}G",
            < 10_000 * tera => $"{bytes / tera,4}T",
            _ => $"{bytes / peta,4}P",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Eight columns; nothing of a second yet is dashes.</summary>
    public static string Time(long seconds)
    {
        if (seconds <= 0) return "--:--:--";
        var hours = seconds / 3600;
        if (hours <= 99) return string.Create(CultureInfo.InvariantCulture, $"{hours,2}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        var days = seconds / 86400;
        return days <= 999
            ? string.Create(CultureInfo.InvariantCulture, $"{days,3}d {hours % 24:00}h")
            : string.Create(CultureInfo.InvariantCulture, $"{days,7}d");
    }

    private long CurrentSpeed(long average)
    {
        if (!_samples.TryPeek(out var oldest)) return average;
        var milliseconds = Math.Max(1, (long)clock.GetElapsedTime(oldest.Time).TotalMilliseconds);
        return (Downloaded + Uploaded - oldest.Bytes) * 1000 / milliseconds;
    }

    private static long Speed(long bytes, long microseconds) => bytes * 1_000_000 / Math.Max(1, microseconds);

    private static long Percent(long part, long whole) => whole > 0 ? (long)(part * 100.0 / whole) : 0;
}
