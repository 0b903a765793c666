using System.Collections.Immutable;
using ActorCluster.Network.Packets;

namespace ActorCluster.Network.Policies;

/// <summary>What network policies see of a pod.</summary>
/// <param name="Uid">Tells it from a namesake, and from an earlier pod with its address.</param>
/// <param name="Ports">The ports that its containers give names to.</param>
public sealed record PodIdentity(string Uid, string Namespace, string Name, IReadOnlyDictionary<string, string> Labels, ImmutableArray<NamedPort> Ports)
{
    /// <summary>"namespace/name".</summary>
    public string FullName => $"{Namespace}/{Name}";

    public override string ToString() => FullName;
}

/// <summary>A container's port by its name.</summary>
public sealed record NamedPort(string Name, IpProtocol Protocol, ushort Port);
