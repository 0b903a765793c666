using System.Collections.Immutable;
using ActorCluster.Containers.Programs.Curl;
using ActorCluster.Containers.Programs.Nginx;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>nginx: serves /usr/share/nginx/html by a real configuration in /etc/nginx, and logs to the container's output.</summary>
/// <param name="port">What the default configuration listens on.</param>
/// <param name="distribution">What it is built on: its tag says which.</param>
public sealed class NginxImage(int port, LinuxDistribution distribution, params string[] repositories) : ContainerImage
{
    private static readonly ImmutableDictionary<string, IProgram> AllPrograms = BusyBox.Programs
        .SetItem("/docker-entrypoint.sh", new NginxEntrypoint())
        .SetItem("/usr/sbin/nginx", new NginxProgram())
        .SetItem("/usr/bin/curl", new CurlProgram()); // as the official image has it

    public override ImmutableArray<string> Repositories { get; } = [.. repositories];
    public override ImmutableArray<string> Entrypoint => ["/docker-entrypoint.sh"];
    public override ImmutableArray<string> Command => ["nginx", "-g", "daemon off;"];
    public override LinuxDistribution Distribution => distribution;
    public override int StopSignal => Signals.Quit;
    public override ImmutableDictionary<string, string> Environment { get; } = ImmutableDictionary<string, string>.Empty
        .Add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .Add("NGINX_VERSION", NginxFiles.Version);

    public override ImmutableDictionary<string, IProgram> Programs => AllPrograms;
    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; } = NginxFiles.For(port);

    public override ImmutableDictionary<string, string> Links { get; } = ImmutableDictionary<string, string>.Empty
        .Add("/var/log/nginx/access.log", "/dev/stdout")
        .Add("/var/log/nginx/error.log", "/dev/stderr");

    public override string Description => $"nginx's web server on port {port}";
}
