using System.Security.Cryptography;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>coredns -conf FILE: the cluster's DNS server, which knows Services and pods by its process's network tables.</summary>
internal sealed class CoreDnsProgram : IProgram
{
    public const string Version = "1.14.2";

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
        catch (Exception failure) when (failure is CorefileException or IOException)
        {
            await context.PrintErrorAsync(failure.Message + "\n");
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
        var corefile = Parse(context, text, path);
        await using var server = new CoreDnsServer(context, tables);
        await server.UseAsync(corefile);
        foreach (var zone in corefile.Blocks.SelectMany(block => block.Zones).OrderBy(zone => zone.Port).ThenBy(zone => zone.Zone, StringComparer.Ordinal)) await context.PrintAsync($"{zone}\n");
        await SayConfigurationAsync(context, corefile, text);
        await context.PrintAsync($"CoreDNS-{Version}\nlinux/amd64\n");
        while (true)
        {
            var pause = Task.Delay(corefile.ReloadInterval ?? Timeout.InfiniteTimeSpan, context.Clock, context.Killed);
            var first = await Task.WhenAny(terminated.Task, server.Failed, pause);
            context.Killed.ThrowIfCancellationRequested();
            if (first == terminated.Task) break;
            if (first == server.Failed)
            {
                await context.PrintAsync(await server.Failed + "\n");
                return 1;
            }
            (corefile, text) = await ReloadAsync(context, server, path, corefile, text);
        }
        await context.PrintAsync("[INFO] SIGTERM: Shutting down servers then terminating\n");
        if (corefile.LameDuck > TimeSpan.Zero)
        {
            await context.PrintAsync($"[INFO] plugin/health: Going into lameduck mode for {corefile.LameDuck.TotalSeconds:0.###}s\n");
            await Task.Delay(corefile.LameDuck, context.Clock, context.Killed);
        }
        return 0;
    }

    /// <summary>Looks whether the file has changed, and goes on by what it says then; if that is wrong, as before (https://coredns.io/plugins/reload/).</summary>
    /// <returns>What is served now, and the text that was looked at last: the same one isn't tried twice.</returns>
    private static async Task<(Corefile Corefile, string Text)> ReloadAsync(ProcessContext context, CoreDnsServer server, string path, Corefile current, string seen)
    {
        string text;
        try
        {
            text = await context.Files.ReadTextAsync(path, context.Killed);
        }
        catch (IOException)
        {
            return (current, seen); // it may be back at the next look
        }
        if (text == seen) return (current, seen);
        try
        {
            CorefileParser.Parse(text, path);
        }
        catch (CorefileException fault)
        {
            await context.PrintAsync($"[WARNING] plugin/reload: Corefile parse failed: {fault.Message}\n");
            return (current, seen);
        }
        await context.PrintAsync("[INFO] Reloading\n");
        try
        {
            var corefile = Parse(context, text, path);
            await server.UseAsync(corefile);
            await SayConfigurationAsync(context, corefile, text);
            await context.PrintAsync("[INFO] Reloading complete\n");
            return (corefile, text);
        }
        catch (CorefileException fault)
        {
            await context.PrintAsync($"[ERROR] Restart failed: {fault.Message}\n[ERROR] plugin/reload: Corefile changed but reload failed: {fault.Message}\n");
            return (current, text);
        }
    }

    private static Corefile Parse(ProcessContext context, string text, string path) => Corefile.Parse(text, path, other =>
    {
        using var reader = new StreamReader(context.Files.Open(context.FullPath(other), FileOpen.Read));
        return reader.ReadToEnd();
    });

    private static async Task SayConfigurationAsync(ProcessContext context, Corefile corefile, string text)
    {
        if (corefile.ReloadInterval is null) return;
        await context.PrintAsync($"[INFO] plugin/reload: Running configuration SHA512 = {Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(text)))}\n");
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
}
