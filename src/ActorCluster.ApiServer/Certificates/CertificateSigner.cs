using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Certificates;
using ActorCluster.Api.Documents;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Simulation;

namespace ActorCluster.ApiServer.Certificates;

/// <summary>Signs the certificate signing requests that are approved and meant for Kubernetes's own signers, with the cluster's authority (pkg/controller/certificates/signer).</summary>
/// <remarks>It lives with the API server, which has the authority's key; elsewhere it is a controller that has it too.</remarks>
public sealed class CertificateSigner : IAsyncDisposable
{
    private static readonly ResourceName Requests = new("certificates.k8s.io", "certificatesigningrequests");
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IApiClient _api;
    private readonly X509Certificate2 _authority;
    private readonly SimulationContext _simulation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    private CertificateSigner(IApiClient api, X509Certificate2 authority, SimulationContext simulation)
    {
        (_api, _authority, _simulation) = (api, authority, simulation);
        _running = simulation.Start(RunAsync);
    }

    /// <param name="authority">With its private key; not disposed of.</param>
    public static CertificateSigner Start(IApiClient api, X509Certificate2 authority, SimulationContext simulation) => new(api, authority, simulation);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelInOrderAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                // Without a revision a watch begins with all that is there; when it ends, it begins anew.
                await foreach (var change in _api.WatchAsync(new WatchRequest(Requests), _stopping.Token))
                {
                    if (change.Type is WatchEventType.Added or WatchEventType.Modified && JsonNode.Parse(change.Object.Span) is JsonObject request) await HandleAsync(request);
                }
                await Task.Delay(RetryDelay, _simulation.Clock, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task HandleAsync(JsonObject request)
    {
        var spec = request.Ensure("spec");
        var signer = spec.GetString("signerName") ?? "";
        if (!KubernetesSigners.Know(signer) || request.TextAt("status", "certificate") is { Length: > 0 }) return;
        if (!CertificateSigningRequestResource.Has(request, CertificateSigningRequestResource.Approved) || CertificateSigningRequestResource.Has(request, CertificateSigningRequestResource.Failed)) return;
        if (CertificateSigningRequestStrategy.Request(spec, out _) is not { } asked) return;
        Decide(request, asked, signer, [.. spec.GetStrings("usages")], spec.GetInteger("expirationSeconds"));
        var answer = await _api.SendAsync(new ApiRequest(
            ApiVerb.Update, Requests, Name: ObjectMetadata.Of(request).Name, Subresource: "status", Body: JsonSerializer.SerializeToUtf8Bytes<JsonNode>(request, JsonDocuments.CompactJson),
            Options: new ApiRequestOptions { User = "system:kube-controller-manager" }), _stopping.Token);
        // 409: it changed meanwhile, and comes again; 404: it is gone.
        if (answer is { IsSuccess: false, StatusCode: not (404 or 409) })
            _simulation.ReportFault($"signing certificate request {ObjectMetadata.Of(request).Name}", new InvalidOperationException(Encoding.UTF8.GetString(answer.Body.Span)));
    }

    private void Decide(JsonObject request, SigningRequest asked, string signer, string[] usages, long? seconds)
    {
        var now = _simulation.Clock.GetUtcNow();
        var status = request.Ensure("status");
        if (FaultOf(signer, asked, usages) is { } fault)
        {
            Fail(status, fault, now);
            return;
        }
        try
        {
            status["certificate"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(RequestedCertificate.Sign(_authority, asked, usages, seconds is { } s ? TimeSpan.FromSeconds(s) : null, now)));
        }
        catch (Exception unable) when (unable is CryptographicException or ArgumentException)
        {
            Fail(status, unable.Message, now);
        }
    }

    private static string? FaultOf(string signer, SigningRequest asked, string[] usages)
    {
        try
        {
            return KubernetesSigners.FaultOf(signer, asked, usages);
        }
        catch (CryptographicException unreadable)
        {
            return unreadable.Message;
        }
    }

    private static void Fail(JsonObject status, string message, DateTimeOffset now)
    {
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = CertificateSigningRequestResource.Failed,
            ["status"] = "True",
            ["reason"] = "SignerValidationFailure",
            ["message"] = message,
            ["lastUpdateTime"] = ObjectMetadata.FormatTime(now),
            ["lastTransitionTime"] = ObjectMetadata.FormatTime(now),
        });
    }
}
