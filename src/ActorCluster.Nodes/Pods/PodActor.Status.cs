using ActorCluster.Contracts.Client;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Lifecycle;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>Reporting: one write at a time, of what changed since; and the object's removal at the very end.</summary>
internal sealed partial class PodActor
{
    /// <summary>How long a write waits for containers that are just being started, so that a pod that starts at once costs one write.</summary>
    private static readonly TimeSpan CoalesceStart = TimeSpan.FromMilliseconds(100);

    private ITimer? _flush;
    private bool _flushAsked;
    private bool _writing;
    private bool _removeWhenWritten;
    private bool _removing;

    private void StatusMayHaveChanged()
    {
        if (_flushAsked || _writing || _state.Ending?.Cause == PodEndingCause.Gone) return;
        _flushAsked = true;
        if (!IsAboutToStart)
        {
            Self.Tell(FlushStatus.Now);
            return;
        }
        _flushAsked = false;
        _flush ??= _node.Clock.TellAfter(CoalesceStart, Self, FlushStatus.Now);
    }

    /// <summary>Something is on its way that is likely to be done in a moment.</summary>
    private bool IsAboutToStart => _state.Ending is null && _state.SandboxNotBefore is null
        && _state.Containers.Any(container => container.Phase == ContainerPhase.Starting || (container is { Phase: ContainerPhase.Waiting, WaitingReason: null } && _state.Sandbox != SandboxPhase.Ready));

    private void OnFlushStatus()
    {
        _flushAsked = false;
        _flush?.Dispose();
        _flush = null;
        // What the node says about a resize belongs to the status of the generation that asks for it.
        if (_writing || _state is { Ending.Cause: PodEndingCause.Gone } or { Ending: null, Resize.IsAsked: true }) return;
        var status = PodStatusBuilder.Build(_state, _node.HostIPs, _node.Now);
        if (PodStatusWriter.Difference(_state.Pod, status) is { } patch)
        {
            _writing = true;
            PodStatusWriter.WriteAsync(_node.Client, _state.Pod, patch).PipeTo(Self, useConfigureAwait: true, failure: fault => new StatusWrite.Failed(fault));
        }
        else if (_removeWhenWritten)
        {
            RemoveObject();
        }
        else if (_state.IsOver)
        {
            Context.Parent.Tell(new PodSettled(_state.Uid));
        }
    }

    private void OnStatusWrite(StatusWrite write)
    {
        _writing = false;
        switch (write)
        {
            case StatusWrite.Done done:
                Adopt(done.Pod);
                break;
            case StatusWrite.Conflict conflict:
                Adopt(conflict.Pod);
                break;
            case StatusWrite.Gone:
                Decide(_state.ObjectGone(_node.Now));
                break;
            case StatusWrite.Failed failed:
                if (failed.Fault is not ApiUnavailableException) _node.Simulation.ReportFault($"writing the status of pod {_state.Pod.Metadata.NamespaceProperty}/{_state.Pod.Metadata.Name}", failed.Fault);
                _flush ??= _node.Clock.TellAfter(RetryDelay, Self, FlushStatus.Now);
                break;
        }
    }

    /// <summary>The API server's answer is ahead of the watch; what the watch brings later is compared with it.</summary>
    private void Adopt(V1Pod pod)
    {
        if (pod.Metadata.Uid != _state.Uid) Decide(_state.ObjectGone(_node.Now));
        else if (IsNewer(pod, _state.Pod)) Take(pod);
        else StatusMayHaveChanged();
    }

    private void RemoveObject()
    {
        if (_removing) return;
        _removing = true;
        RemoveAsync(_node.Client, _state.Pod).PipeTo(Self, useConfigureAwait: true, failure: fault => new RemovalDone(fault));
    }

    private static async Task<RemovalDone> RemoveAsync(KubeClient client, V1Pod pod)
    {
        await client.DeleteAsync<V1Pod>(pod.Metadata.NamespaceProperty, pod.Metadata.Name, new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid });
        return new RemovalDone(null);
    }

    private void OnRemovalDone(RemovalDone done)
    {
        // Done, or a namesake is there now: the watch tells when the object is really gone (finalizers may keep it).
        if (done.Fault is null or ApiStatusException { IsConflict: true }) return;
        if (done.Fault is not ApiUnavailableException) _node.Simulation.ReportFault($"removing pod {_state.Pod.Metadata.NamespaceProperty}/{_state.Pod.Metadata.Name}", done.Fault);
        _removing = false;
        _flush ??= _node.Clock.TellAfter(RetryDelay, Self, FlushStatus.Now);
    }

    private sealed class FlushStatus : ILateMessage
    {
        public static readonly FlushStatus Now = new();
    }

    private sealed record RemovalDone(Exception? Fault) : ILateMessage;
}
