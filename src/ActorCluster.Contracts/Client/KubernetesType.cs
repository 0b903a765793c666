using System.Collections.Concurrent;
using System.Reflection;
using ActorCluster.Api;
using k8s.Models;

namespace ActorCluster.Contracts.Client;

/// <summary>What the official models' <see cref="KubernetesEntityAttribute"/> says about a type.</summary>
public sealed record KubernetesType(ResourceName Resource, string Version, string Kind)
{
    private static readonly ConcurrentDictionary<Type, KubernetesType> Known = [];

    /// <summary>"v1", "apps/v1".</summary>
    public string ApiVersion { get; } = Resource.Group.Length == 0 ? Version : $"{Resource.Group}/{Version}";

    /// <exception cref="ArgumentException">The type is none of the models.</exception>
    public static KubernetesType Of<T>() => Cached<T>.Value;

    /// <inheritdoc cref="Of{T}"/>
    public static KubernetesType Of(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Known.GetOrAdd(type, Find);
    }

    private static KubernetesType Find(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{type} has no [KubernetesEntity] that says its group, version and plural.", nameof(type));
        // The models leave it out where two of one name are in different groups (Resourcev1ResourceClaim).
        var plural = string.IsNullOrEmpty(entity.PluralName) ? entity.Kind.ToLowerInvariant() + "s" : entity.PluralName;
        return new KubernetesType(new ResourceName(entity.Group ?? "", plural), entity.ApiVersion, entity.Kind);
    }

    private static class Cached<T>
    {
        public static readonly KubernetesType Value = Find(typeof(T));
    }
}
