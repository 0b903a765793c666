using System.Collections.Immutable;
using ActorCluster.Containers.Programs;
using ActorCluster.Containers.Programs.Curl;
using ActorCluster.Containers.Runtime;
using ActorCluster.Containers.Tools;

namespace ActorCluster.Containers.Images;

/// <summary>curlimages/curl: Alpine with curl, which its entrypoint puts before arguments that aren't a command.</summary>
public sealed class CurlImage : ContainerImage
{
    public override ImmutableArray<string> Repositories => ["curlimages/curl", "quay.io/curl/curl", "alpine/curl"];
    public override ImmutableArray<string> Entrypoint => ["/entrypoint.sh"];
    public override ImmutableArray<string> Command => ["curl"];
    public override LinuxDistribution Distribution { get; } = LinuxDistribution.Alpine("3.22.2");
    public override string WorkingDirectory => "/home/curl_user";

    public override ImmutableDictionary<string, string> Environment { get; } = ImmutableDictionary<string, string>.Empty
        .Add("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .Add("CURL_CA_BUNDLE", "/cacert.pem")
        .Add("HOME", "/home/curl_user");

    public override ImmutableDictionary<string, IProgram> Programs { get; } = BusyBox.Programs
        .SetItem("/usr/bin/curl", new CurlProgram())
        .SetItem("/entrypoint.sh", new DelegateProgram(EnterAsync));

    public override ImmutableDictionary<string, ReadOnlyMemory<byte>> Files { get; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty
        .Add("/home/curl_user/.profile", ReadOnlyMemory<byte>.Empty);

    public override string Description => "curl, on Alpine";

    private static Task<int> EnterAsync(ProcessContext context)
    {
        IReadOnlyList<string> command = [.. context.Arguments.Skip(1)];
        // An option or something that no program is called by (a URL) is curl's own argument.
        var isCommand = command.Count > 0 && !command[0].StartsWith('-') &&
            context.Processes.FindProgram(command[0], context.Environment.GetValueOrDefault("PATH", ""), context.WorkingDirectory) is not null;
        if (!isCommand) command = ["curl", .. command];
        return ProgramExec.ExecuteAsync(
            context, new ProcessSpec(command, context.Environment, context.WorkingDirectory, context.Stdin, context.Stdout, context.Stderr, context.Terminal));
    }
}
