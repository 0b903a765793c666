using System.Collections.Immutable;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>busybox: the shell and all tools, in /bin.</summary>
public sealed class BusyBoxImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["busybox", "registry.k8s.io/e2e-test-images/busybox", "gcr.io/google-containers/busybox"];
    public override ImmutableArray<string> Command => ["sh"];
    public override ImmutableDictionary<string, IProgram> Programs => BusyBox.Programs;
    public override string Description => "the shell and the common Unix tools";
}
