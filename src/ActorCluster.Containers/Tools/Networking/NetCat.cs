using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>nc: connects or listens, and carries standard input and output, or a program's, over TCP or UDP.</summary>
internal sealed class NetCat(ToolContext tool, NetCatOptions options)
{
    private const int BufferSize = 8192;

    /// <summary>How often silence is waited out before it counts as the end.</summary>
    private const int Patience = 2;

    private static readonly TimeSpan ScanWait = TimeSpan.FromSeconds(1);
    private long _sent;
    private long _received;

    public static Tool Tool => new(
        "nc",
        "[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n\n\t-e PROG\tRun PROG after connect (must be last)\n\t-l\tListen mode, for inbound connects\n" +
        "\t-lk\tWith -e, provides persistent server\n\t-p PORT\tLocal port\n\t-s ADDR\tLocal address\n\t-w SEC\tTimeout for connects and final net reads\n\t-i SEC\tDelay interval for lines sent\n" +
        "\t-n\tDon't do DNS resolution\n\t-u\tUDP mode\n\t-b\tAllow broadcasts\n\t-v\tVerbose\n\t-z\tZero-I/O mode (scanning)",
        tool => new NetCat(tool, NetCatOptions.Parse(tool.Arguments)).RunAsync());

    public static Tool OpenBsdTool => new(
        "nc",
        "[-46CDdFhklNnrStUuvZz] [-i interval] [-p source_port] [-q seconds] [-s sourceaddr] [-w timeout] [destination] [port]",
        tool => new NetCat(tool, NetCatOptions.ParseOpenBsd(tool.Arguments)).RunAsync());

    private async Task<int> RunAsync()
    {
        var status = options.Listens ? await ListenAsync() : await ConnectAsync();
        if (options.Verbosity > 1) await tool.WriteErrorAsync($"sent {_sent}, rcvd {_received}\n");
        return status;
    }

    private async Task<int> ConnectAsync()
    {
        if (options.Host is not { } host || options.Port is not { } port) throw new UsageException();
        var remote = new SocketAddress(await Hosts.ResolveAsync(tool, host, options.V4), Hosts.Port(port));
        try
        {
            await using var channel = options.Udp
                ? new UdpChannel(tool.Process.Network.BindUdp(await LocalAsync(Hosts.AnyFor(remote.Address))), remote, null)
                : await ConnectTcpAsync(remote);
            if (options.OnlyScans && options.Udp) await ProbeAsync(channel);
            if (options.Verbosity > 0) await tool.WriteErrorAsync(Connected(host, remote));
            if (options.Program.Count > 0) return await ExecuteAsync(channel);
            return options.OnlyScans ? 0 : await CarryAsync(channel);
        }
        catch (SocketFaultException fault)
        {
            // A refusal is what a scan expects.
            if (options is { OpenBsd: true, Verbosity: > 0 }) await tool.WriteErrorAsync($"nc: connect to {host} ({remote.Address}) port {remote.Port} ({Protocol}) failed: {fault.Message}\n");
            else if (options.Verbosity > 1 || (options.Verbosity > 0 && fault.Fault != SocketFault.ConnectionRefused)) await tool.WarnAsync($"{host} ({remote}): {fault.Message}");
            return 1;
        }
    }

    private string Protocol => options.Udp ? "udp" : "tcp";

    private string Connected(string host, SocketAddress remote) =>
        options.OpenBsd ? $"Connection to {host} ({remote.Address}) {remote.Port} port [{Protocol}/*] succeeded!\n" : $"{host} ({remote}) open\n";

    private async Task<NetCatChannel> ConnectTcpAsync(SocketAddress remote)
    {
        using var deadline = new Deadline(tool, options.Wait);
        try
        {
            SocketAddress? local = options.LocalPort == 0 && options.LocalAddress is null ? null : await LocalAsync(Hosts.AnyFor(remote.Address));
            return new TcpChannel(await tool.Process.Network.ConnectTcpAsync(remote, local, deadline.Token));
        }
        catch (OperationCanceledException) when (!tool.Killed.IsCancellationRequested)
        {
            throw new SocketFaultException(SocketFault.TimedOut);
        }
    }

    /// <summary>A UDP port is shut if ICMP says so; silence means open.</summary>
    private async Task ProbeAsync(NetCatChannel channel)
    {
        await channel.WriteAsync("\n"u8.ToArray(), tool.Killed);
        using var deadline = new Deadline(tool, options.Wait ?? ScanWait);
        try
        {
            await channel.ReadAsync(new byte[BufferSize], deadline.Token);
        }
        catch (OperationCanceledException) when (!tool.Killed.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<int> ListenAsync()
    {
        var local = await LocalAsync(options.V4 == true ? IpAddress.AnyV4 : IpAddress.AnyV6);
        // Who may connect; nobody in particular if none is named.
        IpAddress? allowed = options.Host is { } host ? await Hosts.ResolveAsync(tool, host) : null;
        if (options.Udp)
        {
            if (options.LocalPort == 0) throw new ToolException("UDP listen needs nonzero -p port");
            await using var channel = await ReceiveFirstAsync(Bound(() => tool.Process.Network.BindUdp(local)), allowed);
            return await ServeAsync(channel);
        }
        await using var listener = Bound(() => tool.Process.Network.ListenTcp(local));
        await ReportListeningAsync(listener.Local);
        while (true)
        {
            using var deadline = new Deadline(tool, options.Wait);
            TcpChannel accepted;
            try
            {
                if (await listener.AcceptAsync(deadline.Token) is not { } connection) return 1;
                accepted = new TcpChannel(connection);
            }
            catch (OperationCanceledException) when (!tool.Killed.IsCancellationRequested)
            {
                throw new ToolException("timeout");
            }
            if (allowed is { } only && accepted.Remote.Address != only)
            {
                if (options.Verbosity > 0) await tool.WarnAsync($"connect from wrong ip/port {accepted.Remote} ignored");
                await accepted.DisposeAsync();
                continue;
            }
            if (!options.Persists || options.Program.Count == 0)
            {
                await listener.DisposeAsync();
                await using (accepted) return await ServeAsync(accepted);
            }
            // Each connection has its own process, as a fork would give it.
            _ = tool.Process.Simulation.Start(() => ServeApartAsync(accepted));
        }
    }

    private async Task ServeApartAsync(NetCatChannel channel)
    {
        try
        {
            await using (channel) await ServeAsync(channel);
        }
        catch (ToolException fault)
        {
            await tool.WarnAsync(fault.Message);
        }
        catch (OperationCanceledException) when (tool.Killed.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<NetCatChannel> ReceiveFirstAsync(IUdpSocket socket, IpAddress? allowed)
    {
        await ReportListeningAsync(socket.Local);
        using var deadline = new Deadline(tool, options.Wait);
        try
        {
            Datagram first;
            do first = await socket.ReceiveAsync(deadline.Token);
            while (allowed is { } only && first.Remote.Address != only);
            return new UdpChannel(socket, first.Remote, first.Payload);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            tool.Killed.ThrowIfCancellationRequested();
            throw new ToolException("timeout");
        }
    }

    private async ValueTask ReportListeningAsync(SocketAddress local)
    {
        if (options.Verbosity > 0) await tool.WriteErrorAsync($"listening on {local} ...\n");
    }

    private async Task<int> ServeAsync(NetCatChannel channel)
    {
        if (options.Verbosity > 0) await tool.WriteErrorAsync($"connect to {channel.Local} from {channel.Remote.Address} ({channel.Remote})\n");
        return options.Program.Count > 0 ? await ExecuteAsync(channel) : await CarryAsync(channel);
    }

    private async Task<int> ExecuteAsync(NetCatChannel channel)
    {
        try
        {
            var process = tool.Process.Processes.Start(new ProcessSpec(
                options.Program, tool.Process.Environment, tool.Process.WorkingDirectory, channel, channel, tool.Process.Stderr));
            return await process.Exit.WaitAsync(tool.Killed);
        }
        catch (ProgramNotFoundException)
        {
            throw new ToolException($"can't execute '{options.Program[0]}': No such file or directory", 127);
        }
    }

    /// <summary>Standard input to the network and back, until the other side closes or both have been silent for too long.</summary>
    private async Task<int> CarryAsync(NetCatChannel channel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(tool.Killed);
        var progress = new Activity();
        var sending = SendAsync(channel, progress, ended.Token);
        var receiving = ReceiveAsync(channel, progress, ended.Token);
        var silent = WatchAsync(progress, ended.Token);
        var first = await Task.WhenAny(receiving, silent);
        await ended.CancelInOrderAsync();
        if (first == silent && options.Verbosity > 1 && !tool.Killed.IsCancellationRequested) await tool.WriteErrorAsync("net timeout\n");
        await Task.WhenAll(sending, receiving, silent);
        tool.Killed.ThrowIfCancellationRequested();
        return 0;
    }

    private async Task SendAsync(NetCatChannel channel, Activity progress, CancellationToken ended)
    {
        var buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = await tool.Process.Stdin.ReadAsync(buffer, ended)) > 0)
            {
                progress.Touch();
                if (options.Interval is { } interval) await Task.Delay(interval, tool.Clock, ended);
                // What was read is sent, also when the other side has ended its part meanwhile.
                await channel.WriteAsync(buffer.AsMemory(0, count), tool.Killed);
                _sent += count;
            }
            if (options.EndsWriting) await channel.EndWritingAsync();
        }
        catch (Exception over) when (over is OperationCanceledException or BrokenPipeException or SocketFaultException)
        {
            return; // the other side ended it; what it still sends is received
        }
    }

    private async Task ReceiveAsync(NetCatChannel channel, Activity progress, CancellationToken ended)
    {
        var buffer = new byte[BufferSize];
        try
        {
            int count;
            while ((count = await channel.ReadAsync(buffer, ended)) > 0)
            {
                progress.Touch();
                _received += count;
                await tool.Process.Stdout.WriteAsync(buffer.AsMemory(0, count), ended);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (SocketFaultException fault)
        {
            if (options.Verbosity > 1) await tool.WarnAsync($"net read: {fault.Message}");
        }
    }

    private async Task WatchAsync(Activity progress, CancellationToken ended)
    {
        try
        {
            for (var silences = 0; silences < Patience;)
            {
                var before = progress.Count;
                await Task.Delay(options.Wait ?? Timeout.InfiniteTimeSpan, tool.Clock, ended);
                if (progress.Count == before) silences++;
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task<SocketAddress> LocalAsync(IpAddress any) =>
        new(options.LocalAddress is { } address ? await Hosts.ResolveAsync(tool, address) : any, options.LocalPort);

    private static T Bound<T>(Func<T> bind)
    {
        try
        {
            return bind();
        }
        catch (SocketFaultException fault)
        {
            throw new ToolException($"bind: {fault.Message}");
        }
    }

    private sealed class Activity
    {
        private int _count;
        public int Count => Volatile.Read(ref _count);
        public void Touch() => Interlocked.Increment(ref _count);
    }
}
