using System.Collections.Immutable;
using ActorCluster.Containers.Programs.AgnHost;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>nonewprivs: a program that is root's whoever starts it, unless allowPrivilegeEscalation is false (kubernetes/test/images/nonewprivs).</summary>
public sealed class NoNewPrivilegesImage : ContainerImage
{
    private const string ProgramPath = "/usr/local/bin/nnp";

    public override ImmutableArray<string> Repositories => ["registry.k8s.io/e2e-test-images/nonewprivs"];
    public override ImmutableArray<string> Command => ["nnp"];
    public override LinuxDistribution Distribution { get; } = LinuxDistribution.Alpine("3.22.2");
    public override ImmutableDictionary<string, IProgram> Programs { get; } = BusyBox.Programs.Add(ProgramPath, new DelegateProgram(AgnHostProgram.PrintUserAsync));
    public override ImmutableHashSet<string> SetUserIdPrograms => [ProgramPath];
    public override string Description => "prints its user's number, root's by the set-user-ID bit";
}
