using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.ServiceAccounts;

/// <summary>Each namespace has a service account "default" (pkg/controller/serviceaccount/serviceaccounts_controller.go). Keys are namespaces.</summary>
internal sealed class ServiceAccountReconciler(ControllerServices services) : IReconciler
{
    private const string AccountName = "default";

    private readonly KubeClient _client = services.ClientFor("service-account-controller");
    private readonly Informer<V1Namespace> _namespaces = services.Informers.Of<V1Namespace>();
    private readonly Informer<V1ServiceAccount> _accounts = services.Informers.Of<V1ServiceAccount>();

    public string Name => "serviceaccount-controller";

    public void Attach(IReconcileQueue queue)
    {
        _namespaces.Changed += (_, after) =>
        {
            if (after is not null) queue.Add(after.Metadata.Name);
        };
        _accounts.Changed += (before, after) =>
        {
            if (after is null && before!.Metadata.Name == AccountName) queue.Add(before.Metadata.NamespaceProperty);
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Get("", key) is not { } ns || !NamespacePhase.IsActive(ns) || _accounts.Get(key, AccountName) is not null) return ReconcileResult.Done;
        try
        {
            await _client.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { NamespaceProperty = key, Name = AccountName } }, cancellationToken);
        }
        catch (ApiStatusException refused) when (refused.IsAlreadyExists || NamespaceTermination.IsCauseOf(refused))
        {
            return ReconcileResult.Done;
        }

        return ReconcileResult.Done;
    }
}
