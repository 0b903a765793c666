using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ServiceAccounts;

/// <summary>Each namespace has the cluster's CA in the config map kube-root-ca.crt (pkg/controller/certificates/rootcacertpublisher). Keys are
/// namespaces.</summary>
internal sealed class RootCaReconciler(ControllerServices services) : IReconciler
{
    private const string MapName = "kube-root-ca.crt";
    private const string DataKey = "ca.crt";
    private const string DescriptionAnnotation = "kubernetes.io/description";
    private const string Description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or "
        + "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    private readonly KubeClient _client = services.ClientFor("root-ca-cert-publisher");
    private readonly Informer<V1Namespace> _namespaces = services.Informers.Of<V1Namespace>();
    private readonly Informer<V1ConfigMap> _maps = services.Informers.Of<V1ConfigMap>();

    public string Name => "root-ca-certificate-publisher-controller";

    public void Attach(IReconcileQueue queue)
    {
        _namespaces.Changed += (_, after) =>
        {
            if (after is not null) queue.Add(after.Metadata.Name);
        };
        _maps.Changed += (before, after) =>
        {
            if ((after ?? before!).Metadata is { Name: MapName } metadata) queue.Add(metadata.NamespaceProperty);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Get("", key) is not { } ns || !NamespacePhase.IsActive(ns)) return ReconcileResult.Done;
        var present = _maps.Get(key, MapName);
        if (present is { Data.Count: 1 } && present.Data.TryGetValue(DataKey, out var pem) && pem == services.Options.RootCaPem
            && present.Metadata.Annotations?.ContainsKey(DescriptionAnnotation) == true) return ReconcileResult.Done;
        var wanted = new V1ConfigMap
        {
            ApiVersion = ApiVersions.Core,
            Kind = "ConfigMap",
            Metadata = (present?.Metadata ?? new V1ObjectMeta { NamespaceProperty = key, Name = MapName }) with
            {
                Annotations = new Dictionary<string, string>(present?.Metadata.Annotations ?? new Dictionary<string, string>()) { [DescriptionAnnotation] = Description },
            },
            Data = new Dictionary<string, string> { [DataKey] = services.Options.RootCaPem },
        };
        try
        {
            if (present is null) await _client.CreateAsync(wanted, cancellationToken);
            else await _client.UpdateAsync(wanted, ct: cancellationToken);
        }
        catch (ApiStatusException refused) when (refused.IsAlreadyExists || NamespaceTermination.IsCauseOf(refused))
        {
            return ReconcileResult.Done;
        }

        return ReconcileResult.Done;
    }
}
