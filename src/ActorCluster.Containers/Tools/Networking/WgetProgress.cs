using System.Globalization;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>busybox's progress bar (its libbb/progress.c): one line that a terminal overwrites, or a line each second where the output is none.</summary>
internal sealed class WgetProgress(TimeProvider clock, string file, bool terminal, int width)
{
    private const int FixedColumns = 48;
    private const int StallSeconds = 5;
    private readonly long _began = clock.GetTimestamp();
    private long _start;
    private long _lastUpdate;
    private long _lastChange;
    private long _lastSize;

    /// <param name="total">Bytes of the whole file; 0 while unknown.</param>
    /// <returns>Null: not a second has passed since the last one, and there is still something to come.</returns>
    public string? Line(long begin, long transferred, long total)
    {
        var now = (long)clock.GetElapsedTime(_began).TotalSeconds;
        var sinceUpdate = now - _lastUpdate;
        _lastUpdate = now;
        var done = total != 0 && transferred >= total - begin;
        if (!done && sinceUpdate == 0) return null;

        var name = file.Length > 20 ? file[..20] : file.PadRight(20);
        return $"{(terminal ? "\r" : "")}{name} {Bar(begin + transferred, total)}{Amount(begin + transferred)}{Remaining(now, begin, transferred, total)}{(terminal ? "" : "\n")}";
    }

    /// <summary>Five columns.</summary>
    public static string Amount(long bytes)
    {
        if (bytes < 100_000) return string.Create(CultureInfo.InvariantCulture, $"{bytes,5}");
        double value = bytes;
        var unit = 0;
        while (value >= 9999.5)
        {
            value /= 1024;
            unit++;
        }
        return value < 99.95
            ? string.Create(CultureInfo.InvariantCulture, $"{value,4:0.0}{" kMGTPEZY"[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{value,4:0}{" kMGTPEZY"[unit]}");
    }

    private string Bar(long have, long total)
    {
        if (total == 0) return "";
        var percent = string.Create(CultureInfo.InvariantCulture, $"{(int)(100.0 * have / total),3}% ");
        var length = Math.Min(width - FixedColumns, 999);
        if (length <= 2) return percent;
        var stars = (int)((double)length * have / total);
        return $"{percent}|{new string('*', stars).PadRight(length)}| ";
    }

    private string Remaining(long now, long begin, long transferred, long total)
    {
        var still = now - _lastChange;
        if (transferred != _lastSize)
        {
            (_lastChange, _lastSize) = (now, transferred);
            // A pause is cut out of the average.
            if (still >= StallSeconds) _start += still;
            still = 0;
        }
        var elapsed = now - _start;
        if (still >= StallSeconds) return "  - stalled -";
        if (total == 0 || transferred == 0 || elapsed < 0) return " --:--:-- ETA";
        var eta = Math.Min((long)((double)(total - begin) * elapsed / transferred) - elapsed, 1000L * 3600 - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{eta / 3600,3}:{eta % 3600 / 60:00}:{eta % 60:00} ETA");
    }
}
