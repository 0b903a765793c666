using System.Collections.Immutable;
using ActorCluster.Containers.Programs.AgnHost;
using ActorCluster.Containers.Programs.CoreDns;
using ActorCluster.Containers.Programs.Curl;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;
using ActorCluster.Containers.Tools.Networking;

namespace ActorCluster.Containers.Images;

/// <summary>agnhost, Kubernetes's own test image: one program of many servers, on Alpine with curl, OpenBSD's nc and BIND's tools.</summary>
public class AgnHostImage : ContainerImage
{
    private static readonly AgnHostProgram Program = new();

    public override ImmutableArray<string> Repositories => ["registry.k8s.io/e2e-test-images/agnhost", "k8s.gcr.io/e2e-test-images/agnhost", "gcr.io/k8s-staging-e2e-test-images/agnhost"];
    public override ImmutableArray<string> Entrypoint => ["/agnhost"];
    public override ImmutableArray<string> Command => ["pause"];
    public override LinuxDistribution Distribution { get; } = LinuxDistribution.Alpine("3.21.5");

    public override ImmutableDictionary<string, IProgram> Programs { get; } = DnsUtilsImage.WithBind(BusyBox.Programs)
        .Remove("/bin/nc")
        .SetItem("/usr/bin/nc", NetCat.OpenBsdTool)
        .SetItem("/usr/bin/curl", new CurlProgram())
        .SetItem("/coredns", new CoreDnsProgram())
        .SetItem("/agnhost", Program)
        .SetItem("/agnhost-2", Program);

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files => ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty
        .Add("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nuser-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh\n"u8.ToArray())
        .Add("/etc/group", "root:x:0:root\nnobody:x:65534:\nuser-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n"u8.ToArray())
        .Add("/localhost.crt", AgnHostCertificate.Certificate)
        .Add("/localhost.key", AgnHostCertificate.Key);

    public override string Description => "Kubernetes's test servers: netexec, pause, porter, serve-hostname, ...";
}
