using ActorCluster.Host.Launch;
using ActorCluster.Host.State;

namespace ActorCluster.Host.Client;

/// <summary>The API of a cluster, for commands: a request that can't be answered fails at once, and says what to do.</summary>
public static class ClusterApi
{
    /// <summary>Of a cluster that `up` started.</summary>
    /// <exception cref="ClusterNotFoundException">It has not come up yet, or its control plane doesn't run.</exception>
    public static HttpClient Open(ClusterFolder folder)
    {
        if (!File.Exists(folder.Kubeconfig))
            throw new ClusterNotFoundException(ControlPlaneOutage.Find(folder)?.Message ?? $"Cluster '{folder.Name}' has no kubeconfig: it has not come up yet.");
        return KubeconfigClient.Create(folder.Kubeconfig, handler => new Explaining(handler,
            () => ControlPlaneOutage.Find(folder), (_, fault) => ControlPlaneOutage.Explain(folder, fault)));
    }

    /// <summary>Of one that others run, as Docker Compose does, by its kubeconfig.</summary>
    /// <exception cref="ClusterNotFoundException">There is no such file.</exception>
    public static HttpClient Open(string kubeconfig)
    {
        if (!File.Exists(kubeconfig)) throw new ClusterNotFoundException($"There is no kubeconfig {kubeconfig}.");
        return KubeconfigClient.Create(kubeconfig, handler => new Explaining(handler, () => null, (api, fault) =>
            new ControlPlaneOutage($"The API at {api}, as {kubeconfig} names it, can't be reached ({fault}). Does its control plane run?", Runs: true)));
    }

    private sealed class Explaining(HttpMessageHandler inner, Func<ControlPlaneOutage?> before, Func<string, string, ControlPlaneOutage> after) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // A paused process would let the connection wait for ever.
            if (before() is { } outage) throw new ApiUnreachableException(outage.Message, outage.Runs);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                var explained = after(request.RequestUri!.GetLeftPart(UriPartial.Authority), e.Message);
                throw new ApiUnreachableException(explained.Message, explained.Runs, e);
            }
        }
    }
}
