using System.Runtime.CompilerServices;
using System.Text;
using ActorCluster.Containers.FileSystem;
using ActorCluster.Nodes.Configuration;
using k8s.Models;

namespace ActorCluster.Nodes.Volumes;

/// <summary>The files of volumes that carry API objects: configMap, secret, downwardAPI, projected (pkg/volume/*).</summary>
/// <param name="tokens">Service account tokens by <see cref="TokenKey"/>, asked for beforehand.</param>
internal sealed class VolumeContents(
    V1Pod pod,
    IPodObjects objects,
    PodAddresses addresses,
    IReadOnlyDictionary<string, decimal> allocatable,
    IReadOnlyDictionary<TokenKey, ReadOnlyMemory<byte>> tokens)
{
    private const int DefaultMode = 0b110_100_100;

    // By the text of the ConfigMap as the node knows it: each pod has the certificate of the cluster's authority among its files.
    private static readonly ConditionalWeakTable<string, byte[]> TextBytes = [];

    private string Namespace => pod.Metadata.NamespaceProperty;

    /// <summary>Whether the node fills the volume, rather than the containers.</summary>
    public static bool IsFilledByNode(V1Volume volume) => volume.ConfigMap is not null || volume.Secret is not null || volume.DownwardAPI is not null || volume.Projected is not null;

    /// <summary>Whether a volume of the pod shows what the pod's own object says.</summary>
    public static bool ShowsPod(V1Pod pod) =>
        pod.Spec.Volumes?.Any(volume => volume.DownwardAPI is not null || volume.Projected?.Sources?.Any(source => source.DownwardAPI is not null) == true) == true;

    /// <exception cref="PodConfigurationException">Something it names isn't there and isn't optional.</exception>
    public Dictionary<string, VolumeFile> Of(V1Volume volume)
    {
        var files = new Dictionary<string, VolumeFile>(StringComparer.Ordinal);
        if (volume.ConfigMap is { } map) AddConfigMap(files, map.Name, map.Items, map.Optional, map.DefaultMode ?? DefaultMode);
        else if (volume.Secret is { } secret) AddSecret(files, secret.SecretName, secret.Items, secret.Optional, secret.DefaultMode ?? DefaultMode);
        else if (volume.DownwardAPI is { } downward) AddDownward(files, downward.Items, downward.DefaultMode ?? DefaultMode);
        else if (volume.Projected is { } projected) AddProjected(files, projected);
        return files;
    }

    private void AddProjected(Dictionary<string, VolumeFile> files, V1ProjectedVolumeSource projected)
    {
        var mode = projected.DefaultMode ?? DefaultMode;
        foreach (var source in projected.Sources ?? [])
        {
            if (source.ConfigMap is { } map) AddConfigMap(files, map.Name, map.Items, map.Optional, mode);
            if (source.Secret is { } secret) AddSecret(files, secret.Name, secret.Items, secret.Optional, mode);
            if (source.DownwardAPI is { } downward) AddDownward(files, downward.Items, mode);
            if (source.ServiceAccountToken is { } token && tokens.TryGetValue(TokenKey.Of(token), out var bytes)) files[token.Path] = TokenFile(bytes, mode);
            if (source.ClusterTrustBundle is not null || source.PodCertificate is not null) throw new PodConfigurationException("projections of trust bundles and pod certificates are not emulated");
        }
    }

    /// <summary>A token is for the pod's own user or group, if it has one.</summary>
    private VolumeFile TokenFile(ReadOnlyMemory<byte> token, int mode)
    {
        const int OwnersOnly = 0b110_000_000;
        var user = ContainerIdentity.SharedUserId(pod);
        return new VolumeFile(token, user is not null || ContainerIdentity.FileGroup(pod) is not null ? OwnersOnly : mode, user ?? 0);
    }

    private void AddConfigMap(Dictionary<string, VolumeFile> files, string name, IList<V1KeyToPath>? items, bool? optional, int mode)
    {
        if (objects.ConfigMap(Namespace, name) is not { } map)
        {
            if (optional == true) return;
            throw new PodConfigurationException($"configmap \"{name}\" not found");
        }
        var data = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Data ?? new Dictionary<string, string>()) data[key] = SharedBytes(value);
        foreach (var (key, value) in map.BinaryData ?? new Dictionary<string, byte[]>()) data[key] = value;
        AddItems(files, data, items, optional, mode, "configmap");
    }

    private void AddSecret(Dictionary<string, VolumeFile> files, string name, IList<V1KeyToPath>? items, bool? optional, int mode)
    {
        if (objects.Secret(Namespace, name) is not { } secret)
        {
            if (optional == true) return;
            throw new PodConfigurationException($"secret \"{name}\" not found");
        }
        var data = (secret.Data ?? new Dictionary<string, byte[]>()).ToDictionary(pair => pair.Key, pair => (ReadOnlyMemory<byte>)pair.Value, StringComparer.Ordinal);
        AddItems(files, data, items, optional, mode, "secret");
    }

    private static byte[] SharedBytes(string text) => TextBytes.GetValue(text, Encoding.UTF8.GetBytes);

    private static void AddItems(Dictionary<string, VolumeFile> files, Dictionary<string, ReadOnlyMemory<byte>> data, IList<V1KeyToPath>? items, bool? optional, int mode, string kind)
    {
        if (items is not { Count: > 0 })
        {
            foreach (var (key, value) in data) files[key] = new VolumeFile(value, mode);
            return;
        }
        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var value)) files[item.Path] = new VolumeFile(value, item.Mode ?? mode);
            else if (optional != true) throw new PodConfigurationException(kind == "secret" ? $"references non-existent secret key: {item.Key}" : $"configmap references non-existent config key: {item.Key}");
        }
    }

    private void AddDownward(Dictionary<string, VolumeFile> files, IList<V1DownwardAPIVolumeFile>? items, int mode)
    {
        foreach (var item in items ?? [])
        {
            var text = item.FieldRef is { } field ? FieldPaths.Resolve(pod, field.FieldPath, addresses)
                : item.ResourceFieldRef is { } resource ? ResourceFields.Resolve(pod, pod.Spec.Containers[0], resource, allocatable)
                : "";
            files[item.Path] = new VolumeFile(Encoding.UTF8.GetBytes(text), item.Mode ?? mode);
        }
    }
}

/// <summary>One token that a projected volume asks for.</summary>
internal readonly record struct TokenKey(string Audience, long ExpirationSeconds)
{
    public static TokenKey Of(V1ServiceAccountTokenProjection projection) => new(projection.Audience ?? "", projection.ExpirationSeconds ?? 3600);
}
