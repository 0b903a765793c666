using ActorCluster.Containers.Runtime;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Tables;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>One link of a server block's chain. It answers itself, or hands the question on to the next; and may look at what comes back. Used from several threads at once.</summary>
internal interface IDnsPlugin
{
    ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken);
}

/// <summary>What follows in a chain.</summary>
internal delegate ValueTask<DnsOutcome> DnsStep(DnsRequest request, CancellationToken cancellationToken);

/// <param name="Error">What went wrong, for the plugin errors to log.</param>
internal sealed record DnsOutcome(DnsMessage Message, string? Error = null)
{
    public static DnsOutcome Failure(DnsRequest request, string? error) => new(request.Query.Reply(DnsResponseCode.ServerFailure), error);
}

/// <summary>What a plugin is made with.</summary>
/// <param name="Port">Of the server that it runs in.</param>
/// <param name="LookUp">Asks that whole server.</param>
/// <param name="Statistics">Of its zone in this server.</param>
/// <param name="Fail">Ends the process with a message.</param>
internal sealed record PluginContext(ProcessContext Process, NetworkTablesSource Tables, ushort Port, DnsStep LookUp, DnsStatistics Statistics, Action<string> Fail, CancellationToken Stopping)
{
    public ValueTask LogAsync(string text) => Process.PrintAsync(text + "\n");
}
