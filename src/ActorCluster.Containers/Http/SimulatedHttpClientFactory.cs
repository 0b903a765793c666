using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Http;

/// <summary>HttpClients whose connections are simulated ones: made in a process's network namespace, with its own idea of names.</summary>
public static class SimulatedHttpClientFactory
{
    /// <summary>A client inside the process: resolves names as the process would, and speaks from its pod.</summary>
    public static HttpClient Create(ProcessContext context) => new(CreateHandler(context));

    public static SocketsHttpHandler CreateHandler(ProcessContext context) =>
        CreateHandler(context.Network, (name, cancellationToken) => HostNames.ResolveAsync(context, name, cancellationToken));

    /// <param name="resolve">Names to addresses; empty for an unknown name.</param>
    public static SocketsHttpHandler CreateHandler(INetworkNamespace network, Func<string, CancellationToken, Task<IReadOnlyList<IpAddress>>> resolve)
    {
        var handler = CreateHandler();
        handler.ConnectCallback = async (connecting, cancellationToken) =>
            new TcpConnectionStream(await ConnectAsync(network, resolve, connecting.DnsEndPoint.Host, (ushort)connecting.DnsEndPoint.Port, cancellationToken));
        return handler;
    }

    /// <summary>Without a way to connect yet: nothing of the host's (its proxies, cookies, trace headers) shines through.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
        // Measured on the host's clock, so never by it.
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        Expect100ContinueTimeout = TimeSpan.Zero,
    };

    /// <summary>Tries the name's addresses in order, as getaddrinfo's users do.</summary>
    /// <exception cref="UnknownHostException"/>
    /// <exception cref="SocketFaultException">The last address's fault.</exception>
    public static async Task<ITcpConnection> ConnectAsync(
        INetworkNamespace network,
        Func<string, CancellationToken, Task<IReadOnlyList<IpAddress>>> resolve,
        string host,
        ushort port,
        CancellationToken cancellationToken)
    {
        var addresses = await resolve(host, cancellationToken);
        if (addresses.Count == 0) throw new UnknownHostException(host);
        for (var i = 0; ; i++)
        {
            try
            {
                return await network.ConnectTcpAsync(new SocketAddress(addresses[i], port), null, cancellationToken);
            }
            catch (SocketFaultException) when (i < addresses.Count - 1)
            {
                // The next address may answer.
            }
        }
    }
}

/// <summary>Neither /etc/hosts nor DNS knows the name.</summary>
public sealed class UnknownHostException(string host) : IOException($"{host}: Name or service not known")
{
    public string Host { get; } = host;
}
