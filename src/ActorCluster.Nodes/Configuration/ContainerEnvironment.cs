using System.Text;
using k8s.Models;

namespace ActorCluster.Nodes.Configuration;

/// <summary>A container's variables: envFrom, then env in order, each of which may refer to those before it, then the services'
/// (makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go).</summary>
internal static class ContainerEnvironment
{
    /// <exception cref="PodConfigurationException">Something it refers to isn't there.</exception>
    public static Dictionary<string, string> Build(V1Pod pod, V1Container container, IPodObjects objects, PodAddresses addresses, IReadOnlyDictionary<string, decimal> allocatable)
    {
        var ns = pod.Metadata.NamespaceProperty;
        var services = objects.ServiceVariables(ns, pod.Spec.EnableServiceLinks ?? true);
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in container.EnvFrom ?? []) AddAll(own, source, ns, objects);
        foreach (var variable in container.Env ?? [])
        {
            string? value;
            if (!string.IsNullOrEmpty(variable.Value)) value = Expansion.Expand(variable.Value, name => own.GetValueOrDefault(name) ?? services.GetValueOrDefault(name));
            else if (variable.ValueFrom is { } from) value = Resolve(from, pod, container, objects, addresses, allocatable);
            else value = variable.Value ?? "";
            if (value is not null) own[variable.Name] = value;
        }
        foreach (var (name, value) in services) own.TryAdd(name, value);
        return own;
    }

    private static void AddAll(Dictionary<string, string> variables, V1EnvFromSource source, string ns, IPodObjects objects)
    {
        if (source.ConfigMapRef is { } mapReference)
        {
            var map = objects.ConfigMap(ns, mapReference.Name);
            if (map is null && mapReference.Optional != true) throw new PodConfigurationException($"configmap \"{mapReference.Name}\" not found");
            foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>()) variables[source.Prefix + key] = value;
        }
        else if (source.SecretRef is { } secretReference)
        {
            var secret = objects.Secret(ns, secretReference.Name);
            if (secret is null && secretReference.Optional != true) throw new PodConfigurationException($"secret \"{secretReference.Name}\" not found");
            foreach (var (key, value) in secret?.Data ?? new Dictionary<string, byte[]>()) variables[source.Prefix + key] = Encoding.UTF8.GetString(value);
        }
    }

    /// <returns>Null: optional and absent, so the variable is not set.</returns>
    private static string? Resolve(V1EnvVarSource source, V1Pod pod, V1Container container, IPodObjects objects, PodAddresses addresses, IReadOnlyDictionary<string, decimal> allocatable)
    {
        var ns = pod.Metadata.NamespaceProperty;
        if (source.FieldRef is { } field) return FieldPaths.Resolve(pod, field.FieldPath, addresses);
        if (source.ResourceFieldRef is { } resource) return ResourceFields.Resolve(pod, container, resource, allocatable);
        if (source.ConfigMapKeyRef is { } mapKey)
        {
            var map = objects.ConfigMap(ns, mapKey.Name);
            if (map?.Data?.TryGetValue(mapKey.Key, out var value) == true) return value;
            if (mapKey.Optional == true) return null;
            throw new PodConfigurationException(map is null ? $"configmap \"{mapKey.Name}\" not found" : $"couldn't find key {mapKey.Key} in ConfigMap {ns}/{mapKey.Name}");
        }
        if (source.SecretKeyRef is { } secretKey)
        {
            var secret = objects.Secret(ns, secretKey.Name);
            if (secret?.Data?.TryGetValue(secretKey.Key, out var value) == true) return Encoding.UTF8.GetString(value);
            if (secretKey.Optional == true) return null;
            throw new PodConfigurationException(secret is null ? $"secret \"{secretKey.Name}\" not found" : $"couldn't find key {secretKey.Key} in Secret {ns}/{secretKey.Name}");
        }
        throw new PodConfigurationException("the variable's source is of a kind that is not emulated");
    }
}
