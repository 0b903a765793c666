using System.Collections.Concurrent;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Controllers.Objects;
using ActorCluster.Controllers.Reconciling;
using k8s.Models;

namespace ActorCluster.Controllers.PersistentVolumes;

/// <summary>Makes volumes as a kind cluster's rancher.io/local-path does: a folder of a node's own (emulated) files for each claim. Keys are those of claims
/// ("claim:ns/name") and volumes ("volume:name").</summary>
/// <remarks>The folder comes with its first pod; the node removes it when the volume is gone.</remarks>
internal sealed class LocalPathProvisioner : IReconciler
{
    private const string ClaimPrefix = "claim:";
    private const string VolumePrefix = "volume:";
    private const string Hostname = "kubernetes.io/hostname";
    private static readonly string[] Modes = ["ReadWriteOnce", "ReadWriteOncePod"];

    private readonly KubeClient _client;
    private readonly EventRecorder _events;
    private readonly Informer<V1PersistentVolumeClaim> _claims;
    private readonly Informer<V1PersistentVolume> _volumes;
    private readonly Informer<V1StorageClass> _classes;
    private readonly Informer<V1Node> _nodes;

    /// <summary>The keys of claims for which there was no node.</summary>
    private readonly ConcurrentDictionary<string, bool> _waiting = new(StringComparer.Ordinal);

    public LocalPathProvisioner(ControllerServices services)
    {
        _client = new KubeClient(services.Api, "system:serviceaccount:local-path-storage:local-path-provisioner-service-account");
        _events = services.EventsFor(_client, WellKnown.LocalPathProvisioner);
        _claims = services.Informers.Of<V1PersistentVolumeClaim>();
        _volumes = services.Informers.Of<V1PersistentVolume>();
        _classes = services.Informers.Of<V1StorageClass>();
        _nodes = services.Informers.Of<V1Node>();
    }

    public string Name => "local-path-provisioner";

    public void Attach(IReconcileQueue queue)
    {
        _claims.Changed += (_, after) =>
        {
            if (after is not null) queue.Add(ClaimPrefix + ObjectNames.Join(after.Metadata.NamespaceProperty, after.Metadata.Name));
        };
        _volumes.Changed += (_, after) =>
        {
            if (after is not null && IsOwn(after)) queue.Add(VolumePrefix + after.Metadata.Name);
        };
        _nodes.Changed += (_, after) =>
        {
            if (_waiting.IsEmpty || after is null || !IsUsable(after)) return;
            foreach (var key in _waiting.Keys.Order(StringComparer.Ordinal))
            {
                if (_waiting.TryRemove(key, out var _)) queue.Add(key);
            }
        };
    }

    public async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (key.StartsWith(VolumePrefix, StringComparison.Ordinal))
        {
            if (_volumes.Get("", key[VolumePrefix.Length..]) is { } volume) await DeleteReleasedAsync(volume, cancellationToken);
            return ReconcileResult.Done;
        }
        var (ns, name) = ObjectNames.Split(key[ClaimPrefix.Length..]);
        if (_claims.Get(ns, name) is not { } claim || _classes.Get("", VolumeMatching.ClassOf(claim)) is not { Provisioner: WellKnown.LocalPathProvisioner } storageClass) return ReconcileResult.Done;
        if (!string.IsNullOrEmpty(claim.Spec.VolumeName)) await GrowAsync(claim, cancellationToken);
        else if (VolumeAnnotations.Get(claim, VolumeAnnotations.Provisioner) == WellKnown.LocalPathProvisioner && claim.Metadata.DeletionTimestamp is null)
            await ProvisionAsync(key, claim, storageClass, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task ProvisionAsync(string key, V1PersistentVolumeClaim claim, V1StorageClass storageClass, CancellationToken cancellationToken)
    {
        var selected = VolumeAnnotations.Get(claim, VolumeAnnotations.SelectedNode);
        if (selected is null && storageClass.VolumeBindingMode == "WaitForFirstConsumer") return;
        var name = $"pvc-{claim.Metadata.Uid}";
        if (_volumes.Get("", name) is not null) return;
        if (Refusal(claim) is { } why)
        {
            _events.Record(claim, "Warning", "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storageClass.Metadata.Name}\": {why}");
            return;
        }
        if (selected is not null && _nodes.Get("", selected) is null)
        {
            // The node is gone: the scheduler is to choose another.
            await _client.UpdateAsync(claim with { Metadata = VolumeAnnotations.With(claim.Metadata, (VolumeAnnotations.SelectedNode, null)) }, ct: cancellationToken);
            return;
        }
        // Before the nodes are looked at, so that one that comes meanwhile isn't missed.
        _waiting[key] = true;
        var node = selected is null ? AnyNode() : _nodes.Get("", selected);
        _events.Record(claim, "Normal", "Provisioning", $"External provisioner is provisioning volume for claim \"{claim.Metadata.NamespaceProperty}/{claim.Metadata.Name}\"");
        if (node is null)
        {
            _events.Record(claim, "Warning", "ProvisioningFailed", $"failed to provision volume with StorageClass \"{storageClass.Metadata.Name}\": configuration error, no node was specified");
            return;
        }
        _waiting.TryRemove(key, out _);
        try
        {
            await _client.CreateAsync(NewVolume(name, claim, storageClass, node), cancellationToken);
        }
        catch (ApiStatusException there) when (there.IsAlreadyExists)
        {
            return;
        }
        _events.Record(claim, "Normal", "ProvisioningSucceeded", $"Successfully provisioned volume {name}");
    }

    private static string? Refusal(V1PersistentVolumeClaim claim)
    {
        if (claim.Spec.Selector is not null) return "claim.Spec.Selector is not supported";
        if (claim.Spec.VolumeMode == "Block") return "block volume mode is not supported";
        return (claim.Spec.AccessModes ?? []).Any(mode => !Modes.Contains(mode)) ? "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes" : null;
    }

    private static V1PersistentVolume NewVolume(string name, V1PersistentVolumeClaim claim, V1StorageClass storageClass, V1Node node) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            Annotations = new Dictionary<string, string> { [VolumeAnnotations.ProvisionedBy] = WellKnown.LocalPathProvisioner, ["local.path.provisioner/selected-node"] = node.Metadata.Name },
        },
        Spec = new V1PersistentVolumeSpec
        {
            AccessModes = claim.Spec.AccessModes,
            Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
            ClaimRef = VolumeBinder.ReferenceTo(claim),
            HostPath = new V1HostPathVolumeSource { Path = $"{WellKnown.LocalPathFolder}/{name}_{claim.Metadata.NamespaceProperty}_{claim.Metadata.Name}", Type = "DirectoryOrCreate" },
            MountOptions = storageClass.MountOptions,
            NodeAffinity = new V1VolumeNodeAffinity
            {
                Required = new V1NodeSelector
                {
                    NodeSelectorTerms =
                    [
                        new V1NodeSelectorTerm { MatchExpressions = [new V1NodeSelectorRequirement { Key = Hostname, OperatorProperty = "In", Values = [HostnameOf(node)] }] },
                    ],
                },
            },
            PersistentVolumeReclaimPolicy = storageClass.ReclaimPolicy ?? "Delete",
            StorageClassName = storageClass.Metadata.Name,
            VolumeMode = "Filesystem",
        },
    };

    /// <summary>A folder is as large as its file system; only what is said of it grows, where the class allows that.</summary>
    private async Task GrowAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Status?.Phase != "Bound" || _volumes.Get("", claim.Spec.VolumeName) is not { } volume || !IsOwn(volume)) return;
        var asked = claim.Spec.Resources.Requests["storage"];
        if (VolumeMatching.Capacity(volume) < asked.ToDecimal())
            await _client.UpdateAsync(volume with { Spec = volume.Spec with { Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = asked } } }, ct: cancellationToken);
        if (claim.Status.Capacity is { } capacity && capacity.TryGetValue("storage", out var has) && has.ToDecimal() >= asked.ToDecimal()) return;
        var grown = claim.Status with { Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = asked } };
        await _client.UpdateAsync(claim with { Status = grown }, "status", cancellationToken);
        _events.Record(claim, "Normal", "FileSystemResizeSuccessful", "MountVolume.NodeExpandVolume succeeded for volume \"" + volume.Metadata.Name + "\"");
    }

    private async Task DeleteReleasedAsync(V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume is { Status.Phase: "Released", Spec.PersistentVolumeReclaimPolicy: "Delete" } && volume.Metadata.DeletionTimestamp is null)
            await _client.DeleteAsync<V1PersistentVolume>("", volume.Metadata.Name, ct: cancellationToken);
    }

    /// <summary>For claims that don't wait for a pod to say where.</summary>
    private V1Node? AnyNode() =>
        _nodes.List().Where(IsUsable).OrderBy(node => node.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    private static bool IsUsable(V1Node node) => node.Spec?.Unschedulable != true && Conditions.Find(node, "Ready")?.Status == "True";

    private static string HostnameOf(V1Node node) => node.Metadata.Labels is { } labels && labels.TryGetValue(Hostname, out var name) ? name : node.Metadata.Name;

    private static bool IsOwn(V1PersistentVolume volume) => VolumeAnnotations.Get(volume, VolumeAnnotations.ProvisionedBy) == WellKnown.LocalPathProvisioner;
}
