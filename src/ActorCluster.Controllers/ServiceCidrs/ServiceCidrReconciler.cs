using System.Text.Json.Nodes;
using ActorCluster.Api.Allocation;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ServiceCidrs;

/// <summary>
/// Makes ServiceCIDRs ready for use, and lets one that is being deleted go when no Service has an address that no other one contains
/// (pkg/controller/servicecidrs). Makes the default one anew when it is gone (pkg/controlplane/controller/defaultservicecidr).
/// Keys are names of ServiceCIDRs.
/// </summary>
internal sealed class ServiceCidrReconciler : IReconciler
{
    public const string Finalizer = "networking.k8s.io/service-cidr-finalizer";

    /// <summary>An address whose allocation began before the deletion is there by then, and holds the ServiceCIDR.</summary>
    private static readonly TimeSpan DeletionGrace = TimeSpan.FromSeconds(10);

    private readonly KubeClient _client;
    private readonly Informer<V1ServiceCIDR> _cidrs;
    private readonly Informer<V1IPAddress> _addresses;
    private readonly ServiceRanges _ranges;
    private readonly TimeProvider _clock;

    public ServiceCidrReconciler(ControllerServices services)
    {
        _client = services.ClientFor(Name);
        _cidrs = services.Informers.Of<V1ServiceCIDR>();
        _addresses = services.Informers.Of<V1IPAddress>();
        _ranges = new ServiceRanges(_cidrs);
        _clock = services.Clock;
    }

    public string Name => "service-cidr-controller";

    public void Attach(IReconcileQueue queue)
    {
        _cidrs.Changed += (before, after) =>
        {
            queue.Add((after ?? before)!.Metadata.Name);
            // What came may cover what wants to go; what went no longer does.
            if (before is null || after is null) AddDeleting(queue);
        };
        _addresses.Changed += (before, after) =>
        {
            if (after is null && IpNumber.Parse(before!.Metadata.Name) is not null) AddDeleting(queue);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_cidrs.Get("", key) is not { } cidr)
        {
            if (key == WellKnown.DefaultServiceCidrName) await CreateDefaultAsync(cancellationToken);
            return ReconcileResult.Done;
        }
        if (cidr.Metadata.DeletionTimestamp is { } asked) return await LetGoAsync(cidr, asked, cancellationToken);
        if (cidr.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            if (await PatchAsync(cidr, Finalizers([.. cidr.Metadata.Finalizers ?? [], Finalizer]), "", cancellationToken) is not { } marked) return ReconcileResult.Done;
            cidr = marked;
        }
        await SetReadyAsync(cidr, true, "", "Kubernetes Service CIDR is ready", cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> LetGoAsync(V1ServiceCIDR cidr, DateTime asked, CancellationToken cancellationToken)
    {
        if (cidr.Metadata.Finalizers?.Contains(Finalizer) != true) return ReconcileResult.Done;
        if (_ranges.Strands(cidr, _addresses.List()))
        {
            await SetReadyAsync(cidr, false, "Terminating",
                "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR", cancellationToken);
            return ReconcileResult.Done;
        }
        var left = new DateTimeOffset(asked, TimeSpan.Zero) + DeletionGrace - _clock.GetUtcNow();
        if (left > TimeSpan.Zero) return ReconcileResult.After(left);
        await PatchAsync(cidr, Finalizers([.. cidr.Metadata.Finalizers.Where(finalizer => finalizer != Finalizer)]), "", cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task CreateDefaultAsync(CancellationToken cancellationToken)
    {
        // Asked of the API and not of the cache, which may be behind.
        if (await _client.GetAsync<V1ServiceCIDR>("", WellKnown.DefaultServiceCidrName, cancellationToken) is not null) return;
        await _client.CreateAsync(new V1ServiceCIDR
        {
            Metadata = new V1ObjectMeta { Name = WellKnown.DefaultServiceCidrName },
            Spec = new V1ServiceCIDRSpec { Cidrs = [WellKnown.ServiceCidr, WellKnown.ServiceCidrV6] },
        }, cancellationToken);
    }

    private async Task SetReadyAsync(V1ServiceCIDR cidr, bool ready, string reason, string message, CancellationToken cancellationToken)
    {
        var status = ready ? "True" : "False";
        var current = cidr.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        if (current is not null && current.Status == status && (current.Reason ?? "") == reason && current.Message == message) return;
        var since = current?.Status == status && current.LastTransitionTime is { } before ? before : _clock.GetUtcNow().ToApiTime();
        var condition = new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = Api.Documents.ObjectMetadata.FormatTime(new DateTimeOffset(since, TimeSpan.Zero)),
        };
        await PatchAsync(cidr, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }, "status", cancellationToken);
    }

    // Refused (409) if it has changed meanwhile; then this key is tried again.
    private Task<V1ServiceCIDR?> PatchAsync(V1ServiceCIDR cidr, JsonObject patch, string subresource, CancellationToken cancellationToken)
    {
        var metadata = patch["metadata"] as JsonObject ?? [];
        metadata["uid"] = cidr.Metadata.Uid;
        metadata["resourceVersion"] = cidr.Metadata.ResourceVersion;
        patch["metadata"] = metadata;
        return _client.PatchAsync<V1ServiceCIDR>("", cidr.Metadata.Name, patch, subresource, ct: cancellationToken);
    }

    private static JsonObject Finalizers(string[] finalizers) =>
        new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Distinct().Select(finalizer => (JsonNode)finalizer)]) } };

    private void AddDeleting(IReconcileQueue queue)
    {
        foreach (var cidr in _cidrs.List().Where(cidr => cidr.Metadata.DeletionTimestamp is not null)) queue.Add(cidr.Metadata.Name);
    }
}
