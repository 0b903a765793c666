using System.Threading.Channels;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.Apache;

/// <summary>Apache's httpd, in the foreground: serves until a signal ends it.</summary>
/// <remarks>SIGTERM ends it at once, SIGWINCH gracefully; SIGHUP and SIGUSR1 read the configuration again (its addresses stay as they are).</remarks>
internal sealed class ApacheProgram : IProgram
{
    private const int UserSignal1 = 10;

    public async Task<int> RunAsync(ProcessContext context)
    {
        var path = ApacheFiles.ConfigurationPath;
        for (var i = 1; i < context.Arguments.Count; i++)
        {
            switch (context.Arguments[i])
            {
                case "-v":
                    await context.PrintAsync($"Server version: Apache/{ApacheFiles.Version} (Unix)\n");
                    return 0;
                case "-t":
                    return await TestAsync(context, path);
                case "-f" when i + 1 < context.Arguments.Count:
                    path = context.FullPath(context.Arguments[++i]);
                    break;
                case "-D" when i + 1 < context.Arguments.Count:
                    i++;
                    break;
                case ['-', 'D', _, ..]:
                    break;
                default:
                    await context.PrintErrorAsync("Usage: httpd [-D name] [-f file] [-v] [-t]\n");
                    return 1;
            }
        }
        try
        {
            return await ServeAsync(context, path);
        }
        catch (ApacheConfigException invalid)
        {
            await context.PrintErrorAsync(invalid.Message + "\n");
            return 1;
        }
    }

    private static async Task<int> TestAsync(ProcessContext context, string path)
    {
        try
        {
            await ApacheConfiguration.LoadAsync(context.Files, path, context.Killed);
            await context.PrintErrorAsync("Syntax OK\n");
            return 0;
        }
        catch (ApacheConfigException invalid)
        {
            await context.PrintErrorAsync(invalid.Message + "\n");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(ProcessContext context, string path)
    {
        var configuration = await ApacheConfiguration.LoadAsync(context.Files, path, context.Killed);
        if (configuration.ServerName is null)
        {
            var complaint = $"AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {context.Network.Addresses[0]}. Set the 'ServerName' directive globally to suppress this message\n";
            // Once for each of the two times that Apache reads its configuration.
            await context.PrintErrorAsync(complaint + complaint);
        }
        var listeners = await BindAsync(context, configuration);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
        var signals = Channel.CreateUnbounded<int>();
        foreach (var signal in new[] { Signals.Terminate, Signals.Interrupt, Signals.WindowChange, Signals.Hangup, UserSignal1 })
            context.Signals.Handle(signal, () => signals.Writer.TryWrite(signal));

        var log = new ApacheLog(context, configuration);
        var handler = new ApacheHandler(context.Files, configuration, log, context.Clock);
        RequestDelegate answer = http => Volatile.Read(ref handler).HandleAsync(http);
        var server = context.Services.GetRequiredService<SharedHttpServer>();
        var serving = Task.WhenAll(listeners.Select(listener => server.ServeAsync(listener, answer, stopping: stopping.Token, killed: killed.Token)));
        await AnnounceAsync(context, log, configuration);
        try
        {
            while (true)
            {
                switch (await signals.Reader.ReadAsync(context.Killed))
                {
                    case Signals.Hangup:
                        await log.WriteErrorAsync("mpm_event:notice", "AH00494: SIGHUP received.  Attempting to restart");
                        break;
                    case UserSignal1:
                        await log.WriteErrorAsync("mpm_event:notice", "AH00493: SIGUSR1 received.  Doing graceful restart");
                        break;
                    case Signals.WindowChange:
                        await log.WriteErrorAsync("mpm_event:notice", "AH00492: caught SIGWINCH, shutting down gracefully");
                        await stopping.CancelInOrderAsync();
                        await serving;
                        return 0;
                    default:
                        await log.WriteErrorAsync("mpm_event:notice", "AH00491: caught SIGTERM, shutting down");
                        return 0;
                }
                configuration = await ApacheConfiguration.LoadAsync(context.Files, path, context.Killed);
                log = new ApacheLog(context, configuration);
                Volatile.Write(ref handler, new ApacheHandler(context.Files, configuration, log, context.Clock));
                await AnnounceAsync(context, log, configuration);
            }
        }
        finally
        {
            await killed.CancelInOrderAsync();
            await serving;
        }
    }

    private static async Task AnnounceAsync(ProcessContext context, ApacheLog log, ApacheConfiguration configuration)
    {
        await log.WriteErrorAsync("mpm_event:notice", $"AH00489: {configuration.Server} configured -- resuming normal operations");
        await log.WriteErrorAsync("core:notice", $"AH00094: Command line: '{string.Join(' ', context.Arguments.Select(word => word == "-DFOREGROUND" ? "-D FOREGROUND" : word))}'");
    }

    private static async Task<IReadOnlyList<ITcpListener>> BindAsync(ProcessContext context, ApacheConfiguration configuration)
    {
        var bound = new List<ITcpListener>();
        foreach (var address in configuration.Listens)
        {
            try
            {
                bound.Add(context.Network.ListenTcp(address));
            }
            catch (SocketFaultException fault)
            {
                foreach (var listener in bound) await listener.DisposeAsync();
                throw new ApacheConfigException(
                    $"({Errno.Describe(fault).Replace(": ", ")", StringComparison.Ordinal)}: AH00072: make_sock: could not bind to address {address}\nno listening sockets available, shutting down\nAH00015: Unable to open logs");
            }
        }
        return bound;
    }
}
