using System.Collections.Immutable;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Containers.Runtime;
using ActorCluster.Nodes.Configuration;
using k8s.Models;
using SharedVolumes = ActorCluster.Containers.FileSystem.Volumes;

namespace ActorCluster.Nodes.Volumes;

/// <summary>A pod's volumes, by name. They outlive its containers and end with the pod.</summary>
internal sealed class PodVolumes
{
    public static readonly PodVolumes None = new(ImmutableDictionary<string, MountedVolume>.Empty);

    private readonly IReadOnlyDictionary<string, MountedVolume> _volumes;

    private PodVolumes(IReadOnlyDictionary<string, MountedVolume> volumes) => _volumes = volumes;

    /// <summary>What the pod's owner should know of them: texts of AlreadyMountedVolume events.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    private IVolume? Logs { get; init; }

    /// <param name="claimed">The volumes behind claims.</param>
    /// <param name="disk">The node's: it has what outlives the node's process.</param>
    /// <param name="logs">What its containers write, which hostPath volumes of its /var/log show.</param>
    /// <param name="imageVolume">The volume of an image, which it pulls.</param>
    /// <param name="existing">What the pod had in its last sandbox: emptyDir volumes stay.</param>
    /// <exception cref="VolumeSetUpException">One of them can't be made; the message says which and why.</exception>
    public static PodVolumes SetUp(
        V1Pod pod, VolumeContents contents, IReadOnlyDictionary<string, V1PersistentVolume> claimed, NodeDisk disk, IVolume logs, TimeProvider clock, Func<V1Volume, IVolume> imageVolume, PodVolumes existing)
    {
        if (pod.Spec.Volumes is not { Count: > 0 } specs) return None;
        var volumes = new Dictionary<string, MountedVolume>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            try
            {
                volumes[spec.Name] = spec.Image is not null ? new MountedVolume(imageVolume(spec), "", ReadOnly: true, new PublishedFiles())
                    : existing._volumes.TryGetValue(spec.Name, out var kept) && spec.EmptyDir is not null ? kept
                    : claimed.TryGetValue(spec.Name, out var volume) ? Claimed(pod, spec, volume, disk)
                    : Make(pod, spec, contents, disk, clock);
            }
            catch (Exception fault) when (fault is PodConfigurationException or FileFaultException)
            {
                throw new VolumeSetUpException($"MountVolume.SetUp failed for volume \"{spec.Name}\" : {fault.Message}");
            }
        }
        var warnings = ContainerIdentity.FileGroup(pod) is { } group ? GiveTo(group, pod, volumes) : [];
        return new PodVolumes(volumes) { Logs = logs, Warnings = warnings };
    }

    /// <summary>fsGroup: all files of what is the pod's.</summary>
    private static ImmutableArray<string> GiveTo(int group, V1Pod pod, Dictionary<string, MountedVolume> volumes)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        foreach (var (name, mounted) in volumes.OrderBy(volume => volume.Key, StringComparer.Ordinal))
        {
            if (mounted.TakesGroup)
            {
                SharedVolumes.SetGroup(mounted.Volume, group, mounted.ReadOnly);
            }
            else if (mounted.Local is { } local)
            {
                // As pkg/volume/local has it: the first of its pods decides.
                if (!local.IsShared) SetGroup(mounted, name, group, pod.Spec.SecurityContext?.FsGroupChangePolicy == "OnRootMismatch");
                else if (mounted.Volume.Files.Stat(mounted.SubPath).GroupId is var other && other != group)
                    warnings.Add($"The requested fsGroup is {group}, but the volume {local.Name} has GID {other}. The volume may not be shareable.");
            }
        }
        return warnings.ToImmutable();
    }

    private static void SetGroup(MountedVolume mounted, string name, int group, bool unlessRootIs)
    {
        if (mounted.ReadOnly) return;
        try
        {
            SharedVolumes.SetFolderGroup(mounted.Volume, mounted.SubPath, group, readOnly: false, unlessRootIs);
        }
        catch (FileFaultException fault)
        {
            throw new VolumeSetUpException($"MountVolume.SetUp failed for volume \"{name}\" : {fault.Message}");
        }
    }

    /// <summary>Brings volumes that show API objects up to date. What went away stays as it was, as upstream leaves it.</summary>
    public void Refresh(V1Pod pod, VolumeContents contents)
    {
        foreach (var spec in pod.Spec.Volumes ?? [])
        {
            if (!VolumeContents.IsFilledByNode(spec) || !_volumes.TryGetValue(spec.Name, out var mounted)) continue;
            try
            {
                var files = contents.Of(spec);
                if (mounted.Published.Replace(files)) SharedVolumes.Publish(mounted.Volume, files);
            }
            catch (PodConfigurationException)
            {
                // The kubelet reports this and keeps the old files; containers that use them go on.
            }
        }
    }

    /// <param name="environment">For subPathExpr.</param>
    /// <exception cref="PodConfigurationException">A mount names no volume.</exception>
    public ImmutableArray<VolumeMount> MountsOf(V1Container container, IReadOnlyDictionary<string, string> environment)
    {
        if (container.VolumeMounts is not { Count: > 0 } mounts) return [];
        var result = ImmutableArray.CreateBuilder<VolumeMount>(mounts.Count);
        foreach (var mount in mounts)
        {
            if (!_volumes.TryGetValue(mount.Name, out var mounted))
                throw new PodConfigurationException($"cannot find volume \"{mount.Name}\" to mount into container \"{container.Name}\"");
            var subPath = !string.IsNullOrEmpty(mount.SubPathExpr) ? Expansion.Expand(mount.SubPathExpr, environment.GetValueOrDefault) : mount.SubPath ?? "";
            if (subPath.StartsWith('/') || subPath.Split('/').Contains("..")) throw new PodConfigurationException($"failed to prepare subPath for volumeMount \"{mount.Name}\" of container \"{container.Name}\"");
            var whole = string.Join('/', new[] { mounted.SubPath.Trim('/'), subPath.Trim('/') }.Where(part => part.Length > 0));
            var shown = new VolumeMount(mount.MountPath, mounted.Volume, whole, mount.ReadOnlyProperty == true || mounted.ReadOnly);
            if (mounted.IsHost && Logs is { } logs) result.AddRange(LogMounts.Of(shown, logs));
            else result.Add(shown);
        }
        return result.ToImmutable();
    }

    /// <summary>By name, how many bytes each emptyDir holds.</summary>
    public Dictionary<string, long> EmptyDirs() => _volumes.Where(volume => volume.Value.IsEmptyDir).ToDictionary(volume => volume.Key, volume => volume.Value.Volume.UsedBytes, StringComparer.Ordinal);

    /// <summary>A folder of the node's own files. That of a local volume is made, as nobody else could.</summary>
    private static MountedVolume Claimed(V1Pod pod, V1Volume spec, V1PersistentVolume volume, NodeDisk disk)
    {
        if (volume.Spec.VolumeMode == "Block") throw new PodConfigurationException("block devices are not emulated");
        var source = volume.Spec.HostPath
            ?? (volume.Spec.Local is { } local ? new V1HostPathVolumeSource { Path = local.Path, Type = "DirectoryOrCreate" } : throw new PodConfigurationException("volumes of this kind are not emulated"));
        HostPaths.Check(disk.Files.Files, source);
        return new MountedVolume(disk.Files, source.Path, spec.PersistentVolumeClaim?.ReadOnlyProperty == true, new PublishedFiles())
        {
            Local = volume.Spec.Local is null ? null : new LocalVolume(volume.Metadata.Name, disk.UseLocal(pod.Metadata.Uid, source.Path)),
        };
    }

    private static MountedVolume Make(V1Pod pod, V1Volume spec, VolumeContents contents, NodeDisk disk, TimeProvider clock)
    {
        if (spec.EmptyDir is { } empty)
        {
            // What is in memory ends with the node's process and can't grow beyond its limit; on disk it may, and the pod is evicted for it (StorageLimits).
            var limit = empty is { Medium: "Memory", SizeLimit: { } size } && size.ToDecimal() > 0 ? (long?)Math.Min(size.ToDecimal(), long.MaxValue) : null;
            var files = string.IsNullOrEmpty(empty.Medium) ? disk.EmptyDir(pod.Metadata.Uid, spec.Name) : SharedVolumes.CreateEmptyDir(spec.Name, clock, limit, inMemory: empty.Medium == "Memory");
            return new MountedVolume(files, "", ReadOnly: false, new PublishedFiles()) { IsEmptyDir = true, TakesGroup = true };
        }
        if (spec.HostPath is { } host)
        {
            var own = disk.FilesOfHost();
            HostPaths.Check(own.Files, host);
            return new MountedVolume(own, host.Path, ReadOnly: false, new PublishedFiles()) { IsHost = true };
        }
        if (!VolumeContents.IsFilledByNode(spec)) throw new PodConfigurationException("volumes of this kind are not emulated");
        var volume = SharedVolumes.CreateProjected(spec.Name, clock, inMemory: spec.ConfigMap is null);
        var shown = contents.Of(spec);
        var published = new PublishedFiles();
        published.Replace(shown);
        SharedVolumes.Publish(volume, shown);
        return new MountedVolume(volume, "", ReadOnly: true, published) { TakesGroup = true };
    }

    private sealed record MountedVolume(IVolume Volume, string SubPath, bool ReadOnly, PublishedFiles Published)
    {
        public bool IsEmptyDir { get; init; }

        /// <summary>Whether it is the pod's fsGroup's: what the node makes for the pod, not what is there anyway.</summary>
        public bool TakesGroup { get; init; }

        /// <summary>Whether it is a hostPath.</summary>
        public bool IsHost { get; init; }

        public LocalVolume? Local { get; init; }
    }

    /// <param name="Name">Of the persistent volume.</param>
    /// <param name="IsShared">Another pod of the node uses it already.</param>
    private sealed record LocalVolume(string Name, bool IsShared);

    /// <summary>What a volume shows, to tell whether anything changed.</summary>
    private sealed class PublishedFiles
    {
        private Dictionary<string, VolumeFile>? _files;

        /// <returns>False if these are the same files.</returns>
        public bool Replace(Dictionary<string, VolumeFile> files)
        {
            if (_files is not null && _files.Count == files.Count && files.All(pair => _files.TryGetValue(pair.Key, out var old) && old.Mode == pair.Value.Mode && old.UserId == pair.Value.UserId && old.Content.Span.SequenceEqual(pair.Value.Content.Span))) return false;
            _files = files;
            return true;
        }
    }
}

/// <summary>A pod's volume can't be made; the FailedMount event's text.</summary>
internal sealed class VolumeSetUpException(string message) : Exception(message);
