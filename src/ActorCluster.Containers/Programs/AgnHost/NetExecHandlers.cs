using System.Buffers;
using System.Globalization;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>netexec's endpoints; one line an endpoint.</summary>
/// <param name="isTerminating">SIGTERM came: still healthy, no longer ready.</param>
internal sealed class NetExecHandlers(AgnHostContext agnhost, Action<NetExecEnd> end, Func<bool> isTerminating)
{
    private readonly GoDialer _dialer = new(agnhost);
    private readonly ProcessContext _process = agnhost.Process;
    private readonly long _started = agnhost.Process.Clock.GetTimestamp();
    private readonly RandomSource _random = agnhost.Process.Simulation.Random.Child($"uploads/{agnhost.Hostname}");
    private int _readyServers;

    private bool IsReady => Volatile.Read(ref _readyServers) > 0;

    public Task HandleAsync(HttpContext http)
    {
        if (agnhost.Flags.Text("http-override") is { Length: > 0 } always)
        {
            var question = always.IndexOf('?', StringComparison.Ordinal);
            http.Request.Method = HttpMethods.Get;
            http.Request.Path = question < 0 ? always : always[..question];
            http.Request.QueryString = question < 0 ? default : new QueryString(always[question..]);
        }
        return http.Request.Path.Value switch
        {
            "/clientip" => LogAndAnswerAsync(http, GoHttp.RemoteAddress(http)),
            "/serverport" => LogAndAnswerAsync(http, agnhost.Flags.Number("http-port").ToString(CultureInfo.InvariantCulture)),
            "/hostname" or "/hostName" => LogAndAnswerAsync(http, agnhost.Hostname),
            "/header" => HeaderAsync(http),
            "/dial" => DialAsync(http),
            "/echo" => EchoAsync(http),
            "/exit" => ExitAsync(http),
            "/healthz" => HealthAsync(http),
            "/readyz" => ReadyAsync(http),
            "/redirect" => RedirectAsync(http),
            "/shell" => ShellAsync(http),
            "/shutdown" => ShutdownAsync(),
            "/upload" => UploadAsync(http),
            _ => RootAsync(http),
        };
    }

    /// <summary>Answers the commands that come as datagrams.</summary>
    public async Task ServeUdpAsync(string address, int port, IUdpSocket socket, CancellationToken killed)
    {
        using var bound = socket;
        Interlocked.Increment(ref _readyServers);
        await agnhost.LogAsync($"Started UDP server on port {address} {port}");
        while (!killed.IsCancellationRequested)
        {
            try
            {
                var datagram = await socket.ReceiveAsync(killed);
                var text = Encoding.UTF8.GetString(datagram.Payload.Span).Trim().ToLowerInvariant();
                if (await AnswerAsync(text, datagram, port) is { } answer) socket.Send(Encoding.UTF8.GetBytes(answer), datagram.Remote);
            }
            catch (SocketFaultException fault) when (fault.Fault is SocketFault.ConnectionRefused or SocketFault.HostUnreachable or SocketFault.NetworkUnreachable)
            {
                // A client that didn't wait for its answer.
            }
            catch (Exception over) when (over is OperationCanceledException or SocketFaultException)
            {
                return;
            }
        }
    }

    /// <summary>Answers the commands that come over SCTP.</summary>
    public async Task ServeSctpAsync(ISctpListener listener, CancellationToken killed)
    {
        await using var bound = listener;
        Interlocked.Increment(ref _readyServers);
        await agnhost.LogAsync("Started SCTP server");
        try
        {
            await SctpCommands.ServeCommandsAsync(agnhost, listener, killed);
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            return;
        }
        catch (GoException fault)
        {
            await agnhost.LogAsync(fault.Message);
            end(new NetExecEnd(1, TimeSpan.Zero));
        }
    }

    private async Task<string?> AnswerAsync(string text, Datagram datagram, int port)
    {
        switch (text)
        {
            case "hostname":
                await agnhost.LogAsync("Sending udp hostName response");
                return agnhost.Hostname;
            case "clientip":
                await agnhost.LogAsync($"Sending clientip back to UDP client {datagram.Remote}");
                return datagram.Remote.ToString();
            case "serverport":
                await agnhost.LogAsync($"Sending server port to UDP client {port}");
                return port.ToString(CultureInfo.InvariantCulture);
            case ['e', 'c', 'h', 'o', ' ', .. var rest]:
                await agnhost.LogAsync($"Echoing {rest} to UDP client {datagram.Remote}");
                return rest;
            default:
                if (text.Length > 0) await agnhost.LogAsync($"Unknown UDP command received from {datagram.Remote}: {text}");
                return null;
        }
    }

    private async Task LogAndAnswerAsync(HttpContext http, string answer)
    {
        await agnhost.LogAsync($"GET {http.Request.Path}");
        await GoHttp.WriteAsync(http, answer);
    }

    private async Task RootAsync(HttpContext http)
    {
        await agnhost.LogAsync("GET /");
        var now = _process.Clock.GetUtcNow();
        await GoHttp.WriteAsync(http, string.Create(CultureInfo.InvariantCulture, $"NOW: {now:yyyy-MM-dd HH:mm:ss.FFFFFFF} +0000 UTC m=+{_process.Clock.GetElapsedTime(_started).TotalSeconds:0.000000000}"));
    }

    private async Task HeaderAsync(HttpContext http)
    {
        if (await GoHttp.FormValueAsync(http, "key") is { Length: > 0 } key)
        {
            await agnhost.LogAsync($"GET /header?key={key}");
            await GoHttp.WriteAsync(http, http.Request.Headers.TryGetValue(key, out var values) && values.Count > 0 ? values[0]! : "");
            return;
        }
        await agnhost.LogAsync("GET /header");
        var headers = http.Request.Headers.Where(header => header.Key != "Host").ToDictionary(header => GoHttp.CanonicalName(header.Key), header => header.Value.ToArray());
        await GoHttp.WriteAsync(http, GoHttp.Json(headers));
    }

    private async Task EchoAsync(HttpContext http)
    {
        var (message, code) = (await GoHttp.FormValueAsync(http, "msg"), await GoHttp.FormValueAsync(http, "code"));
        await agnhost.LogAsync($"GET /echo?msg={message}&code={code}");
        if (await StatusAsync(http, code, StatusCodes.Status200OK) is { } status) await GoHttp.WriteAsync(http, message, status);
    }

    private async Task RedirectAsync(HttpContext http)
    {
        var (location, code) = (await GoHttp.FormValueAsync(http, "location"), await GoHttp.FormValueAsync(http, "code"));
        await agnhost.LogAsync($"{http.Request.Method} /redirect?msg={location}&code={code}");
        if (await StatusAsync(http, code, StatusCodes.Status302Found) is { } status) await GoHttp.RedirectAsync(http, location, status);
    }

    /// <returns>Null: that was answered already.</returns>
    private static async Task<int?> StatusAsync(HttpContext http, string code, int otherwise)
    {
        if (code.Length == 0) return otherwise;
        if (int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 999) return status;
        await GoHttp.WriteAsync(http, $"argument 'code' must be an integer or empty, got \"{code}\"\n");
        return null;
    }

    private Task HealthAsync(HttpContext http) => LogAndAnswerAsync(http, "", IsReady ? StatusCodes.Status200OK : StatusCodes.Status412PreconditionFailed);

    private Task ReadyAsync(HttpContext http) => isTerminating() ? LogAndAnswerAsync(http, "shutting down", StatusCodes.Status503ServiceUnavailable)
        : IsReady ? LogAndAnswerAsync(http, "ok", StatusCodes.Status200OK)
        : LogAndAnswerAsync(http, "", StatusCodes.Status412PreconditionFailed);

    private async Task LogAndAnswerAsync(HttpContext http, string answer, int status)
    {
        await agnhost.LogAsync($"GET {http.Request.Path}");
        await GoHttp.WriteAsync(http, answer, status);
    }

    private async Task ShutdownAsync()
    {
        await agnhost.LogAsync("GET /shutdown");
        end(new NetExecEnd(0, TimeSpan.Zero));
        await NeverAsync();
    }

    private async Task ExitAsync(HttpContext http)
    {
        var (code, timeout, wait) = (await GoHttp.FormValueAsync(http, "code"), await GoHttp.FormValueAsync(http, "timeout"), await GoHttp.FormValueAsync(http, "wait"));
        await agnhost.LogAsync($"GET /exit?code={code}&timeout={timeout}&wait={wait}");
        var (grace, pause, status) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        if (timeout.Length > 0 && !GoDuration.TryParse(timeout, out grace))
        {
            await GoHttp.WriteAsync(http, $"argument 'timeout' must be a valid golang duration or empty, got \"{timeout}\"\n");
            return;
        }
        if (wait.Length > 0 && !GoDuration.TryParse(wait, out pause))
        {
            await GoHttp.WriteAsync(http, $"argument 'wait' must be a valid golang duration or empty, got \"{wait}\"\n");
            return;
        }
        if (code.Length > 0 && !int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out status))
        {
            await GoHttp.WriteAsync(http, $"argument 'code' must be an integer [0-127] or empty, got \"{code}\"\n");
            return;
        }
        await agnhost.LogAsync($"Will begin shutdown in {GoDuration.Format(pause)}, allowing {GoDuration.Format(grace)} for connections to close, then will exit with {status}");
        if (pause > TimeSpan.Zero) await Task.Delay(pause, _process.Clock, _process.Killed);
        end(new NetExecEnd(status, grace));
        if (grace == TimeSpan.Zero) await NeverAsync();
    }

    /// <summary>The process ends in the middle of the request.</summary>
    private Task NeverAsync() => Task.Delay(Timeout.InfiniteTimeSpan, _process.Clock, _process.Killed);

    private async Task DialAsync(HttpContext http)
    {
        string Query(string name) => http.Request.Query.TryGetValue(name, out var value) && value.Count > 0 ? value[0] ?? "" : "";
        var (host, port, request, protocol, tried) = (Query("host"), Query("port"), Query("request"), Query("protocol"), Query("tries"));
        await agnhost.LogAsync($"GET /dial?host={host}&protocol={protocol}&port={port}&request={request}&tries={tried}");
        var tries = 1;
        if (tried.Length > 0 && !int.TryParse(tried, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out tries))
        {
            await GoHttp.ErrorAsync(http, $"tries parameter is invalid. strconv.Atoi: parsing \"{tried}\": invalid syntax", StatusCodes.Status400BadRequest);
            return;
        }
        if (request.Length == 0)
        {
            await GoHttp.ErrorAsync(http, "request parameter not specified. <nil>", StatusCodes.Status400BadRequest);
            return;
        }
        if (protocol.ToLowerInvariant() is not ("" or "http" or "udp" or "sctp"))
        {
            await GoHttp.ErrorAsync(http, $"unsupported protocol. {protocol}", StatusCodes.Status400BadRequest);
            return;
        }
        try
        {
            await GoHttp.WriteAsync(http, await _dialer.DialAsync(host, port, request, protocol.ToLowerInvariant(), tries));
        }
        catch (GoException fault)
        {
            await GoHttp.ErrorAsync(http, $"host and/or port param are invalid. {fault.Message}", StatusCodes.Status400BadRequest);
        }
    }

    private async Task ShellAsync(HttpContext http)
    {
        var command = await GoHttp.FormValueAsync(http, "shellCommand");
        if (command.Length == 0) command = await GoHttp.FormValueAsync(http, "cmd");
        await agnhost.LogAsync($"GET /shell?cmd={command}");
        var collected = new CombinedOutput();
        var result = new Dictionary<string, string>();
        try
        {
            var shell = _process.Processes.Start(new ProcessSpec(["/bin/sh", "-c", command], _process.Environment, _process.WorkingDirectory, EmptyInput.Instance, collected, collected));
            var code = await shell.Exit.WaitAsync(http.RequestAborted);
            if (code != 0) result["error"] = $"exit status {code}";
        }
        catch (ProgramNotFoundException)
        {
            result["error"] = "fork/exec /bin/sh: no such file or directory";
        }
        if (collected.Text is { Length: > 0 } output) result["output"] = output;
        var answer = GoHttp.Json(result);
        await agnhost.LogAsync($"Output: {answer}");
        await GoHttp.WriteAsync(http, answer);
    }

    private async Task UploadAsync(HttpContext http)
    {
        const string folder = "/uploads";
        await agnhost.LogAsync("GET /upload");
        var file = http.Request.HasFormContentType ? (await GoHttp.FormAsync(http)).Files.GetFile("file") : null;
        if (file is null)
        {
            await agnhost.LogAsync("Unable to upload file: http: no such file");
            await GoHttp.WriteAsync(http, GoHttp.Json(new Dictionary<string, string> { ["error"] = "Unable to upload file." }));
            return;
        }
        try
        {
            // The image has the folder, empty.
            if (!_process.Files.Exists(folder)) _process.Files.CreateDirectory(folder);
            var path = $"{folder}/upload{_random.Next(1_000_000_000)}";
            await using (var stream = _process.Files.Open(path, FileOpen.Write, 0b111_000_000)) await file.CopyToAsync(stream, http.RequestAborted);
            await agnhost.LogAsync($"Wrote upload to {path}");
            await GoHttp.WriteAsync(http, GoHttp.Json(new Dictionary<string, string> { ["output"] = path }), StatusCodes.Status201Created);
        }
        catch (FileFaultException fault)
        {
            await agnhost.LogAsync($"Unable to write file: {fault.Message}");
            await GoHttp.WriteAsync(http, GoHttp.Json(new Dictionary<string, string> { ["error"] = "Unable to write file." }));
        }
    }

    private sealed class CombinedOutput : IOutputStream
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public string Text
        {
            get
            {
                lock (_bytes) return Encoding.UTF8.GetString(_bytes.WrittenSpan);
            }
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            lock (_bytes) _bytes.Write(data.Span);
            return default;
        }
    }
}
