using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Programs.Nginx;

internal enum NginxLogLevel
{
    Emerg,
    Alert,
    Crit,
    Error,
    Warn,
    Notice,
    Info,
    Debug,
}

/// <summary>The access and error logs: files by path (the image links the default ones to /dev/stdout and /dev/stderr), each opened once.</summary>
internal sealed class NginxLog(ProcessContext context) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<LogFile>> _files = new();

    public string ErrorLog { get; set; } = "/var/log/nginx/error.log";
    public NginxLogLevel Level { get; set; } = NginxLogLevel.Notice;

    /// <summary>Opens a log before the first line is due, as nginx does when it starts.</summary>
    /// <exception cref="NginxConfigException">It can't be opened.</exception>
    public void Open(string path)
    {
        try
        {
            _ = File(path);
        }
        catch (FileFaultException fault)
        {
            throw new NginxConfigException($"open() \"{path}\" failed ({Errno.Describe(fault)})");
        }
    }

    /// <summary>"2026/11/23 09:18:16 [error] 1#1: *7 message".</summary>
    public Task WriteErrorAsync(NginxLogLevel level, string message, string? connection = null)
    {
        if (level > Level || ErrorLog == "/dev/null") return Task.CompletedTask;
        var time = context.Clock.GetUtcNow().ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture);
        var number = connection is null ? "" : $"*{connection} ";
        var pid = context.ProcessId.ToString(CultureInfo.InvariantCulture);
        return File(ErrorLog).WriteAsync($"{time} [{level.ToString().ToLowerInvariant()}] {pid}#{pid}: {number}{message}\n", context.Killed);
    }

    /// <summary>An error of one request, with what nginx adds about it.</summary>
    public Task WriteErrorAsync(NginxRequest request, string message, NginxLogLevel level = NginxLogLevel.Error, string? upstream = null)
    {
        var about = $"{message}, client: {request.Http.Connection.RemoteIpAddress}, server: {request.Server.PrimaryName}, request: \"{request.RequestLine}\"" +
            (upstream is null ? "" : $", upstream: \"{upstream}\"") +
            (request.Http.Request.Host.Value is { Length: > 0 } host ? $", host: \"{host}\"" : "");
        return WriteErrorAsync(level, about, request.Http.Connection.Id);
    }

    public Task WriteAccessAsync(string path, string line) => File(path).WriteAsync(line + "\n", context.Killed);

    /// <summary>Lets go of all files; the next line opens them anew (SIGUSR1, and the end).</summary>
    public async Task ReopenAsync()
    {
        foreach (var path in _files.Keys)
        {
            if (_files.TryRemove(path, out var file)) await file.Value.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await ReopenAsync();

    private LogFile File(string path) => _files.GetOrAdd(path, key => new Lazy<LogFile>(() => new LogFile(context.Files.Open(key, FileOpen.Append)))).Value;

    private sealed class LogFile(Stream stream) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        public async Task WriteAsync(string line, CancellationToken cancellationToken)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
            }
            catch (Exception fault) when (fault is BrokenPipeException or FileFaultException)
            {
                // A server goes on when nobody reads its log or the disk is full.
            }
            finally
            {
                _turn.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync();
            _turn.Dispose();
        }
    }
}
