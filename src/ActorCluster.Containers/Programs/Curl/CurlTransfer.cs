using System.Globalization;
using System.IO.Compression;
using System.Security.Authentication;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Simulation;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.Curl;

/// <summary>One URL's transfer: requests and redirects, the body to its output, headers and the meter on their way.</summary>
internal sealed class CurlTransfer(ProcessContext context, CurlOptions options, CurlRequests requests, CurlConnector connector, CurlOutput output)
{
    private readonly bool _showsMeter = !options.Silent && !options.NoProgressMeter && output.LeavesTerminalFree;
    private CurlMeter _meter = new(context.Clock);
    private bool _headerShown;

    /// <exception cref="CurlFault"/>
    public async Task RunAsync(string url, CurlInfo info)
    {
        var started = context.Clock.GetTimestamp();
        TimeSpan Elapsed() => context.Clock.GetElapsedTime(started);
        using var limit = new CancellationTokenSource(options.MaxTime ?? Timeout.InfiniteTimeSpan, context.Clock);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.Killed);
        (connector.Info, connector.Elapsed, connector.Deadline) = (info, Elapsed, deadline.Token);
        (info.Url, info.EffectiveUrl, info.Method, info.OutputFile) = (url, url, requests.InitialMethod, output.File);
        try
        {
            var uri = await requests.ParseUrlAsync(url);
            var first = uri;
            var withBody = true;
            while (true)
            {
                info.EffectiveUrl = uri.OriginalString;
                var next = await RunHopAsync(uri, info, withBody, uri.Host == first.Host, Elapsed, deadline.Token);
                if (next is null) return;
                if (++info.Redirects > options.MaxRedirects && options.MaxRedirects >= 0) throw new CurlFault(CurlFault.TooManyRedirects, $"Maximum ({options.MaxRedirects}) redirects followed");
                if (options.Method is null && (info.StatusCode == 303 || (info.StatusCode is 301 or 302 && info.Method == "POST")) && info.Method != "HEAD")
                {
                    (info.Method, withBody) = ("GET", false);
                }
                info.Redirect = Elapsed();
                uri = next;
                await NoteAsync($"Issue another request to this URL: '{uri.OriginalString}'");
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !context.Killed.IsCancellationRequested)
        {
            var size = _meter.DownloadSize is { } known ? string.Create(CultureInfo.InvariantCulture, $"{_meter.Downloaded} out of {known}") : _meter.Downloaded.ToString(CultureInfo.InvariantCulture);
            throw new CurlFault(CurlFault.OperationTimedOut, $"Operation timed out after {(long)Elapsed().TotalMilliseconds} milliseconds with {size} bytes received");
        }
        finally
        {
            info.Total = Elapsed();
            info.DownloadSize = _meter.Downloaded;
            info.UploadSize = _meter.Uploaded;
        }
    }

    /// <returns>Where a redirect that is to be followed leads, or null at the end.</returns>
    private async Task<Uri?> RunHopAsync(Uri uri, CurlInfo info, bool withBody, bool withCredentials, Func<TimeSpan> elapsed, CancellationToken deadline)
    {
        _meter = new CurlMeter(context.Clock);
        if (_showsMeter && !options.ProgressBar)
        {
            await context.PrintErrorAsync(_headerShown ? _meter.Line() : CurlMeter.Header + _meter.Line());
            _headerShown = true;
        }
        using var ticking = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        var ticker = TickAsync(ticking.Token);
        try
        {
            var next = await ExchangeAsync(uri, info, withBody, withCredentials, elapsed, deadline);
            await EndMeterAsync();
            return next;
        }
        catch (CurlFault fault)
        {
            if (fault.AfterConnecting) await EndMeterAsync();
            throw;
        }
        catch (OperationCanceledException) when (!context.Killed.IsCancellationRequested)
        {
            await EndMeterAsync();
            throw;
        }

        async Task EndMeterAsync()
        {
            await ticking.CancelInOrderAsync();
            await ticker;
            if (_showsMeter) await context.PrintErrorAsync((options.ProgressBar ? _meter.Bar() : _meter.Line()) + "\n");
        }
    }

    private async Task<Uri?> ExchangeAsync(Uri uri, CurlInfo info, bool withBody, bool withCredentials, Func<TimeSpan> elapsed, CancellationToken deadline)
    {
        connector.BeginRequest(uri);
        using var request = await requests.CreateAsync(uri, info.Method, withBody, withCredentials);
        using var response = await SendAsync(uri, request, info, deadline);
        info.StartTransfer = elapsed();
        _meter.Sample();
        var head = connector.TapFor(uri)!.ReceivedHead;
        Describe(response, head, info);
        await ShowHeadsAsync(uri, head);

        var location = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.NonValidated.TryGetValues("Location", out var values) ? values.ToString() : null;
        var next = location is null ? null : new Uri(uri, location);
        if (!options.Location) info.RedirectUrl = next?.OriginalString ?? "";
        _meter.DownloadSize = response.Content.Headers.ContentLength;
        if (options.Fail && (int)response.StatusCode >= 400)
        {
            throw new CurlFault(CurlFault.HttpReturnedError, string.Create(CultureInfo.InvariantCulture, $"The requested URL returned error: {(int)response.StatusCode}"));
        }
        var shown = options.Include || options.Head;
        if (shown) await output.WriteAsync(head);
        await ReceiveAsync(response, keep: next is null || !options.Location, deadline);
        await NoteAsync($"Connection #{info.Connects - 1} to host {uri.Host} left intact");
        if (next is not null && options.Location) return next;
        if (options.FailWithBody && (int)response.StatusCode >= 400)
        {
            throw new CurlFault(CurlFault.HttpReturnedError, string.Create(CultureInfo.InvariantCulture, $"The requested URL returned error: {(int)response.StatusCode}"));
        }
        return null;
    }

    private async Task<HttpResponseMessage> SendAsync(Uri uri, HttpRequestMessage request, CurlInfo info, CancellationToken deadline)
    {
        try
        {
            var response = await connector.Http.SendAsync(request, deadline);
            var sent = connector.TapFor(uri)!;
            _meter.Uploaded = sent.Uploaded;
            if (sent.Uploaded > 0) _meter.UploadSize = sent.Uploaded;
            info.RequestSize += sent.SentHead.Length;
            if (connector.ConnectionFor(uri) is { } connection) (info.Local, info.Remote) = (connection.Local, connection.Remote);
            return response;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            throw Explain(uri, failed as HttpRequestException);
        }
        catch (OperationCanceledException) when (connector.Failure is { } failure && !context.Killed.IsCancellationRequested)
        {
            throw failure;
        }
    }

    private CurlFault Explain(Uri uri, HttpRequestException? failed)
    {
        if (connector.Failure is { } failure) return failure;
        if (failed?.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return failed.InnerException is AuthenticationException { InnerException: null }
                ? new CurlFault(CurlFault.PeerFailedVerification, "SSL certificate problem: unable to get local issuer certificate")
                : new CurlFault(CurlFault.SslConnectError, "TLS connect error: error:00000000:lib(0)::reason(0)");
        }
        var received = connector.TapFor(uri) is { HasReceived: true };
        if (received && failed?.HttpRequestError == HttpRequestError.InvalidResponse) return new CurlFault(CurlFault.UnsupportedProtocol, "Received HTTP/0.9 when not allowed");
        for (Exception? inner = failed; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketFaultException { Fault: SocketFault.ConnectionReset or SocketFault.ConnectionAborted }) return new CurlFault(CurlFault.ReceiveError, "Recv failure: Connection reset by peer");
            if (inner is SocketFaultException socket) return new CurlFault(CurlFault.ReceiveError, $"Recv failure: {socket.Message}");
        }
        return received ? new CurlFault(CurlFault.WeirdServerReply, "Weird server reply") : new CurlFault(CurlFault.GotNothing, "Empty reply from server");
    }

    private async Task ReceiveAsync(HttpResponseMessage response, bool keep, CancellationToken deadline)
    {
        try
        {
            await using var body = Decode(await response.Content.ReadAsStreamAsync(deadline), response);
            var buffer = new byte[16 * 1024];
            while (true)
            {
                var read = await body.ReadAsync(buffer, deadline);
                if (read == 0) break;
                _meter.Downloaded += read;
                if (options.Verbose && output.LeavesTerminalFree) await context.PrintErrorAsync($"{{ [{read} bytes data]\n");
                if (keep) await output.WriteAsync(buffer.AsMemory(0, read));
            }
            if (keep) await output.CompleteAsync();
        }
        catch (HttpIOException)
        {
            throw new CurlFault(CurlFault.PartialFile, _meter.DownloadSize is { } size ? $"end of response with {size - _meter.Downloaded} bytes missing" : "transfer closed with outstanding read data remaining");
        }
        catch (SocketFaultException reset)
        {
            throw new CurlFault(CurlFault.ReceiveError, $"Recv failure: {reset.Message}");
        }
        catch (IOException failed) when (failed.InnerException is SocketFaultException reset)
        {
            throw new CurlFault(CurlFault.ReceiveError, $"Recv failure: {reset.Message}");
        }
    }

    private Stream Decode(Stream body, HttpResponseMessage response) => !options.Compressed ? body : response.Content.Headers.ContentEncoding.LastOrDefault() switch
    {
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        _ => body,
    };

    private static void Describe(HttpResponseMessage response, ReadOnlyMemory<byte> head, CurlInfo info)
    {
        info.StatusCode = (int)response.StatusCode;
        info.HttpVersion = response.Version.ToString();
        info.HeaderSize += head.Length;
        info.Headers.Clear();
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            info.Headers[name] = values.ToString();
            info.HeaderCount += values.Count;
        }
        info.ContentType = info.Headers.GetValueOrDefault("Content-Type", "");
    }

    private async Task ShowHeadsAsync(Uri uri, ReadOnlyMemory<byte> head)
    {
        if (options.Verbose)
        {
            var sent = Encoding.Latin1.GetString(connector.TapFor(uri)!.SentHead);
            await context.PrintErrorAsync(Prefixed(sent, "> "));
            await NoteAsync(_meter.Uploaded > 0 ? $"upload completely sent off: {_meter.Uploaded} bytes" : "Request completely sent off");
            await context.PrintErrorAsync(Prefixed(Encoding.Latin1.GetString(head.Span), "< "));
        }
        if (options.DumpHeader is "-") await output.WriteAsync(head);
        else if (options.DumpHeader is { } file)
        {
            await using var dump = context.Files.Open(context.FullPath(file), FileOpen.Append);
            await dump.WriteAsync(head, context.Killed);
        }
    }

    private static string Prefixed(string head, string prefix) => string.Concat(head.Split("\r\n")[..^1].Select(line => $"{prefix}{line}\r\n"));

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (!_showsMeter) return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                _meter.Sample();
                await context.PrintErrorAsync(options.ProgressBar ? _meter.Bar() : _meter.Line());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The transfer has ended and prints the last line itself.
        }
    }

    private async Task NoteAsync(string text)
    {
        if (options.Verbose) await context.PrintErrorAsync($"* {text}\n");
    }
}
