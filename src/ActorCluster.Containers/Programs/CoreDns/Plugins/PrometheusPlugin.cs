using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Counts answers for /metrics (https://coredns.io/plugins/metrics/).</summary>
internal sealed class PrometheusPlugin(DnsStatistics statistics) : IDnsPlugin
{
    public static void SetUp(PluginSetup setup)
    {
        setup.Corefile.MetricsPorts.Add(PluginSetup.PortOf(setup.Once(), 9153));
        setup.Block.IsCounted = true;
        setup.Add(context => new PrometheusPlugin(context.Statistics));
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var outcome = await next(request, cancellationToken);
        statistics.Add(outcome.Message, request.Tcp, request.Client.Address.IsV4);
        return outcome;
    }
}
