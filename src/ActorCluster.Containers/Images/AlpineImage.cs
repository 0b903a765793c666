using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>alpine: busybox's tools with Alpine's /etc.</summary>
public sealed class AlpineImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["alpine"];
    public override ImmutableArray<string> Command => ["/bin/sh"];
    public override ImmutableDictionary<string, IProgram> Programs => BusyBox.Programs;
    public override LinuxDistribution Distribution { get; } = LinuxDistribution.Alpine("3.22.2");
    public override string Description => "busybox's tools with Alpine's /etc";
}
