using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>The downward API's fieldRef (pkg/fieldpath, podFieldSelectorRuntimeValue in pkg/kubelet/kubelet_pods.go).</summary>
internal static class FieldPaths
{
    /// <exception cref="PodConfigurationException">No such field.</exception>
    public static string Resolve(V1Pod pod, string path, PodAddresses addresses)
    {
        if (path.EndsWith("']", StringComparison.Ordinal) && path.IndexOf("['", StringComparison.Ordinal) is > 0 and var open)
        {
            var key = path[(open + 2)..^2];
            return path[..open] switch
            {
                "metadata.annotations" => pod.Metadata.Annotations?.TryGetValue(key, out var annotation) == true ? annotation : "",
                "metadata.labels" => pod.Metadata.Labels?.TryGetValue(key, out var label) == true ? label : "",
                _ => throw new PodConfigurationException($"fieldPath \"{path}\" does not support subscript"),
            };
        }
        return path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => FormatMap(pod.Metadata.Labels),
            "metadata.annotations" => FormatMap(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName ?? "",
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "",
            "status.hostIP" => addresses.HostIPs.Length > 0 ? addresses.HostIPs[0] : "",
            "status.hostIPs" => string.Join(',', addresses.HostIPs),
            "status.podIP" => addresses.PodIPs.Length > 0 ? addresses.PodIPs[0] : "",
            "status.podIPs" => string.Join(',', addresses.PodIPs),
            _ => throw new PodConfigurationException($"unsupported fieldPath: {path}"),
        };
    }

    private static string FormatMap(IDictionary<string, string>? map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in (map ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(key).Append('=').Append(Quote(value));
        }
        return text.ToString();
    }

    /// <summary>As Go's strconv.Quote for what annotations hold.</summary>
    private static string Quote(string value) => JsonSerializer.Serialize(value, Relaxed);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>The addresses that the downward API and /etc/hosts tell a container.</summary>
internal readonly record struct PodAddresses(ImmutableArray<string> HostIPs, ImmutableArray<string> PodIPs);

/// <summary>A container can't be configured; the message goes into its status and an event. The node tries again.</summary>
internal sealed class PodConfigurationException(string message) : Exception(message);
