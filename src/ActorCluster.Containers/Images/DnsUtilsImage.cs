using System.Collections.Immutable;
using ActorCluster.Containers.Programs.Bind;
using ActorCluster.Containers.Programs.Curl;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>dnsutils: the shell with BIND's dig, nslookup and host.</summary>
/// <param name="distribution">What it is built on; null for what isn't known of.</param>
public sealed class DnsUtilsImage(LinuxDistribution? distribution, params string[] repositories) : ContainerImage
{
    public override ImmutableArray<string> Repositories { get; } = [.. repositories];
    public override LinuxDistribution? Distribution => distribution;

    public override ImmutableArray<string> Command => ["/bin/sh"];

    public override ImmutableDictionary<string, IProgram> Programs { get; } = WithBind(BusyBox.Programs).SetItem("/usr/bin/curl", new CurlProgram());

    public override string Description => "BIND's dig, nslookup and host";

    /// <summary>BIND's tools in the place of busybox's.</summary>
    internal static ImmutableDictionary<string, IProgram> WithBind(ImmutableDictionary<string, IProgram> programs) => programs
        .Remove("/bin/nslookup")
        .SetItem("/usr/bin/nslookup", new NslookupProgram())
        .SetItem("/usr/bin/dig", new DigProgram())
        .SetItem("/usr/bin/host", new HostProgram());
}
