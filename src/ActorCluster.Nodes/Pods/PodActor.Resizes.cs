using ActorCluster.Nodes.Lifecycle;

namespace ActorCluster.Nodes.Pods;

// Resources that change while the pod runs (KEP-1287): the node allocates them, the containers' control groups get them.
internal sealed partial class PodActor
{
    private void OnResizeGranted(ResizeGranted granted)
    {
        if (_state.Ending is null) PodEvents.Record(_node, _state.Pod, null, "Normal", "ResizeStarted", ResizeMessages.Started(granted.Wanted));
        Decide(_state.ResizeAllocated(granted.Wanted, _node.Now));
    }

    private void OnResizeRefused(ResizeRefused refused)
    {
        var before = _state.Resize.Pending;
        _state = _state.ResizeDeferred(refused.Generation, refused.Message, _node.Now);
        if (_state is { Ending: null, Resize.Pending: { } pending } && pending.Generation != before?.Generation)
            PodEvents.Record(_node, _state.Pod, null, "Warning", "ResizeDeferred", ResizeMessages.Pending(_state.Pod, pending));
        Decide();
    }

    private void UpdateResources(string name)
    {
        if (_slots.GetValueOrDefault(name)?.Group is { } group) group.Limits = ContainerLimits.Of(_state.Pod, _state.Find(name)?.Actual);
        // What the downward API says of it changes with it.
        if (_sandbox is not null && _state.Sandbox == SandboxPhase.Ready) _volumes.Refresh(_state.Pod, Contents());
    }
}
