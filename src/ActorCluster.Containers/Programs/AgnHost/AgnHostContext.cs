using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>What a command works with: the process, its flags, and what Go's standard library does for the real one.</summary>
internal sealed class AgnHostContext
{
    private readonly TaskCompletionSource<int> _signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AgnHostContext(ProcessContext process, GoFlags flags)
    {
        (Process, Flags) = (process, flags);
        if (process.ProcessId != 1) return;
        // From the start, as Go's runtime has it: whoever finds a server's port open may end the server.
        foreach (var signal in new[] { Signals.Hangup, Signals.Interrupt, Signals.Terminate }) process.Signals.Handle(signal, () => _signalled.TrySetResult(2));
    }

    public ProcessContext Process { get; }
    public GoFlags Flags { get; }

    public string Hostname => ((ProcessView)Process.Processes).Table.Container.Hostname;

    /// <summary>log.Printf: "2026/11/23 09:18:16 message" on standard error.</summary>
    public async Task LogAsync(string message)
    {
        try
        {
            await Process.PrintErrorAsync($"{Process.Clock.GetUtcNow().ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture)} {message}\n");
        }
        catch (BrokenPipeException)
        {
            return; // Go's log goes on when nobody reads it.
        }
    }

    /// <summary>log.Fatal's exit code.</summary>
    public async Task<int> DieAsync(string message)
    {
        await LogAsync(message);
        return 1;
    }

    /// <summary>
    /// What a Go program does on a signal that it doesn't handle: ends by it or, as a container's first process, which the default
    /// action of a signal doesn't end, with exit code 2.
    /// </summary>
    public Task<int> UntilSignalAsync() => _signalled.Task.WaitAsync(Process.Killed);

    /// <exception cref="SocketFaultException">The port is taken.</exception>
    public ITcpListener Listen(int port, bool onlyV4 = false) =>
        Process.Network.ListenTcp(new SocketAddress(onlyV4 ? IpAddress.AnyV4 : IpAddress.AnyV6, (ushort)port));

    /// <param name="certificate">Makes it an HTTPS server.</param>
    /// <param name="http2">Makes it an HTTP/2 server, as gRPC's are.</param>
    public Task ServeAsync(ITcpListener listener, RequestDelegate handler, CancellationToken stopping, CancellationToken killed, X509Certificate2? certificate = null, bool http2 = false) =>
        Process.Services.GetRequiredService<SharedHttpServer>().ServeAsync(listener, handler, certificate is null && !http2 ? null : new HttpServeOptions
        {
            Http2 = http2,
            Certificate = certificate,
            HandshakeFailed = (client, why) => LogAsync($"http: TLS handshake error from {client}: {why}"),
        }, stopping, killed);

    /// <summary>Serves HTTP on one port until the process is told to end: what most commands are.</summary>
    /// <param name="over">Ends it earlier.</param>
    public async Task<int> ServeAsync(int port, RequestDelegate handler, CancellationToken over = default)
    {
        ITcpListener listener;
        try
        {
            listener = Listen(port);
        }
        catch (SocketFaultException fault)
        {
            return await DieAsync(string.Create(CultureInfo.InvariantCulture, $"listen tcp :{port}: bind: {fault.Message.ToLowerInvariant()}"));
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Process.Killed, over);
        var serving = ServeAsync(listener, handler, default, ended.Token);
        try
        {
            return await UntilSignalAsync().WaitAsync(over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !Process.Killed.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            await ended.CancelInOrderAsync();
            await serving;
        }
    }

    /// <summary>The address that Go's net.ResolveTCPAddr takes of a name: the first IPv4 one, else the first. The message is Go's.</summary>
    /// <exception cref="GoException">lookup x: no such host.</exception>
    public async Task<IpAddress> ResolveAsync(string host)
    {
        if (host.Length == 0) return IpAddress.LoopbackV4;
        var addresses = await HostNames.ResolveAsync(Process, host, Process.Killed);
        if (addresses.Count > 0) return addresses.OrderByDescending(address => address.IsV4).First();
        var resolver = await HostNames.ResolverAsync(Process, Process.Killed);
        var server = resolver.Configuration.NameServers.IsEmpty ? "" : $" on {new SocketAddress(resolver.Configuration.NameServers[0], 53)}";
        throw new GoException($"lookup {host}{server}: no such host");
    }
}

/// <summary>An error value, with the text that Go's libraries give it.</summary>
internal sealed class GoException(string message) : Exception(message)
{
    /// <summary>What net.OpError says of a socket's fault: "dial tcp 10.0.0.1:80: connect: connection refused".</summary>
    public static string Describe(string operation, SocketFaultException fault, string call) =>
        fault.Fault == SocketFault.TimedOut ? $"{operation}: i/o timeout" : $"{operation}: {call}: {fault.Message.ToLowerInvariant()}";
}
