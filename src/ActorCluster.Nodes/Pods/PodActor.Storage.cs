using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Lifecycle;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

// How much of the node's storage the pod holds, where that is limited.
internal sealed partial class PodActor
{
    /// <summary>When to look next; null for pods without limits.</summary>
    private DateTimeOffset? _storageCheckAt;

    private void CheckStorage()
    {
        _storageCheckAt = _node.Now + StorageLimits.Period;
        if (_state.Ending is not null || StorageLimits.Exceeded(_state.Pod, StorageUse()) is not { } why) return;
        PodEvents.Record(_node, _state.Pod, null, "Warning", StorageLimits.Reason, why);
        _state = _state.End(PodEndingCause.Evicted, _node.Now, StorageLimits.Grace, StorageLimits.Reason, why);
    }

    /// <exception cref="PodConfigurationException">The image can't be had.</exception>
    private IVolume ImageVolume(V1Volume spec)
    {
        try
        {
            var image = _planner.Pull(_state.Pod, null, spec.Image.Reference ?? "", spec.Image.PullPolicy);
            return _node.Runtime.CreateImageVolume(spec.Name, image.Image, _node.Simulation);
        }
        catch (ContainerPlanException fault)
        {
            throw new PodConfigurationException($"{fault.Reason}: {fault.Message}");
        }
    }

    /// <summary>The pod is over: nobody will look into its emptyDirs again.</summary>
    private void ForgetVolumes() => _node.ForgetDisk(_state.Pod);

    private StorageUse StorageUse() => new(
        _slots.Where(slot => slot.Value.Instance is not null)
            .ToDictionary(slot => slot.Key, slot => slot.Value.Instance!.Container.UsedBytes + slot.Value.Instance.Log.Bytes + (slot.Value.PreviousLog?.Bytes ?? 0), StringComparer.Ordinal),
        _volumes.EmptyDirs());
}
