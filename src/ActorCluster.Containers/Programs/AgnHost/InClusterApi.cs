using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Http;

namespace ActorCluster.Containers.Programs.AgnHost;

/// <summary>The Kubernetes API as a pod reaches it: by the service's environment variables, with the service account's token and the cluster's authority (client-go's rest.InClusterConfig).</summary>
internal sealed class InClusterApi : IDisposable
{
    private const string Folder = "/var/run/secrets/kubernetes.io/serviceaccount/";

    private readonly HttpClient _client;
    private readonly AgnHostContext _agnhost;

    private InClusterApi(AgnHostContext agnhost, Uri address, X509Certificate2Collection roots)
    {
        _agnhost = agnhost;
        var handler = SimulatedHttpClientFactory.CreateHandler(agnhost.Process);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => TrustedRoots.Trust(roots, certificate, chain, errors, agnhost.Process.Clock);
        _client = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <exception cref="GoException">This is no pod with credentials.</exception>
    public static InClusterApi Open(AgnHostContext agnhost)
    {
        var environment = agnhost.Process.Environment;
        if (!environment.TryGetValue("KUBERNETES_SERVICE_HOST", out var host) || !environment.TryGetValue("KUBERNETES_SERVICE_PORT", out var port) || host.Length == 0 || port.Length == 0)
            throw new GoException("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
        X509Certificate2Collection roots = [];
        roots.ImportFromPem(Read(agnhost, "ca.crt"));
        return new InClusterApi(agnhost, new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}"), roots);
    }

    /// <summary>The Authorization header of the next request.</summary>
    /// <exception cref="GoException">There is no token.</exception>
    public string Authorization() => "Bearer " + Read(_agnhost, "token");

    /// <param name="path">Absolute, or a whole URL.</param>
    /// <exception cref="GoException">There is no answer, or a refusal.</exception>
    public async Task<string> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        // Read each time: the kubelet renews it.
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(Authorization());
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? body : throw new GoException($"the server answered {(int)response.StatusCode}: {body}");
        }
        catch (HttpRequestException fault)
        {
            throw new GoException($"Get \"{new Uri(_client.BaseAddress!, path)}\": {fault.GetBaseException().Message}");
        }
    }

    public void Dispose() => _client.Dispose();

    private static string Read(AgnHostContext agnhost, string name)
    {
        try
        {
            using var reader = new StreamReader(agnhost.Process.Files.Open(Folder + name, FileOpen.Read));
            return reader.ReadToEnd();
        }
        catch (FileFaultException fault)
        {
            throw new GoException($"open {Folder}{name}: {fault.Message.ToLowerInvariant()}");
        }
    }
}
