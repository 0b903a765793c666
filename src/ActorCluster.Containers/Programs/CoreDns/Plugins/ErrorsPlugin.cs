using ActorCluster.Containers.Programs.Bind;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Logs what went wrong (https://coredns.io/plugins/errors/); its options, which consolidate lines, change nothing.</summary>
internal sealed class ErrorsPlugin(PluginContext context) : IDnsPlugin
{
    public static void SetUp(PluginSetup setup)
    {
        var directive = setup.Once();
        if (directive.Arguments is not ([] or ["stdout"])) throw directive.Fault($"invalid log file: {directive.Arguments[0]}");
        setup.Add(context => new ErrorsPlugin(context));
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var outcome = await next(request, cancellationToken);
        if (outcome.Error is not { } error) return outcome;
        var question = request.Query.Questions[0];
        await context.LogAsync($"[ERROR] plugin/errors: {(int)outcome.Message.ResponseCode} {DnsZoneNames.Absolute(question.Name.ToLowerInvariant())} {DnsText.Describe(question.Type)}: {error}");
        return outcome;
    }
}
