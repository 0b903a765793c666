using System.Collections.Immutable;
using ActorCluster.Containers.Programs;
using ActorCluster.Containers.Programs.Apache;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>httpd: Apache's web server, which serves /usr/local/apache2/htdocs and says "It works!".</summary>
/// <param name="distribution">What it is built on: its tag says which.</param>
public sealed class HttpdImage(LinuxDistribution distribution, params string[] repositories) : ContainerImage
{
    public override ImmutableArray<string> Repositories { get; } = [.. repositories];
    public override ImmutableArray<string> Command => ["httpd-foreground"];
    public override string WorkingDirectory => ApacheFiles.ServerRoot;
    public override LinuxDistribution Distribution => distribution;
    public override int StopSignal => Signals.WindowChange;

    public override ImmutableDictionary<string, string> Environment { get; } = ImmutableDictionary<string, string>.Empty
        .Add("PATH", "/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .Add("HTTPD_PREFIX", ApacheFiles.ServerRoot)
        .Add("HTTPD_VERSION", ApacheFiles.Version);

    public override ImmutableDictionary<string, IProgram> Programs { get; } = BusyBox.Programs
        .Remove("/bin/httpd")
        .SetItem(ApacheFiles.ServerRoot + "/bin/httpd", new ApacheProgram())
        .SetItem("/usr/local/bin/httpd-foreground", new DelegateProgram(StartAsync));

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files => ApacheFiles.All;

    public override string Description => "Apache's web server on port 80";

    private static Task<int> StartAsync(ProcessContext context) => ProgramExec.ExecuteAsync(
        context,
        new ProcessSpec(["httpd", "-DFOREGROUND", .. context.Arguments.Skip(1)], context.Environment, context.WorkingDirectory, context.Stdin, context.Stdout, context.Stderr, context.Terminal));
}
