using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace ActorCluster.Containers.Http;

/// <summary>The Date header (RFC 9110, 6.6.1) by the simulation's clock, made once a second.</summary>
internal sealed class HttpDate(TimeProvider clock)
{
    private Entry _entry = new(long.MinValue, StringValues.Empty);

    public StringValues Now
    {
        get
        {
            var now = clock.GetUtcNow();
            var second = now.UtcTicks / TimeSpan.TicksPerSecond;
            var entry = Volatile.Read(ref _entry);
            if (entry.Second != second) Volatile.Write(ref _entry, entry = new Entry(second, Format(now)));
            return entry.Text;
        }
    }

    /// <summary>IMF-fixdate: "Mon, 23 Nov 2026 09:18:15 GMT".</summary>
    public static string Format(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);

    private sealed record Entry(long Second, StringValues Text);
}
