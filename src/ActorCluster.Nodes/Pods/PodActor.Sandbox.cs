using ActorCluster.Contracts.Client;
using ActorCluster.Nodes.Agent;
using ActorCluster.Nodes.Configuration;
using ActorCluster.Nodes.Lifecycle;
using ActorCluster.Nodes.Volumes;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Nodes.Pods;

/// <summary>The sandbox: objects that the pod refers to, tokens, network, volumes.</summary>
internal sealed partial class PodActor
{
    /// <summary>Between attempts to mount, doubling (durationBeforeRetry in pkg/util/goroutinemap/exponentialbackoff).</summary>
    private static readonly TimeSpan InitialMountRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaximumMountRetry = TimeSpan.FromSeconds(122);

    private PodReferences? _references;

    /// <summary>Kept only where there is something to refer to: most pods refer to nothing, and there are many.</summary>
    private PodReferences References => _references ??= PodReferences.Of(_state.Pod.Spec);

    private void PrepareSandbox()
    {
        var prepared = PrepareAsync();
        if (prepared.IsCompletedSuccessfully)
        {
            // The usual case: there was nothing to wait for.
            Adopt(prepared.Result);
            _decideAgain = true;
        }
        else
        {
            prepared.PipeTo(Self, useConfigureAwait: true);
        }
    }

    private async Task<SandboxPrepared> PrepareAsync()
    {
        try
        {
            // The fields are read before the first wait: afterwards they belong to the actor again.
            var (pod, references, client, now) = (_state.Pod, References, _node.Client, _node.Now);
            await _node.Objects.ReadyForAsync(references);
            var claimed = await ClaimedVolumes.ReadAsync(client, pod);
            return new SandboxPrepared(await VolumeTokens.RequestAsync(client, pod, references.Tokens, now), claimed, null);
        }
        catch (Exception fault) when (fault is VolumeSetUpException or ApiUnavailableException or OperationCanceledException)
        {
            return new SandboxPrepared(VolumeTokens.None, ClaimedVolumes.None, fault);
        }
    }

    private void OnSandboxPrepared(SandboxPrepared prepared)
    {
        Adopt(prepared);
        Decide();
    }

    private void Adopt(SandboxPrepared prepared)
    {
        _tokens = prepared.Tokens;
        try
        {
            if (prepared.Fault is VolumeSetUpException refused) throw refused;
            _state = prepared.Fault is null ? MakeSandbox(prepared.Claimed) : _state.SandboxFailed(_node.Now + RetryDelay);
        }
        catch (VolumeSetUpException fault)
        {
            PodEvents.Record(_node, _state.Pod, null, "Warning", "FailedMount", fault.Message);
            _sandboxFailures = _sandboxFailures.Next(_node.Now, _node.Now, InitialMountRetry, MaximumMountRetry);
            _state = _state.SandboxFailed(_node.Now + _sandboxFailures.Delay);
        }
    }

    private PodNetwork DescribeNetwork()
    {
        if (_sandbox is not { } sandbox) return PodNetwork.None;
        var pod = _state.Pod;
        return new(sandbox.Network, [.. sandbox.Network.Addresses], PodDns.ResolvConf(pod.Spec, pod.Metadata.NamespaceProperty), PodHosts.HostsFile(pod, _node.NodeName, sandbox.PodIPs), _node.Network);
    }

    private void OnDivert(IActorRef receiver)
    {
        _sandbox?.Divert(_state.Pod, receiver);
        Sender.Tell(DescribeNetwork());
    }

    private PodState MakeSandbox(IReadOnlyDictionary<string, V1PersistentVolume> claimed)
    {
        if (_sandbox is null && CreateSandbox() is { } fault)
        {
            PodEvents.Record(_node, _state.Pod, null, "Warning", "FailedCreatePodSandBox", $"Failed to create pod sandbox: {fault}");
            return _state.SandboxFailed(_node.Now + _node.Timings.ConfigRetry);
        }
        _volumes = PodVolumes.SetUp(_state.Pod, Contents(), claimed, _node.Disk, _node.Logs.Volume, _node.Clock, ImageVolume, _volumes);
        foreach (var warning in _volumes.Warnings) PodEvents.Record(_node, _state.Pod, null, "Warning", "AlreadyMountedVolume", warning);
        return _state.SandboxReady(_sandbox!.PodIPs);
    }

    /// <returns>Why it can't be made; null if it is.</returns>
    private string? CreateSandbox()
    {
        foreach (var omitted in PodDns.Form(_state.Pod.Spec, _state.Pod.Metadata.NamespaceProperty).Faults) PodEvents.Record(_node, _state.Pod, null, "Warning", "DNSConfigForming", omitted);
        try
        {
            PodHosts.KernelHostname(_state.Pod, _node.NodeName);
        }
        catch (PodConfigurationException fault)
        {
            return fault.Message;
        }
        _sandbox = PodSandbox.TryCreate(_state.Pod, _node, Context);
        return _sandbox is not null ? null
            : $"rpc error: code = Unknown desc = failed to setup network for sandbox: no IP addresses available in range set: {string.Join(", ", _node.Addresses.Networks)}";
    }

    private VolumeContents Contents() => new(_state.AllocatedPod, _node.Objects, new PodAddresses(_node.HostIPs, _sandbox!.PodIPs), _node.Allocatable, _tokens.Tokens);

    private void OnReferenceChanged(ReferencedObject changed)
    {
        if (changed.Namespace != _state.Pod.Metadata.NamespaceProperty || !References.Contains(changed)) return;
        if (_sandbox is not null && _state.Sandbox == SandboxPhase.Ready) _volumes.Refresh(_state.Pod, Contents());
        Decide(_state.RetryNow());
    }

    /// <summary>Goes on with the pod as it is now; volumes that show its labels and annotations follow.</summary>
    private void Take(V1Pod pod)
    {
        if (_sandbox is not null && _state.Sandbox == SandboxPhase.Ready && VolumeContents.ShowsPod(pod))
            _volumes.Refresh(pod, new VolumeContents(pod, _node.Objects, new PodAddresses(_node.HostIPs, _sandbox.PodIPs), _node.Allocatable, _tokens.Tokens));
        Decide(_state.WithPod(pod, _node.Now));
    }

    private void RenewTokens()
    {
        // Not again until this answer is in.
        _tokens = _tokens with { RenewAt = null };
        PrepareAsync().PipeTo(Self, useConfigureAwait: true, success: prepared => new TokensRenewed(prepared));
    }

    private void OnTokensRenewed(TokensRenewed renewed)
    {
        _tokens = renewed.Prepared.Fault is null ? renewed.Prepared.Tokens : _tokens with { RenewAt = _node.Now + RetryDelay };
        if (renewed.Prepared.Fault is null && _sandbox is not null && _state.Sandbox == SandboxPhase.Ready) _volumes.Refresh(_state.Pod, Contents());
        Decide();
    }

    /// <param name="Fault">Null, <see cref="VolumeSetUpException"/>, or that the API server can't be reached.</param>
    private sealed record SandboxPrepared(VolumeTokens Tokens, IReadOnlyDictionary<string, V1PersistentVolume> Claimed, Exception? Fault) : ILateMessage;

    private sealed record TokensRenewed(SandboxPrepared Prepared) : ILateMessage;
}
