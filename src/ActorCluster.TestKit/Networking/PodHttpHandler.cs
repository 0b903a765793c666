using ActorCluster.Containers.Http;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Sockets;
using ActorCluster.TestKit.Objects;

namespace ActorCluster.TestKit.Networking;

/// <summary>The connections of an HttpClient inside a pod. All that a request does is done on the cluster's loop; its end is told when the cluster is quiet.</summary>
internal sealed class PodHttpHandler : DelegatingHandler
{
    private readonly TestCluster _cluster;
    private readonly TimeSpan _timeout;

    public PodHttpHandler(PodHandle pod, TimeSpan timeout)
    {
        _cluster = pod.Cluster;
        _timeout = timeout;
        var handler = SimulatedHttpClientFactory.CreateHandler();
        // The client goes on to connect when the request has been given up; time doesn't pass for that.
        handler.ConnectCallback = async (connecting, cancellationToken) => await pod.Cluster.JoinAsync(
            async () => new TcpConnectionStream(await ConnectAsync(pod, connecting.DnsEndPoint.Host, (ushort)connecting.DnsEndPoint.Port, cancellationToken)));
        InnerHandler = handler;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _cluster.RunAsync(async () =>
    {
        // A request begins as a piece of work of its own: what several that are sent at once leave to the thread pool would race there.
        await Task.Yield();
        using var late = new CancellationTokenSource(_timeout, _cluster.Simulation.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            response.Content = new LoopContent(_cluster, response.Content);
            return response;
        }
        catch (OperationCanceledException cancelled) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TaskCanceledException($"{request.Method} {request.RequestUri} was not answered within {_timeout}.", new TimeoutException("The request timed out.", cancelled));
        }
    });

    private static async Task<ITcpConnection> ConnectAsync(PodHandle pod, string host, ushort port, CancellationToken cancellationToken)
    {
        var network = await pod.NetworkAsync(cancellationToken);
        var resolver = new StubResolver(network.Network!, network.ResolvConf, network.Hosts, pod.Cluster.Simulation);
        return await SimulatedHttpClientFactory.ConnectAsync(
            network.Network!, (name, ended) => resolver.ResolveAsync(name.Trim('[', ']'), ended), host, port, cancellationToken);
    }
}
