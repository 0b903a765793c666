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

    /// <param name="claimed">The volumes behind claims.</param>
    /// <param name="disk">The node's: it has what outlives the node's process.</param>
    /// <param name="imageVolume">The volume of an image, which it pulls.</param>
    /// <param name="existing">What the pod had in its last sandbox: emptyDir volumes stay.</param>
    /// <exception cref="VolumeSetUpException">One of them can't be made; the message says which and why.</exception>
    public static PodVolumes SetUp(
        V1Pod pod, VolumeContents contents, IReadOnlyDictionary<string, V1PersistentVolume> claimed, NodeDisk disk, TimeProvider clock, Func<V1Volume, IVolume> imageVolume, PodVolumes existing)
    {
        if (pod.Spec.Volumes is not { Count: > 0 } specs) return None;
        var volumes = new Dictionary<string, MountedVolume>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            try
            {
                volumes[spec.Name] = spec.Image is not null ? new MountedVolume(imageVolume(spec), "", ReadOnly: true, new PublishedFiles())
                    : existing._volumes.TryGetValue(spec.Name, out var kept) && spec.EmptyDir is not null ? kept
                    : claimed.TryGetValue(spec.Name, out var volume) ? Claimed(spec, volume, disk.Files)
                    : Make(pod, spec, contents, disk, clock);
            }
            catch (Exception fault) when (fault is PodConfigurationException or FileFaultException)
            {
                throw new VolumeSetUpException($"MountVolume.SetUp failed for volume \"{spec.Name}\" : {fault.Message}");
            }
        }
        if (ContainerIdentity.FileGroup(pod) is { } group)
        {
            foreach (var mounted in volumes.Values.Where(mounted => mounted.TakesGroup)) SharedVolumes.SetGroup(mounted.Volume, group, mounted.ReadOnly);
        }
        return new PodVolumes(volumes);
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
            result.Add(new VolumeMount(mount.MountPath, mounted.Volume, whole, mount.ReadOnlyProperty == true || mounted.ReadOnly));
        }
        return result.ToImmutable();
    }

    /// <summary>By name, how many bytes each emptyDir holds.</summary>
    public Dictionary<string, long> EmptyDirs() => _volumes.Where(volume => volume.Value.IsEmptyDir).ToDictionary(volume => volume.Key, volume => volume.Value.Volume.UsedBytes, StringComparer.Ordinal);

    /// <summary>A folder of the node's own files. That of a local volume is made, as nobody else could.</summary>
    private static MountedVolume Claimed(V1Volume spec, V1PersistentVolume volume, IVolume hostFiles)
    {
        if (volume.Spec.VolumeMode == "Block") throw new PodConfigurationException("block devices are not emulated");
        var source = volume.Spec.HostPath
            ?? (volume.Spec.Local is { } local ? new V1HostPathVolumeSource { Path = local.Path, Type = "DirectoryOrCreate" } : throw new PodConfigurationException("volumes of this kind are not emulated"));
        HostPaths.Check(hostFiles.Files, source);
        return new MountedVolume(hostFiles, source.Path, spec.PersistentVolumeClaim?.ReadOnlyProperty == true, new PublishedFiles());
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
            return new MountedVolume(own, host.Path, ReadOnly: false, new PublishedFiles());
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
    }

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
