using System.Collections.Immutable;
using ActorCluster.Containers.Programs.CoreDns;
using ActorCluster.Containers.Runtime;

namespace ActorCluster.Containers.Images;

/// <summary>registry.k8s.io/coredns/coredns: the cluster's DNS.</summary>
public sealed class CoreDnsImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["registry.k8s.io/coredns/coredns", "coredns/coredns"];
    public override ImmutableArray<string> Entrypoint => ["/coredns"];
    public override LinuxDistribution Distribution => LinuxDistribution.Distroless;

    public override ImmutableDictionary<string, IProgram> Programs { get; } = ImmutableDictionary<string, IProgram>.Empty.Add("/coredns", new CoreDnsProgram());

    public override string Description => "the cluster's DNS server, configured by a Corefile";
}
