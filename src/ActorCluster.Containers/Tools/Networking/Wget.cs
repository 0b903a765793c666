using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Tools.Networking;

/// <summary>busybox's wget for HTTP and HTTPS: a connection for each request, redirects followed, the file saved with a progress bar.</summary>
internal sealed class Wget(ToolContext tool, WgetOptions options)
{
    private const int RedirectLimit = 16;
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private Stream? _log;
    private Stream? _file;
    private bool _toStdout;
    private string _name = "";
    private long _begin;

    public static Tool Tool => new(
        "wget",
        "[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...\n\n" +
        "Retrieve files via HTTP\n\n\t--spider\tOnly check URL existence: $? is 0 if exists\n\t--header STR\tAdd STR (of form 'header: value') to headers\n\t--post-data STR\tSend STR using POST method\n" +
        "\t--post-file FILE\tSend FILE using POST method\n\t--no-check-certificate\tDon't validate the server's certificate\n\t-c\t\tContinue retrieval of aborted transfer\n\t-q\t\tQuiet\n" +
        "\t-P DIR\t\tSave to DIR (default .)\n\t-S    \t\tShow server response\n\t-T SEC\t\tNetwork read timeout is SEC seconds\n\t-O FILE\t\tSave to FILE ('-' for stdout)\n\t-U STR\t\tUse STR for User-Agent header",
        async tool => await new Wget(tool, WgetOptions.Parse(tool)).RunAsync());

    private async Task<int> RunAsync()
    {
        try
        {
            if (options.LogPath is { } path) _log = tool.Files.Open(tool.Path(path), FileOpen.Write);
            foreach (var url in options.Urls) await DownloadAsync(WgetUrl.Parse(url));
            return 0;
        }
        finally
        {
            if (_file is not null) await _file.DisposeAsync();
            if (_log is not null) await _log.DisposeAsync();
        }
    }

    private async Task DownloadAsync(WgetUrl target)
    {
        ChooseFile(target);
        SocketAddress? server = null;
        for (var redirects = RedirectLimit; ; redirects--)
        {
            server ??= await ResolveAsync(target);
            await using var connection = await ConnectAsync(server.Value);
            var tap = new TaskCompletionSource<HttpTap>();
            using var client = CreateClient(connection, tap);
            using var request = await CreateRequestAsync(target);
            using var response = await SendAsync(client, request);
            var head = Encoding.Latin1.GetString((await tap.Task).ReceivedHead.Span).Split("\r\n");
            if (options.ShowsHeaders) await LogAsync(string.Concat(head[..^1].Select(line => $"  {Printable(line)}\n")));
            await CheckAsync((int)response.StatusCode, head);
            if ((int)response.StatusCode < 300 || !response.Headers.NonValidated.TryGetValues("Location", out var location))
            {
                await FinishAsync(response);
                return;
            }
            if (redirects == 1) throw new ToolException("too many redirections");
            var next = target.Follow(location.ToString());
            if (!location.ToString().StartsWith('/')) server = null;
            target = next;
        }
    }

    private void ChooseFile(WgetUrl target)
    {
        _begin = 0;
        if (options.Output is { } output)
        {
            (_name, _toStdout) = (output, output == "-");
        }
        else
        {
            _name = options.Prefix is { } folder ? $"{folder.TrimEnd('/')}/{target.FileName}" : target.FileName;
        }
        if (options.Continue && !_toStdout && tool.Find(_name) is { Kind: FileKind.Regular } present)
        {
            _begin = present.Length;
            _file = tool.Files.Open(tool.Path(_name), FileOpen.Append);
        }
    }

    private async Task<SocketAddress> ResolveAsync(WgetUrl target)
    {
        var (host, port) = Hosts.Split(target.Host);
        var server = new SocketAddress(await Hosts.ResolveAsync(tool, host, shown: target.Host), port ?? target.DefaultPort);
        await NoteAsync($"Connecting to {target.Host} ({server})\n");
        if (target.IsSecure && options.ChecksCertificates) await tool.WarnAsync("note: TLS certificate validation not implemented");
        return server;
    }

    private async Task<ITcpConnection> ConnectAsync(SocketAddress server)
    {
        using var deadline = new Deadline(tool, options.Timeout);
        try
        {
            return await tool.Process.Network.ConnectTcpAsync(server, null, deadline.Token);
        }
        catch (SocketFaultException fault)
        {
            throw new ToolException($"can't connect to remote host{(server.Address.IsV4 ? $" ({server.Address})" : "")}: {fault.Message}");
        }
        catch (OperationCanceledException) when (!tool.Killed.IsCancellationRequested)
        {
            throw new ToolException("download timed out");
        }
    }

    private static HttpMessageInvoker CreateClient(ITcpConnection connection, TaskCompletionSource<HttpTap> tap)
    {
        var used = false;
        var handler = SimulatedHttpClientFactory.CreateHandler();
        handler.ConnectCallback = (_, _) =>
        {
            // HttpClient would send the request anew when the server closes without a word.
            if (used) throw new SocketFaultException(SocketFault.ConnectionReset);
            used = true;
            return ValueTask.FromResult<Stream>(new TcpConnectionStream(connection));
        };
        handler.PlaintextStreamFilter = (filtering, _) =>
        {
            var stream = new HttpTap(filtering.PlaintextStream);
            tap.TrySetResult(stream);
            return ValueTask.FromResult<Stream>(stream);
        };
#pragma warning disable CA5359 // busybox's wget validates no certificates, and says so in a note.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return new HttpMessageInvoker(handler);
    }

    private async Task<HttpRequestMessage> CreateRequestAsync(WgetUrl target)
    {
        var post = options.PostText is { } text ? Encoding.UTF8.GetBytes(text) : options.PostPath is { } path ? await tool.ReadAllAsync(tool.Open(path)) : null;
        Uri uri;
        try
        {
            uri = target.ToUri();
        }
        catch (UriFormatException)
        {
            throw new ToolException($"bad address '{target.Host}'");
        }
        var request = new HttpRequestMessage(post is null ? HttpMethod.Get : HttpMethod.Post, uri) { Content = post is null ? null : new ByteArrayContent(post) };
        request.Headers.Host = target.Host;
        request.Headers.ConnectionClose = true;
        request.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        if (target.User is { } user) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        if (_begin > 0) request.Headers.TryAddWithoutValidation("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={_begin}-"));
        request.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        foreach (var group in options.Headers.GroupBy(header => header.Name, StringComparer.OrdinalIgnoreCase))
        {
            request.Headers.Remove(group.Key);
            if (request.Headers.TryAddWithoutValidation(group.Key, group.Select(header => header.Value))) continue;
            // A header that belongs to a body, such as Content-Type.
            request.Content ??= new ByteArrayContent([]);
            request.Content.Headers.Remove(group.Key);
            request.Content.Headers.TryAddWithoutValidation(group.Key, group.Select(header => header.Value));
        }
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker client, HttpRequestMessage request)
    {
        using var deadline = new Deadline(tool, options.Timeout);
        try
        {
            return await client.SendAsync(request, deadline.Token);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            throw new ToolException(failed.GetBaseException() is SocketFaultException { Fault: not SocketFault.ConnectionReset } fault ? $"error getting response: {fault.Message}" : "error getting response");
        }
        catch (OperationCanceledException) when (!tool.Killed.IsCancellationRequested)
        {
            throw new ToolException("download timed out");
        }
    }

    private async Task CheckAsync(int status, string[] head)
    {
        switch (status)
        {
            case >= 200 and <= 204:
                if (_begin > 0) await RestartAsync();
                break;
            case 300 or 301 or 302 or 303 or 307 or 308:
                break;
            case 206 when _begin > 0:
                break;
            default:
                throw new ToolException($"server returned error: {Printable(head.LastOrDefault(line => line.StartsWith("HTTP/", StringComparison.Ordinal)) ?? "")}");
        }
    }

    /// <summary>The server doesn't know of ranges.</summary>
    private async Task RestartAsync()
    {
        await tool.WarnAsync("restart failed");
        _begin = 0;
        await _file!.DisposeAsync();
        _file = tool.Files.Open(tool.Path(_name), FileOpen.Write);
    }

    private async Task FinishAsync(HttpResponseMessage response)
    {
        if (options.OnlyChecks)
        {
            await NoteAsync("remote file exists\n");
            return;
        }
        if (_file is null && !_toStdout) _file = OpenFile();
        await NoteAsync(_toStdout ? "writing to stdout\n" : $"saving to '{_name}'\n");
        await ReceiveAsync(response);
        await NoteAsync(_toStdout ? "written to stdout\n" : $"'{_name}' saved\n");
        if (options.Output is not null || _file is null) return;
        await _file.DisposeAsync();
        _file = null;
    }

    private Stream OpenFile()
    {
        // Without -O nothing is overwritten.
        if (options.Output is null && tool.Exists(_name)) throw new ToolException($"can't open '{_name}': File exists");
        try
        {
            return tool.Files.Open(tool.Path(_name), FileOpen.Write);
        }
        catch (FileFaultException fault)
        {
            throw new ToolException($"can't open '{_name}': {fault.Message}");
        }
    }

    private async Task ReceiveAsync(HttpResponseMessage response)
    {
        var onTerminal = _log is null && ProcessContext.IsTerminal(tool.Process.Stderr);
        var width = onTerminal && tool.Process.Terminal is { Width: > 0 } terminal ? terminal.Width : 80;
        var progress = new WgetProgress(tool.Clock, ToolContext.LastName(_name), onTerminal, width);
        var length = response.Content.Headers.ContentLength;
        var transferred = 0L;
        var buffer = new byte[16 * 1024];
        using var seconds = new Seconds(tool);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(tool.Killed);
            int count;
            while ((count = await ReadAsync(body, buffer, seconds, () => ShowAsync(length, last: false))) > 0)
            {
                await WriteAsync(buffer.AsMemory(0, count));
                transferred += count;
                if (transferred != length) await ShowAsync(length, last: false);
            }
        }
        catch (IOException broken) when (broken is not (BrokenPipeException or FileFaultException))
        {
            await ShowAsync(length, last: true);
            throw new ToolException(broken.GetBaseException() is SocketFaultException fault ? $"read error: {fault.Message}" : "connection closed prematurely");
        }
        await ShowAsync(transferred, last: true);

        async Task ShowAsync(long? whole, bool last)
        {
            if (options.Quiet || progress.Line(_begin, transferred, whole is { } known ? _begin + known : 0) is not { } line) return;
            await LogAsync(last && onTerminal ? line + "\n" : line);
        }
    }

    /// <summary>Waits for data, a second at a time so that the bar lives, and no longer than the timeout.</summary>
    private async Task<int> ReadAsync(Stream body, byte[] buffer, Seconds seconds, Func<Task> show)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(tool.Killed);
        var reading = body.ReadAsync(buffer, abandoned.Token).AsTask();
        var left = options.Timeout;
        while (await Task.WhenAny(reading, seconds.Next) != reading)
        {
            await seconds.TakeAsync();
            left -= OneSecond;
            if (left <= TimeSpan.Zero)
            {
                await abandoned.CancelInOrderAsync();
                throw new ToolException("download timed out");
            }
            await show();
        }
        return await reading;
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (_toStdout) await tool.Process.Stdout.WriteAsync(data, tool.Killed);
        else await _file!.WriteAsync(data, tool.Killed);
    }

    private async ValueTask NoteAsync(string text)
    {
        if (!options.Quiet) await LogAsync(text);
    }

    private async ValueTask LogAsync(string text)
    {
        if (_log is null) await tool.WriteErrorAsync(text);
        else await _log.WriteAsync(Encoding.UTF8.GetBytes(text), tool.Killed);
    }

    /// <summary>A header line without what a terminal would act on.</summary>
    private static string Printable(string line)
    {
        var end = line.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        return end < 0 ? line : line[..end];
    }

    /// <summary>The transfer's seconds as they pass; one that nobody waits for is kept.</summary>
    private sealed class Seconds(ToolContext tool) : IDisposable
    {
        private readonly PeriodicTimer _timer = new(OneSecond, tool.Clock);
        private Task? _next;

        public Task Next => _next ??= _timer.WaitForNextTickAsync(tool.Killed).AsTask();

        public async Task TakeAsync()
        {
            await Next;
            _next = null;
        }

        public void Dispose() => _timer.Dispose();
    }
}
