using System.Globalization;
using System.Text;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>agnhost port-forward-tester: takes one connection, reads what it expects of the client, sends so many chunks at an interval, and ends. Its environment says which.</summary>
internal static class PortForwardTester
{
    /// <summary>Between its FIN and its end, so that the client has read everything before it can meet a reset (rstAvoidanceDelay).</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(AgnHostContext agnhost)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(agnhost.Process.Killed);
        var serving = ServeAsync(agnhost, ended.Token);
        var signalled = agnhost.UntilSignalAsync();
        if (await Task.WhenAny(serving, signalled) == signalled) await ended.CancelInOrderAsync();
        try
        {
            return await serving;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return await signalled;
        }
    }

    private static async Task<int> ServeAsync(AgnHostContext agnhost, CancellationToken ended)
    {
        try
        {
            var (host, port) = (Setting(agnhost, "BIND_ADDRESS"), Setting(agnhost, "BIND_PORT"));
            await using var listener = await ListenAsync(agnhost, host.Length == 0 ? "localhost" : host, port);
            if (await listener.AcceptAsync(ended) is not { } connection) return 1;
            await using (connection)
            {
                await SayAsync(agnhost, "Accepted client connection");
                await ExpectAsync(agnhost, connection, Setting(agnhost, "EXPECTED_CLIENT_DATA"), ended);
                await SendAsync(agnhost, connection, Number(agnhost, "CHUNKS"), Number(agnhost, "CHUNK_SIZE"), TimeSpan.FromMilliseconds(Number(agnhost, "CHUNK_INTERVAL")), ended);
                await SayAsync(agnhost, "Shutting down connection");
                await connection.Output.CompleteAsync();
                await Task.Delay(Linger, agnhost.Process.Clock, ended);
            }
            await SayAsync(agnhost, "Done");
            return 0;
        }
        catch (EndedException end)
        {
            await SayAsync(agnhost, end.Message);
            return end.ExitCode;
        }
    }

    private static async Task<ITcpListener> ListenAsync(AgnHostContext agnhost, string host, string port)
    {
        if (!int.TryParse(port.Length == 0 ? "0" : port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw new EndedException(1, $"Error resolving: lookup tcp/{port}: unknown port");
        if (number > ushort.MaxValue) throw new EndedException(1, $"Error resolving: address {port}: invalid port");
        try
        {
            return agnhost.Process.Network.ListenTcp(new(await agnhost.ResolveAsync(host), (ushort)number));
        }
        catch (GoException unknown)
        {
            throw new EndedException(1, $"Error resolving: {unknown.Message}");
        }
        catch (SocketFaultException fault)
        {
            throw new EndedException(1, $"Error listening: {GoException.Describe($"listen tcp {host}:{port}", fault, "bind")}");
        }
    }

    /// <summary>One read, as upstream's: a client's few bytes come in one piece.</summary>
    private static async Task ExpectAsync(AgnHostContext agnhost, ITcpConnection connection, string expected, CancellationToken ended)
    {
        var wanted = Encoding.UTF8.GetBytes(expected);
        if (wanted.Length == 0) return;
        var read = await connection.Input.ReadAsync(ended);
        var got = new byte[Math.Min(read.Buffer.Length, wanted.Length)];
        var taken = read.Buffer.Slice(0, got.Length);
        var at = 0;
        foreach (var segment in taken)
        {
            segment.Span.CopyTo(got.AsSpan(at));
            at += segment.Length;
        }
        connection.Input.AdvanceTo(taken.End);
        if (got.Length != wanted.Length)
            throw new EndedException(2, string.Create(CultureInfo.InvariantCulture, $"Expected to read {wanted.Length} bytes from client, but got {got.Length} instead. err={(got.Length == 0 ? "EOF" : "<nil>")}"));
        if (!got.AsSpan().SequenceEqual(wanted)) throw new EndedException(3, $"Expect to read \"{expected}\", but got \"{Encoding.UTF8.GetString(got)}\". err=<nil>");
        await SayAsync(agnhost, "Received expected client data");
    }

    private static async Task SendAsync(AgnHostContext agnhost, ITcpConnection connection, int chunks, int size, TimeSpan interval, CancellationToken ended)
    {
        var chunk = Encoding.ASCII.GetBytes(new string('x', Math.Max(0, size)));
        for (var sent = 0; sent < chunks; sent++)
        {
            if (sent > 0) await Task.Delay(interval, agnhost.Process.Clock, ended);
            if ((await connection.Output.WriteAsync(chunk, ended)).IsCompleted)
                throw new EndedException(4, string.Create(CultureInfo.InvariantCulture, $"Expected to write {size} bytes from client, but wrote 0 instead. err=write tcp {connection.Local}->{connection.Remote}: write: broken pipe"));
        }
    }

    private static string Setting(AgnHostContext agnhost, string name) => agnhost.Process.Environment.GetValueOrDefault(name, "");

    private static int Number(AgnHostContext agnhost, string name) =>
        int.TryParse(Setting(agnhost, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new EndedException(1, $"Error parsing {name} \"{Setting(agnhost, name)}\": strconv.Atoi: parsing \"{Setting(agnhost, name)}\": invalid syntax");

    private static ValueTask SayAsync(AgnHostContext agnhost, string line) => agnhost.Process.PrintAsync($"{line}\n");

    /// <summary>os.Exit after a message on standard output.</summary>
    private sealed class EndedException(int exitCode, string message) : Exception(message)
    {
        public int ExitCode => exitCode;
    }
}
