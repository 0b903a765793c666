using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost liveness: healthy for ten seconds, then no more; what probes are shown on.</summary>
internal static class LivenessCommand
{
    private const int Port = 8080;
    private const double HealthySeconds = 10;

    public static Task<int> RunAsync(AgnHostContext agnhost)
    {
        var clock = agnhost.Process.Clock;
        var started = clock.GetTimestamp();
        return agnhost.ServeAsync(Port, http => http.Request.Path.Value switch
        {
            "/started" => GoHttp.WriteAsync(http, GoDuration.Format(clock.GetElapsedTime(started))),
            "/healthz" => HealthAsync(http, clock.GetElapsedTime(started).TotalSeconds),
            "/redirect" => GoHttp.RedirectAsync(http, Uri.UnescapeDataString(http.Request.Query["loc"].ToString()), StatusCodes.Status302Found),
            _ => GoHttp.NotFoundAsync(http),
        });
    }

    private static Task HealthAsync(HttpContext http, double seconds) => seconds > HealthySeconds
        ? GoHttp.WriteAsync(http, string.Create(CultureInfo.InvariantCulture, $"error: {seconds}"), StatusCodes.Status500InternalServerError)
        : GoHttp.WriteAsync(http, "ok");
}
