using System.Globalization;
using ActorCluster.Containers.Http;
using ActorCluster.Containers.Runtime;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Processes;
using k8s.Models;

namespace ActorCluster.Nodes.Probes;

/// <summary>
/// Makes probes and HTTP hooks, from the node's own namespace through the simulated network (pkg/probe/*). One for each node: its HttpClient serves all
/// of the node's pods.
/// </summary>
internal sealed class Prober : IDisposable
{
    private const int MaximumRedirects = 10;
    private readonly INetworkNamespace _host;
    private readonly SimulationContext _simulation;
    private readonly Lazy<HttpClient> _http;

    public Prober(INetworkNamespace host, SimulationContext simulation)
    {
        _host = host;
        _simulation = simulation;
        _http = new(() =>
        {
            var handler = SimulatedHttpClientFactory.CreateHandler(host, static (name, _) =>
                Task.FromResult<IReadOnlyList<IpAddress>>(IpAddress.TryParse(name, out var address) ? [address] : []));
            // Upstream doesn't verify either: InsecureSkipVerify in pkg/probe/http/http.go.
#pragma warning disable CA5359
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            // Deadlines are the simulation's, never the host clock's.
            return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        });
    }

    /// <param name="podIP">The pod's address, where the probe names no host.</param>
    public async Task<ProbeResult> ProbeAsync(V1Probe probe, V1Container container, string podIP, IContainer running, CancellationToken cancellationToken)
    {
        var timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds is > 0 and var seconds ? seconds : 1);
        if (probe.HttpGet is { } get) return await GetAsync(get, container, podIP, timeout, cancellationToken);
        if (probe.TcpSocket is { } tcp) return await ConnectAsync(tcp, container, podIP, timeout, cancellationToken);
        if (probe.Exec is { } exec) return await ExecAsync(exec, running, timeout, cancellationToken);
        if (probe.Grpc is { } grpc) return await new GrpcProbe(_host, _simulation).CheckAsync(new SocketAddress(IpAddress.Parse(podIP), (ushort)grpc.Port), grpc.Service ?? "", timeout, cancellationToken);
        return new ProbeResult(ProbeOutcome.Errored, "missing probe handler");
    }

    /// <summary>An HTTP GET; anything from 200 to 399 is good. A redirect to another host is not followed, and good with a warning.</summary>
    public async Task<ProbeResult> GetAsync(V1HTTPGetAction get, V1Container container, string podIP, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ContainerPorts.Resolve(get.Port, container) is not { } port) return new ProbeResult(ProbeOutcome.Errored, $"couldn't find port: {get.Port} in container");
        var host = string.IsNullOrEmpty(get.Host) ? podIP : get.Host;
        var scheme = string.IsNullOrEmpty(get.Scheme) ? "http" : get.Scheme.ToLowerInvariant();
        var authority = IpAddress.TryParse(host, out var address) && !address.IsV4 ? $"[{host}]" : host;
        var path = get.Path is not { Length: > 0 } given ? "/" : given.StartsWith('/') ? given : "/" + given;
        if (!Uri.TryCreate(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{authority}:{port}{path}"), UriKind.Absolute, out var url))
            return new ProbeResult(ProbeOutcome.Errored, $"the URL of host {host}, port {port} and path {path} is not valid");

        using var deadline = new CancellationTokenSource(timeout, _simulation.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await FollowAsync(url, get, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Failure($"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (HttpRequestException fault)
        {
            return ProbeResult.Failure($"Get \"{url}\": {Describe(fault, url)}");
        }
    }

    private async Task<ProbeResult> FollowAsync(Uri first, V1HTTPGetAction get, CancellationToken cancellationToken)
    {
        var url = first;
        for (var redirects = 0; ; redirects++)
        {
            using var request = RequestFor(url, get);
            using var response = await _http.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            if (status is < 200 or >= 400) return ProbeResult.Failure(string.Create(CultureInfo.InvariantCulture, $"HTTP probe failed with statuscode: {status}"));
            if (status < 300) return ProbeResult.Success;
            if (response.Headers.Location is not { } location) return new ProbeResult(ProbeOutcome.Warning, "Probe terminated redirects, Response body: ");
            var target = new Uri(url, location);
            if (!string.Equals(target.Host, first.Host, StringComparison.OrdinalIgnoreCase)) return new ProbeResult(ProbeOutcome.Warning, "Probe terminated redirects, Response body: ");
            if (redirects == MaximumRedirects) return ProbeResult.Failure($"Get \"{target}\": stopped after 10 redirects");
            url = target;
        }
    }

    private static HttpRequestMessage RequestFor(Uri url, V1HTTPGetAction get)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        // A connection kept for the next probe, ten seconds away, would cost both ends memory.
        request.Headers.ConnectionClose = true;
        foreach (var header in get.HttpHeaders ?? [])
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = header.Value;
            else request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }
        if (!request.Headers.Contains("User-Agent")) request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
        if (!request.Headers.Contains("Accept")) request.Headers.TryAddWithoutValidation("Accept", "*/*");
        return request;
    }

    private async Task<ProbeResult> ConnectAsync(V1TCPSocketAction tcp, V1Container container, string podIP, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ContainerPorts.Resolve(tcp.Port, container) is not { } port) return new ProbeResult(ProbeOutcome.Errored, $"couldn't find port: {tcp.Port} in container");
        var host = string.IsNullOrEmpty(tcp.Host) ? podIP : tcp.Host;
        if (!IpAddress.TryParse(host, out var address)) return ProbeResult.Failure($"dial tcp: lookup {host}: no such host");
        var target = new SocketAddress(address, port);
        using var deadline = new CancellationTokenSource(timeout, _simulation.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var connection = await _host.ConnectTcpAsync(target, cancellationToken: both.Token);
            await connection.DisposeAsync();
            return ProbeResult.Success;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Failure($"dial tcp {target}: i/o timeout");
        }
        catch (SocketFaultException fault)
        {
            return ProbeResult.Failure($"dial tcp {target}: {GoNetworkErrors.Describe(fault.Fault)}");
        }
    }

    private async Task<ProbeResult> ExecAsync(V1ExecAction exec, IContainer running, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = await ContainerCommand.RunAsync(running, [.. exec.Command ?? []], timeout, _simulation.Clock, cancellationToken);
        return result switch
        {
            { ExitCode: 0 } => new ProbeResult(ProbeOutcome.Success, result.Output),
            { TimedOut: true } => ProbeResult.Failure(string.Create(CultureInfo.InvariantCulture, $"command timed out: {result.Output} timed out after {Lifecycle.GoDuration.Format(timeout)}")),
            { ExitCode: null } => new ProbeResult(ProbeOutcome.Errored, result.Output),
            _ => ProbeResult.Failure(result.Output),
        };
    }

    private static string Describe(HttpRequestException fault, Uri url)
    {
        for (Exception? inner = fault; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketFaultException socket) return $"dial tcp {url.Authority}: {GoNetworkErrors.Describe(socket.Fault)}";
            if (inner is UnknownHostException unknown) return $"dial tcp: lookup {unknown.Host}: no such host";
        }
        return fault.HttpRequestError == HttpRequestError.ResponseEnded ? "EOF" : fault.Message;
    }

    public void Dispose()
    {
        if (_http.IsValueCreated) _http.Value.Dispose();
    }
}
