using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using k8s;
using k8s.Models;

namespace ActorCluster.Network.Policies;

/// <summary>A core/v1 Pod of which only that is read that network policies look at: each process follows the pods of the whole cluster.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
internal sealed class PolicyPod : IKubernetesObject<V1ObjectMeta>
{
    private V1ObjectMeta _metadata = new();

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Pod";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata
    {
        get => _metadata;
        set => _metadata = new V1ObjectMeta
        {
            Name = value.Name, NamespaceProperty = value.NamespaceProperty, Uid = value.Uid, ResourceVersion = value.ResourceVersion, Labels = value.Labels,
        };
    }

    [JsonPropertyName("spec")]
    public PodSpec? Spec { get; set; }

    [JsonPropertyName("status")]
    public PodStatus? Status { get; set; }

    /// <summary>Where packets from and to the pod are; empty for pods on their node's own network, which policies don't see, and for ended ones.</summary>
    [JsonIgnore]
    public ImmutableArray<IpAddress> Addresses => Spec?.HostNetwork == true || Status?.Phase is "Succeeded" or "Failed"
        ? []
        : [.. (Status?.PodIPs ?? []).Select(ip => IpAddress.TryParse(ip.Ip, out var address) ? address : default).Where(address => address != default)];

    public PodIdentity Identify() => new(Metadata.Uid, Metadata.NamespaceProperty, Metadata.Name,
        Metadata.Labels?.AsReadOnly() ?? (IReadOnlyDictionary<string, string>)ImmutableSortedDictionary<string, string>.Empty, NamedPorts());

    private ImmutableArray<NamedPort> NamedPorts() =>
    [
        .. (Spec?.Containers ?? []).Concat((Spec?.InitContainers ?? []).Where(container => container.RestartPolicy == "Always"))
            .SelectMany(container => container.Ports ?? []).Where(port => port.Name is { Length: > 0 })
            .Select(port => new NamedPort(port.Name!, IpProtocols.OfPort(port.Protocol), (ushort)port.ContainerPort)),
    ];

    internal sealed class PodSpec
    {
        [JsonPropertyName("hostNetwork")]
        public bool? HostNetwork { get; set; }

        [JsonPropertyName("containers")]
        public List<Container>? Containers { get; set; }

        [JsonPropertyName("initContainers")]
        public List<Container>? InitContainers { get; set; }
    }

    internal sealed class Container
    {
        [JsonPropertyName("restartPolicy")]
        public string? RestartPolicy { get; set; }

        [JsonPropertyName("ports")]
        public List<Port>? Ports { get; set; }
    }

    internal sealed class Port
    {
        [JsonPropertyName("name")]
        public string? Name { get; set; }

        [JsonPropertyName("containerPort")]
        public int ContainerPort { get; set; }

        [JsonPropertyName("protocol")]
        public string? Protocol { get; set; }
    }

    internal sealed class PodStatus
    {
        [JsonPropertyName("phase")]
        public string? Phase { get; set; }

        [JsonPropertyName("podIPs")]
        public List<Address>? PodIPs { get; set; }
    }

    internal sealed class Address
    {
        [JsonPropertyName("ip")]
        public string? Ip { get; set; }
    }
}
