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

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty
        .Add("/etc/alpine-release", "3.22.0\n"u8.ToArray())
        .Add("/etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\nHOME_URL=\"https://alpinelinux.org/\"\n"u8.ToArray());

    public override string Description => "busybox's tools with Alpine's /etc";
}
