using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Sockets;
using ActorCluster.Network.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>coredns -conf FILE: the cluster's DNS server, which knows Services and pods by its process's network tables.</summary>
internal sealed class CoreDnsProgram : IProgram
{
    private const string Version = "1.14.2";

    public async Task<int> RunAsync(ProcessContext context)
    {
        if (!TryReadArguments(context.Arguments, out var path, out var fault))
        {
            await context.PrintErrorAsync($"{fault}\nUsage of coredns:\n  -conf string\n    \tCorefile to load (default \"Corefile\")\n  -version\n    \tShow version\n");
            return 2;
        }
        if (path is null)
        {
            await context.PrintAsync($"CoreDNS-{Version}\nlinux/amd64\n");
            return 0;
        }
        try
        {
            return await ServeAsync(context, context.FullPath(path));
        }
        catch (Exception failure) when (failure is CorefileException or IOException or SocketFaultException)
        {
            await context.PrintErrorAsync(failure is SocketFaultException socket ? $"Listen: listen tcp :53: bind: {socket.Message.ToLowerInvariant()}\n" : failure.Message + "\n");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(ProcessContext context, string path)
    {
        var tables = context.Services.GetService<NetworkTablesSource>();
        if (tables is null)
        {
            await context.PrintErrorAsync("plugin/kubernetes: this node offers no view of the cluster\n");
            return 1;
        }
        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Signals.Handle(Signals.Terminate, () => terminated.TrySetResult());
        context.Signals.Handle(Signals.Interrupt, () => terminated.TrySetResult());

        var text = await context.Files.ReadTextAsync(path, context.Killed);
        while (true)
        {
            var corefile = Corefile.Parse(text, path);
            await using (new Server(context, tables, corefile))
            {
                await context.PrintAsync($"{corefile.Server}\nCoreDNS-{Version}\nlinux/amd64\n");
                if (await NextAsync(context, path, text, corefile.ReloadInterval, terminated.Task) is { } next)
                {
                    text = next;
                    continue;
                }
                await context.PrintAsync($"[INFO] SIGTERM: Shutting down servers then terminating\n");
                if (corefile.LameDuck > TimeSpan.Zero)
                {
                    await context.PrintAsync($"[INFO] plugin/health: Going into lameduck mode for {corefile.LameDuck.TotalSeconds:0.###}s\n");
                    await Task.Delay(corefile.LameDuck, context.Clock, context.Killed);
                }
                return 0;
            }
        }
    }

    /// <summary>Waits for a changed, valid Corefile or the end.</summary>
    /// <returns>The new text; null: terminated.</returns>
    private static async Task<string?> NextAsync(ProcessContext context, string path, string current, TimeSpan? interval, Task terminated)
    {
        var refused = current;
        while (interval is { } every)
        {
            if (await Task.WhenAny(terminated, Task.Delay(every, context.Clock, context.Killed)) == terminated) return null;
            context.Killed.ThrowIfCancellationRequested();
            try
            {
                var text = await context.Files.ReadTextAsync(path, context.Killed);
                if (text == current || text == refused) continue;
                refused = text;
                Corefile.Parse(text, path);
                await context.PrintAsync("[INFO] Reloading\n");
                return text;
            }
            catch (Exception failure) when (failure is CorefileException or IOException)
            {
                await context.PrintAsync($"[ERROR] Restart failed: {failure.Message}\n");
            }
        }
        await terminated.WaitAsync(context.Killed);
        return null;
    }

    /// <returns>True with a null path: asked for the version.</returns>
    private static bool TryReadArguments(IReadOnlyList<string> arguments, out string? path, out string fault)
    {
        (path, fault) = ("Corefile", "");
        for (var i = 1; i < arguments.Count; i++)
        {
            switch (arguments[i].Replace("--", "-", StringComparison.Ordinal))
            {
                case "-version":
                    path = null;
                    return true;
                case "-conf" when i + 1 < arguments.Count:
                    path = arguments[++i];
                    break;
                default:
                    fault = $"flag provided but not defined: {arguments[i]}";
                    return false;
            }
        }
        return true;
    }

    /// <summary>What one Corefile has running.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping;
        private readonly List<Task> _http = [];
        private readonly ClusterDnsServer _dns;

        public Server(ProcessContext context, NetworkTablesSource tables, Corefile corefile)
        {
            _stopping = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
            var statistics = new DnsStatistics();
            _dns = ClusterDnsServer.Start(context.Network, tables, context.Simulation, WithOutsideNames(corefile.Dns, context), statistics);
            Answer(context, corefile.HealthPort, "/health", () => "OK");
            Answer(context, corefile.ReadyPort, "/ready", () => tables.HasSynced ? "OK" : null);
            Answer(context, corefile.MetricsPort, "/metrics", () => CoreDnsMetrics.Describe(statistics, corefile, Version));
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelInOrderAsync();
            await _dns.DisposeAsync();
            await Task.WhenAll(_http);
            _stopping.Dispose();
        }

        /// <summary>What the Corefile says of a name counts more.</summary>
        private static ClusterDnsOptions WithOutsideNames(ClusterDnsOptions options, ProcessContext context) =>
            context.Services.GetService<OutsideNames>() is { } outside ? options with { OutsideNames = outside.Addresses.SetItems(options.OutsideNames) } : options;

        /// <param name="text">What the page says; null: not well.</param>
        private void Answer(ProcessContext context, ushort? port, string path, Func<string?> text)
        {
            if (port is null) return;
            var listener = context.Network.ListenTcp(new SocketAddress(IpAddress.AnyV6, port.Value));
            _http.Add(context.Services.GetRequiredService<SharedHttpServer>().ServeAsync(listener, AnswerAsync, killed: _stopping.Token));

            Task AnswerAsync(HttpContext http)
            {
                var page = http.Request.Path == path ? text() : null;
                http.Response.StatusCode = http.Request.Path != path ? StatusCodes.Status404NotFound
                    : page is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
                http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return page is null ? Task.CompletedTask : http.Response.WriteAsync(page);
            }
        }
    }
}
