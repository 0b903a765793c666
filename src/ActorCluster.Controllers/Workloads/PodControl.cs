using System.Text.Json.Nodes;
using ActorCluster.Contracts.Client;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Workloads;

/// <summary>Makes and deletes the pods of a workload, and says so in events (RealPodControl in pkg/controller/controller_utils.go).
/// Requests that fail are taken back from the expectations, which the caller has set.</summary>
internal sealed class PodControl(KubeClient client, EventRecorder events, Expectations expectations, IPodEventWording? wording = null)
{
    private readonly IPodEventWording _wording = wording ?? UsualPodEventWording.Instance;

    /// <summary>Creates pods in batches that grow, until the first failure.</summary>
    /// <returns>The failure, unless nothing is wrong: the namespace is being deleted.</returns>
    public async Task<Exception?> CreateAsync(IKubernetesObject<V1ObjectMeta> owner, int count, Func<int, V1Pod> pod, CancellationToken cancellationToken)
    {
        var (successes, failure) = await SlowStart.RunAsync(count, number => CreateOneAsync(owner, pod(number), cancellationToken));
        if (successes < count) expectations.CreationObserved(owner.Metadata.Uid, count - successes);
        return failure is ApiStatusException status && NamespaceTermination.IsCauseOf(status) ? null : failure;
    }

    /// <returns>The first failure.</returns>
    public async Task<Exception?> DeleteAsync(IKubernetesObject<V1ObjectMeta> owner, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var failures = await Task.WhenAll(pods.Select(pod => DeleteOneAsync(owner, pod, cancellationToken)));
        return failures.FirstOrDefault(failure => failure is not null);
    }

    /// <summary>Sets labels of a pod that has not changed meanwhile.</summary>
    public async Task LabelAsync(IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["resourceVersion"] = pod.Metadata.ResourceVersion,
                ["labels"] = new JsonObject([.. labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]),
            },
        };
        if (await client.PatchAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, patch, ct: cancellationToken) is not null) Say(PodChange.Update, owner, pod);
    }

    private async Task<Exception?> CreateOneAsync(IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var created = await client.CreateAsync(pod, cancellationToken);
            Say(PodChange.Create, owner, created);
            return null;
        }
        catch (ApiStatusException refused)
        {
            // A pod of that name that the cache doesn't show yet is no fault.
            if (!NamespaceTermination.IsCauseOf(refused) && !refused.IsAlreadyExists) Say(PodChange.Create, owner, pod, refused);
            return refused;
        }
        catch (ApiUnavailableException unavailable)
        {
            return unavailable;
        }
    }

    private async Task<Exception?> DeleteOneAsync(IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var deleted = await client.DeleteAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, new DeleteOptions(PreconditionUid: pod.Metadata.Uid), cancellationToken);
            if (deleted) Say(PodChange.Delete, owner, pod);
            else expectations.DeletionObserved(owner.Metadata.Uid, pod.Metadata.Uid);
            return null;
        }
        catch (Exception failure) when (failure is ApiStatusException or ApiUnavailableException)
        {
            expectations.DeletionObserved(owner.Metadata.Uid, pod.Metadata.Uid);
            if (failure is ApiStatusException { Code: not 409 }) Say(PodChange.Delete, owner, pod, failure);
            return failure;
        }
    }

    private void Say(PodChange change, IKubernetesObject<V1ObjectMeta> owner, V1Pod pod, Exception? failure = null)
    {
        if (failure is null) events.Record(owner, "Normal", $"Successful{change}", _wording.Succeeded(change, owner, pod));
        else events.Record(owner, "Warning", $"Failed{change}", _wording.Failed(change, owner, pod, failure.Message));
    }
}
