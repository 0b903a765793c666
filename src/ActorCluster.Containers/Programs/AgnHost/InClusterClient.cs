using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost inclusterclient: asks the API for its health again and again, and says by a hash which token it did it with.</summary>
internal static class InClusterClient
{
    public static IReadOnlyList<GoFlag> Flags { get; } = [new("poll-interval", GoFlagKind.Integer, "30")];

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        await WriteAsync(agnhost, 'I', "started");
        InClusterApi api;
        try
        {
            api = InClusterApi.Open(agnhost);
        }
        catch (GoException fault)
        {
            return await agnhost.DieAsync($"err: {fault.Message}");
        }
        using (api)
        {
            var interval = TimeSpan.FromSeconds(agnhost.Flags.Number("poll-interval"));
            if (interval <= TimeSpan.Zero) return await agnhost.DieAsync("panic: non-positive interval for NewTicker");
            var signalled = agnhost.UntilSignalAsync();
            using var timer = new PeriodicTimer(interval, agnhost.Process.Clock);
            while (true)
            {
                var next = timer.WaitForNextTickAsync(agnhost.Process.Killed).AsTask();
                if (await Task.WhenAny(next, signalled) == signalled) return await signalled;
                await next;
                await AskAsync(agnhost, api);
            }
        }
    }

    private static async Task AskAsync(AgnHostContext agnhost, InClusterApi api)
    {
        await WriteAsync(agnhost, 'I', "calling /healthz");
        try
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes("salt|" + api.Authorization()));
            await WriteAsync(agnhost, 'I', $"authz_header={Base64Url.EncodeToString(hash)}");
            await api.GetAsync("/healthz", agnhost.Process.Killed);
        }
        catch (GoException fault)
        {
            await WriteAsync(agnhost, 'E', "status=failed");
            await WriteAsync(agnhost, 'E', $"error checking /healthz: {fault.Message}\n");
        }
    }

    /// <summary>klog's form of a line.</summary>
    private static ValueTask WriteAsync(AgnHostContext agnhost, char severity, string message) => agnhost.Process.PrintErrorAsync(string.Create(
        CultureInfo.InvariantCulture, $"{severity}{agnhost.Process.Clock.GetUtcNow():MMdd HH:mm:ss.ffffff} {agnhost.Process.ProcessId,7} main.go:61] {message}\n"));
}
