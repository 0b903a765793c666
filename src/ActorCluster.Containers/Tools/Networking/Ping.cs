using System.Globalization;
using System.Text;
using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>ping and ping6: an echo request each interval, replies as they come, statistics at the end or on ^C.</summary>
internal sealed class Ping
{
    private const int HeaderBytes = 8;
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(10);

    private readonly ToolContext _tool;
    private readonly string _host;
    private readonly int _size;
    private readonly int? _count;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _wait;
    private readonly TimeSpan? _deadline;
    private readonly bool _quiet;
    private readonly bool _adaptive;
    private readonly bool? _v4;
    private readonly List<TimeSpan> _trips = [];
    private int _sent;

    private Ping(ToolContext tool, bool? v4)
    {
        var options = tool.Parse("46c:s:i:AI:W:w:qt:p:v");
        if (options.Operands.Count != 1) throw new UsageException();
        (_tool, _host) = (tool, options.Operands[0]);
        _v4 = options.Has('4') ? true : options.Has('6') ? false : v4;
        _count = options.Value('c') is { } count ? (int)Number(count) : null;
        if (_count == 0) _count = null;
        _size = options.Value('s') is { } size ? (int)Number(size) : 56;
        _interval = options.Value('i') is { } interval ? ToolContext.Duration(interval) : TimeSpan.FromSeconds(1);
        _wait = options.Value('W') is { } wait ? TimeSpan.FromSeconds(Number(wait)) : DefaultWait;
        _deadline = options.Value('w') is { } deadline && Number(deadline) > 0 ? TimeSpan.FromSeconds(Number(deadline)) : null;
        (_quiet, _adaptive) = (options.Has('q'), options.Has('A'));
    }

    private const string Usage =
        "[OPTIONS] HOST\n\nSend ICMP ECHO_REQUESTs to HOST\n\n\t-4,-6\t\tForce IP or IPv6 name resolution\n\t-c CNT\t\tSend only CNT pings\n\t-s SIZE\t\tSend SIZE data bytes in packets (default 56)\n" +
        "\t-i SECS\t\tInterval\n\t-A\t\tPing as soon as reply is received\n\t-W SEC\t\tSeconds to wait for the first response (default 10)\n\t\t\t(after all -c CNT packets are sent)\n" +
        "\t-w SEC\t\tSeconds until ping exits (default:infinite)\n\t\t\t(can exit earlier with -c CNT)\n\t-q\t\tQuiet, only display output at start/finish";

    public static Tool Tool => new("ping", Usage, tool => new Ping(tool, null).RunAsync());
    public static Tool Tool6 => new("ping6", Usage, tool => new Ping(tool, false).RunAsync());

    private async Task<int> RunAsync()
    {
        var remote = await Hosts.ResolveAsync(_tool, _host, _v4);
        await PrintAsync(string.Create(CultureInfo.InvariantCulture, $"PING {_host} ({remote}): {_size} data bytes\n"));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_tool.Killed);
        _tool.Process.Signals.Handle(Signals.Interrupt, stopping.Cancel);
        try
        {
            await SendAllAsync(remote, stopping);
        }
        catch (SocketFaultException fault)
        {
            throw new ToolException($"sendto: {fault.Message}");
        }
        finally
        {
            _tool.Process.Signals.Handle(Signals.Interrupt, null);
        }
        _tool.Killed.ThrowIfCancellationRequested();
        await PrintAsync(Statistics());
        return _trips.Count == 0 || (_deadline is not null && _trips.Count < _count) ? 1 : 0;
    }

    private async Task SendAllAsync(IpAddress remote, CancellationTokenSource stopping)
    {
        using var limit = new CancellationTokenSource(_deadline ?? Timeout.InfiniteTimeSpan, _tool.Clock);
        using var onLimit = limit.Token.Register(stopping.Cancel);
        using var socket = _tool.Process.Network.OpenEcho();
        var waiting = new List<Task>();
        try
        {
            while (_count is null || _sent < _count)
            {
                var echo = EchoAsync(socket, remote, _sent++, stopping.Token);
                waiting.RemoveAll(task => task.IsCompletedSuccessfully);
                waiting.Add(echo);
                if (_sent == _count) break;
                var pause = Task.Delay(_interval, _tool.Clock, stopping.Token);
                await await (_adaptive ? Task.WhenAny(echo, pause) : Task.WhenAny(pause));
            }
            await Task.WhenAll(waiting);
        }
        catch (OperationCanceledException) when (!_tool.Killed.IsCancellationRequested)
        {
            return; // ^C or the deadline: what was sent and received so far counts
        }
    }

    private async Task EchoAsync(IEchoSocket socket, IpAddress remote, int sequence, CancellationToken stopping)
    {
        if (await socket.EchoAsync(remote, _size, _wait, stopping) is not { } reply) return;
        lock (_trips) _trips.Add(reply.RoundTrip);
        if (_quiet) return;
        await PrintAsync(string.Create(
            CultureInfo.InvariantCulture, $"{_size + HeaderBytes} bytes from {remote}: seq={sequence} ttl={reply.TimeToLive} time={Milliseconds(reply.RoundTrip)} ms\n"));
    }

    private string Statistics()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"\n--- {_host} ping statistics ---\n{_sent} packets transmitted, {_trips.Count} packets received, {(_sent == 0 ? 0 : (_sent - _trips.Count) * 100 / _sent)}% packet loss\n");
        if (_trips.Count == 0) return text;
        var average = TimeSpan.FromTicks((long)_trips.Average(trip => trip.Ticks));
        return $"{text}round-trip min/avg/max = {Milliseconds(_trips.Min())}/{Milliseconds(average)}/{Milliseconds(_trips.Max())} ms\n";
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static long Number(string text) =>
        ToolContext.Number(text) is >= 0 and <= int.MaxValue and var number ? number : throw new ToolException($"number {text} is not in 0..{int.MaxValue} range");

    /// <summary>Unbuffered: replies come when they come, several at a time with a short interval.</summary>
    private ValueTask PrintAsync(string text) => _tool.Process.Stdout.WriteAsync(Encoding.UTF8.GetBytes(text), _tool.Killed);
}
