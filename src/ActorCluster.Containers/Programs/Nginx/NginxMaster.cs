using System.Threading.Channels;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>A running nginx: its listeners, the handler of the configuration in force, and the signals that change them.</summary>
internal sealed class NginxMaster : IDisposable
{
    public const int UserSignal1 = 10;
    private const int BindAttempts = 5;
    private static readonly TimeSpan BindRetry = TimeSpan.FromMilliseconds(500);

    private readonly ProcessContext _context;
    private readonly NginxLog _log;
    private readonly Func<Task<NginxConfiguration>> _load;
    private readonly NginxVariables _variables;
    private readonly NginxProxy _proxy;
    private readonly NginxStatus _status = new();
    private readonly Channel<int> _signals = Channel.CreateUnbounded<int>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killed;
    private readonly Dictionary<SocketAddress, Served> _served = [];
    private readonly List<Task> _ending = [];
    private NginxConfiguration _configuration;
    private volatile NginxHandler _handler;

    /// <param name="load">Reads the configuration again, for SIGHUP.</param>
    public NginxMaster(ProcessContext context, NginxLog log, NginxConfiguration configuration, Func<Task<NginxConfiguration>> load)
    {
        (_context, _log, _configuration, _load) = (context, log, configuration, load);
        _killed = CancellationTokenSource.CreateLinkedTokenSource(context.Killed);
        _variables = new NginxVariables(context.Clock, context.Environment.GetValueOrDefault("HOSTNAME", "localhost"), context.ProcessId);
        _proxy = new NginxProxy(context.Network, (name, cancellationToken) => HostNames.ResolveAsync(context, name, cancellationToken), _variables, log, context.Clock);
        _handler = CreateHandler(configuration);
    }

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        foreach (var signal in new[] { Signals.Quit, Signals.Terminate, Signals.Interrupt, Signals.Hangup, UserSignal1 })
        {
            _context.Signals.Handle(signal, () => _signals.Writer.TryWrite(signal));
        }
        _context.Signals.Handle(Signals.WindowChange, null);
        if (await BindAsync(_configuration) is not { } listeners) return 1;
        await _log.WriteErrorAsync(NginxLogLevel.Notice, "using the \"epoll\" event method");
        await _log.WriteErrorAsync(NginxLogLevel.Notice, $"nginx/{NginxFiles.Version}");
        await _log.WriteErrorAsync(NginxLogLevel.Notice, "start worker processes");
        Serve(listeners);
        try
        {
            await HandleSignalsAsync();
            await Task.WhenAll(_served.Values.Select(served => served.Ended).Concat(_ending));
            await _log.WriteErrorAsync(NginxLogLevel.Notice, "exit");
            return 0;
        }
        finally
        {
            // A SIGKILL ends up here, too: nothing may go on serving when the process is gone.
            await _killed.CancelInOrderAsync();
        }
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _stopping.Dispose();
        _killed.Dispose();
    }

    private async Task HandleSignalsAsync()
    {
        while (true)
        {
            var signal = await _signals.Reader.ReadAsync(_context.Killed);
            switch (signal)
            {
                case Signals.Hangup:
                    await _log.WriteErrorAsync(NginxLogLevel.Notice, "signal 1 (SIGHUP) received, reconfiguring");
                    await ReloadAsync();
                    break;
                case UserSignal1:
                    await _log.WriteErrorAsync(NginxLogLevel.Notice, "signal 10 (SIGUSR1) received, reopening logs");
                    await _log.ReopenAsync();
                    break;
                case Signals.Quit:
                    await _log.WriteErrorAsync(NginxLogLevel.Notice, "signal 3 (SIGQUIT) received, shutting down");
                    await _log.WriteErrorAsync(NginxLogLevel.Notice, "gracefully shutting down");
                    await _stopping.CancelInOrderAsync();
                    return;
                default:
                    await _log.WriteErrorAsync(NginxLogLevel.Notice, $"signal {signal} ({(signal == Signals.Interrupt ? "SIGINT" : "SIGTERM")}) received, exiting");
                    await _killed.CancelInOrderAsync();
                    return;
            }
        }
    }

    private NginxHandler CreateHandler(NginxConfiguration configuration) =>
        new(configuration, _variables, new NginxStaticFiles(_context.Files, _variables, _log), _proxy, _status, _log, _stopping.Token);

    private void Serve(IEnumerable<ITcpListener> listeners)
    {
        var server = _context.Services.GetRequiredService<SharedHttpServer>();
        foreach (var listener in listeners)
        {
            // Not disposed: a listener that a reload dropped may still drain, and its timerless source holds nothing.
            var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var ended = server.ServeAsync(_status.Count(listener), http => _handler.HandleAsync(http), stopping: stopping.Token, killed: _killed.Token);
            _served.Add(listener.Local, new Served(stopping, ended));
        }
    }

    /// <summary>Binds all addresses that aren't bound yet, trying again for a while as nginx does when a predecessor still holds one.</summary>
    /// <returns>Null when that failed; the log says why.</returns>
    private async Task<IReadOnlyList<ITcpListener>?> BindAsync(NginxConfiguration configuration)
    {
        var bound = new Dictionary<SocketAddress, ITcpListener>();
        for (var attempt = 1; ; attempt++)
        {
            var (failed, hopeless) = (false, false);
            foreach (var address in configuration.Listens.Where(address => !bound.ContainsKey(address) && !_served.ContainsKey(address)))
            {
                try
                {
                    bound.Add(address, _context.Network.ListenTcp(address));
                }
                catch (SocketFaultException fault)
                {
                    foreach (var name in configuration.NamesOf(address)) await ComplainAsync($"bind() to {name} failed ({Errno.Describe(fault)})");
                    failed = true;
                    hopeless |= fault.Fault != SocketFault.AddressInUse;
                }
            }
            if (!failed) return [.. bound.Values];
            if (!hopeless && attempt == BindAttempts) await ComplainAsync("still could not bind()");
            if (hopeless || attempt == BindAttempts)
            {
                foreach (var listener in bound.Values) await listener.DisposeAsync();
                return null;
            }
            await _log.WriteErrorAsync(NginxLogLevel.Notice, "try again to bind() after 500ms");
            await Task.Delay(BindRetry, _context.Clock, _context.Killed);
        }
    }

    /// <summary>To the log and, as long as it may be looked at, to the terminal.</summary>
    private async Task ComplainAsync(string message)
    {
        await _log.WriteErrorAsync(NginxLogLevel.Emerg, message);
        if (_served.Count == 0) await _context.PrintErrorAsync($"nginx: [emerg] {message}\n");
    }

    /// <summary>The new configuration answers from the next request on; a faulty one changes nothing.</summary>
    private async Task ReloadAsync()
    {
        try
        {
            var next = await _load();
            _log.Open(next.ErrorLog);
            if (await BindAsync(next) is not { } listeners) return;
            (_log.ErrorLog, _log.Level) = (next.ErrorLog, next.ErrorLevel);
            (_configuration, _handler) = (next, CreateHandler(next));
            Serve(listeners);
            foreach (var address in _served.Keys.Except(next.Listens).ToList())
            {
                _served.Remove(address, out var dropped);
                await dropped!.Stopping.CancelInOrderAsync();
                _ending.Add(dropped.Ended);
            }
        }
        catch (NginxConfigException invalid)
        {
            await _log.WriteErrorAsync(NginxLogLevel.Emerg, invalid.Message);
        }
    }

    private sealed record Served(CancellationTokenSource Stopping, Task Ended);
}
