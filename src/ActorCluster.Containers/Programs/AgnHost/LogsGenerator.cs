using System.Globalization;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost logs-generator: so many lines, evenly over a while, that look like an API server's.</summary>
internal static class LogsGenerator
{
    private static readonly string[] Methods = ["GET", "POST", "PUT"];
    private static readonly string[] Namespaces = ["kube-system", "default", "ns"];

    public static IReadOnlyList<GoFlag> Flags { get; } =
    [
        new("log-lines-total", GoFlagKind.Integer, "0", 't'),
        new("run-duration", GoFlagKind.Duration, "0s", 'd'),
    ];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        var (total, duration) = (agnhost.Flags.Number("log-lines-total"), agnhost.Flags.Duration("run-duration"));
        if (total <= 0) return await DieAsync(agnhost, $"Invalid total number of lines: {total}");
        if (duration <= TimeSpan.Zero) return await DieAsync(agnhost, $"Invalid duration: {GoDuration.Format(duration)}");
        var random = agnhost.Process.Simulation.Random.Child($"logs-generator/{agnhost.Hostname}");
        for (var id = 0; id < total; id++)
        {
            var (method, ns) = (Methods[random.Next(Methods.Length)], Namespaces[random.Next(Namespaces.Length)]);
            await WriteAsync(agnhost, 'I', string.Create(CultureInfo.InvariantCulture, $"{id} {method} /api/v1/namespaces/{ns}/pods/{random.NextSuffix(3 + random.Next(2))} {200 + random.Next(400)}"));
            await Task.Delay(duration / total, agnhost.Process.Clock, agnhost.Process.Killed);
        }
        return 0;
    }

    private static async Task<int> DieAsync(AgnHostContext agnhost, string message)
    {
        await WriteAsync(agnhost, 'F', message);
        return 255;
    }

    /// <summary>klog's form of a line.</summary>
    private static async Task WriteAsync(AgnHostContext agnhost, char severity, string message)
    {
        var time = agnhost.Process.Clock.GetUtcNow().ToString("MMdd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        await agnhost.Process.PrintErrorAsync(string.Create(CultureInfo.InvariantCulture, $"{severity}{time} {agnhost.Process.ProcessId,7} logs_generator.go:76] {message}\n"));
    }
}
