using ActorCluster.Containers.Http;
using ActorCluster.Network.Sockets;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>http.Get of Go's standard library, with its errors' wording.</summary>
internal static class GoHttpClient
{
    /// <exception cref="GoException">There is no answer.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static async Task<(int Status, string Body)> GetAsync(AgnHostContext agnhost, string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var address)) throw new GoException($"parse \"{url}\": invalid URL");
        using var handler = SimulatedHttpClientFactory.CreateHandler(agnhost.Process);
        using var client = new HttpMessageInvoker(handler);
        using var message = new HttpRequestMessage(HttpMethod.Get, address);
        message.Headers.TryAddWithoutValidation("User-Agent", "Go-http-client/1.1");
        try
        {
            using var response = await client.SendAsync(message, cancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            throw new GoException($"Get \"{url}\": " + failed.GetBaseException() switch
            {
                SocketFaultException { Fault: SocketFault.ConnectionReset } => "read: connection reset by peer",
                SocketFaultException fault => GoException.Describe(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dial tcp {address.Host}:{address.Port}"), fault, "connect"),
                UnknownHostException unknown => $"dial tcp: lookup {unknown.Host}: no such host",
                System.Security.Authentication.AuthenticationException => "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                _ => "EOF",
            });
        }
    }
}
