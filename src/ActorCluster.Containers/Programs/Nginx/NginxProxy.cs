using System.Globalization;
using System.Net.Http.Headers;
using ActorCluster.Containers.Http;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using Microsoft.AspNetCore.Http;

namespace ActorCluster.Containers.Programs.Nginx;

/// <summary>proxy_pass: sends the request on to an upstream's peers, the next one when a peer fails, and the answer back.</summary>
internal sealed class NginxProxy(
    INetworkNamespace network,
    Func<string, CancellationToken, Task<IReadOnlyList<IpAddress>>> resolve,
    NginxVariables variables,
    NginxLog log,
    TimeProvider clock) : IDisposable
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
    };

    /// <summary>What nginx answers with its own value, or keeps to itself.</summary>
    private static readonly HashSet<string> OwnAnswers = new(StringComparer.OrdinalIgnoreCase) { "Date", "Server", "X-Pad", "X-Accel-Redirect", "X-Accel-Expires" };

    private readonly HttpMessageInvoker _http = new(SimulatedHttpClientFactory.CreateHandler(network, resolve));

    public async Task<NginxOutcome> PassAsync(NginxRequest request, NginxProxyPass pass, Action<NginxRequest, int> prepareHead)
    {
        if (await FindTargetAsync(request, pass) is not var (upstream, authority, target)) return NginxOutcome.Error(StatusCodes.Status502BadGateway);
        var body = await ReadBodyAsync(request);
        if (body is null) return NginxOutcome.Error(StatusCodes.Status413RequestEntityTooLarge);
        var tried = new List<NginxPeer>();
        var status = StatusCodes.Status502BadGateway;
        while (upstream.Next(tried) is { } peer)
        {
            tried.Add(peer);
            request.UpstreamAddress += (request.UpstreamAddress.Length > 0 ? ", " : "") + peer.Address;
            var attempt = await TryAsync(request, peer, authority, target, body);
            upstream.Report(peer, failed: attempt.Response is null);
            if (attempt.Response is { } response)
            {
                using (response)
                {
                    return await AnswerAsync(request, pass, response, prepareHead);
                }
            }
            status = attempt.Status;
            // A request that may have changed something is not sent twice once a peer has it (proxy_next_upstream's non_idempotent).
            if (!request.Settings.Proxy.TryNext || (attempt.WasSent && HttpMethods.IsPost(request.Http.Request.Method))) break;
        }
        if (tried.Count == 0) await log.WriteErrorAsync(request, "no live upstreams while connecting to upstream", upstream: $"http://{upstream.Name}{target}");
        request.UpstreamStatus = status.ToString(CultureInfo.InvariantCulture);
        return NginxOutcome.Error(status);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(NginxUpstream Upstream, string Authority, string Target)?> FindTargetAsync(NginxRequest request, NginxProxyPass pass)
    {
        if (pass.Upstream is { } known)
        {
            var uri = pass.Uri is null || !request.Uri.StartsWith(request.Location.Pattern, StringComparison.Ordinal)
                ? null
                : pass.Uri + Escape(request.Uri[request.Location.Pattern.Length..]);
            return (known, pass.Authority, uri is null ? Target(request) : uri + Query(request));
        }
        var url = pass.Url.Expand(name => variables.Get(request, name));
        if (NginxArguments.ProxyUrl(url) is not var (authority, path) || NginxArguments.HostAndPort(authority) is not var (host, port))
        {
            await log.WriteErrorAsync(request, $"invalid URL prefix in \"{url}\"");
            return null;
        }
        var addresses = await resolve(host, request.Http.RequestAborted);
        if (addresses.Count == 0)
        {
            await log.WriteErrorAsync(request, $"{host} could not be resolved (3: Host not found)");
            return null;
        }
        var peers = addresses.Select(address => new NginxPeer(new SocketAddress(address, port), new NginxPeerOptions()));
        return (new NginxUpstream(authority, [.. peers], clock), authority, path ?? Target(request));
    }

    /// <returns>Null when it is larger than client_max_body_size.</returns>
    private static async Task<byte[]?> ReadBodyAsync(NginxRequest request)
    {
        var http = request.Http.Request;
        if (http.ContentLength is 0 || (http.ContentLength is null && http.Headers.TransferEncoding.Count == 0)) return [];
        var limit = request.Settings.ClientMaxBodySize;
        using var whole = new MemoryStream();
        while (true)
        {
            var read = await http.BodyReader.ReadAsync(request.Http.RequestAborted);
            foreach (var segment in read.Buffer) whole.Write(segment.Span);
            http.BodyReader.AdvanceTo(read.Buffer.End);
            if (limit > 0 && whole.Length > limit) return null;
            if (read.IsCompleted) return whole.ToArray();
        }
    }

    private async Task<(HttpResponseMessage? Response, int Status, bool WasSent)> TryAsync(NginxRequest request, NginxPeer peer, string authority, string target, byte[] body)
    {
        var settings = request.Settings.Proxy;
        using var message = CreateMessage(request, peer, authority, target, body);
        using var timeout = new CancellationTokenSource(settings.ReadTimeout + settings.ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.Http.RequestAborted);
        var upstream = $"http://{peer.Address}{target}";
        try
        {
            return (await _http.SendAsync(message, either.Token), StatusCodes.Status200OK, true);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            await log.WriteErrorAsync(request, "upstream timed out (110: Connection timed out) while reading response header from upstream", upstream: upstream);
            return (null, StatusCodes.Status504GatewayTimeout, true);
        }
        catch (HttpRequestException failed) when (failed.HttpRequestError == HttpRequestError.ConnectionError && failed.InnerException is SocketFaultException socket)
        {
            var timedOut = socket.Fault == SocketFault.TimedOut;
            var what = timedOut ? "upstream timed out" : "connect() failed";
            await log.WriteErrorAsync(request, $"{what} ({Errno.Describe(socket)}) while connecting to upstream", upstream: upstream);
            return (null, timedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway, false);
        }
        catch (HttpRequestException failed)
        {
            var why = failed.HttpRequestError == HttpRequestError.InvalidResponse ? "upstream sent an invalid response" : "upstream prematurely closed connection";
            await log.WriteErrorAsync(request, $"{why} while reading response header from upstream", upstream: upstream);
            return (null, StatusCodes.Status502BadGateway, true);
        }
    }

    private HttpRequestMessage CreateMessage(NginxRequest request, NginxPeer peer, string authority, string target, byte[] body)
    {
        var http = request.Http.Request;
        var settings = request.Settings.Proxy;
        var message = new HttpRequestMessage(new HttpMethod(http.Method), new Uri($"http://{peer.Address}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = settings.HttpVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (body.Length > 0 || http.ContentLength is not null) message.Content = new ByteArrayContent(body);
        var replaced = settings.Headers.Select(header => header.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in http.Headers)
        {
            if (name is "Host" or "Content-Length" || HopByHop.Contains(name) || replaced.Contains(name)) continue;
            if (!message.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) message.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        if (!replaced.Contains("Host")) message.Headers.Host = authority;
        foreach (var (name, template) in settings.Headers)
        {
            var value = template.Expand(key => variables.Get(request, key));
            // An empty value means not to send the header at all.
            if (value.Length > 0 && !HopByHop.Contains(name)) message.Headers.TryAddWithoutValidation(name, value);
        }
        // As nginx does unless told to keep connections: each request meets a service's choice anew.
        message.Headers.ConnectionClose = true;
        return message;
    }

    private static async Task<NginxOutcome> AnswerAsync(NginxRequest request, NginxProxyPass pass, HttpResponseMessage upstream, Action<NginxRequest, int> prepareHead)
    {
        var response = request.Http.Response;
        request.UpstreamStatus = ((int)upstream.StatusCode).ToString(CultureInfo.InvariantCulture);
        Copy(upstream.Headers.NonValidated, request, pass);
        Copy(upstream.Content.Headers.NonValidated, request, pass);
        prepareHead(request, (int)upstream.StatusCode);
        if (request.IsHead || !NginxErrorPages.MayHaveBody(response.StatusCode)) return NginxOutcome.Done;
        await using var body = await upstream.Content.ReadAsStreamAsync(request.Http.RequestAborted);
        while (true)
        {
            var read = await body.ReadAsync(response.BodyWriter.GetMemory(16 * 1024), request.Http.RequestAborted);
            if (read == 0) return NginxOutcome.Done;
            response.BodyWriter.Advance(read);
            request.BodyBytes += read;
            if (upstream.Content.Headers.ContentLength is not { } length || request.BodyBytes < length) await response.BodyWriter.FlushAsync(request.Http.RequestAborted);
        }
    }

    private static void Copy(HttpHeadersNonValidated headers, NginxRequest request, NginxProxyPass pass)
    {
        foreach (var (name, values) in headers)
        {
            if (HopByHop.Contains(name) || OwnAnswers.Contains(name) || request.Settings.Proxy.HiddenHeaders.Contains(name)) continue;
            var copied = values.ToArray();
            if (name == "Location") copied = [.. copied.Select(value => Redirected(value, request, pass))];
            request.Http.Response.Headers[name] = copied;
        }
    }

    /// <summary>proxy_redirect default: a redirect to the upstream's URL becomes one to the location.</summary>
    private static string Redirected(string location, NginxRequest request, NginxProxyPass pass)
    {
        var from = $"http://{pass.Authority}{pass.Uri ?? request.Location.Pattern}";
        return pass.Upstream is not null && request.Location.Match != NginxMatch.Regex && location.StartsWith(from, StringComparison.Ordinal)
            ? $"http://{request.Http.Request.Host}{request.Location.Pattern}{location[from.Length..]}"
            : location;
    }

    private static string Target(NginxRequest request) =>
        !request.IsInternal && request.RawTarget.StartsWith('/') ? request.RawTarget : Escape(request.Uri) + Query(request);

    private static string Query(NginxRequest request) => request.Arguments.Length > 0 ? "?" + request.Arguments : "";

    private static string Escape(string uri) => string.Join('/', uri.Split('/').Select(Uri.EscapeDataString));
}
