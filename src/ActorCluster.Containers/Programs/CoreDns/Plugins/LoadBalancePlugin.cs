using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Tells addresses in another order each time (https://coredns.io/plugins/loadbalance/).</summary>
internal sealed class LoadBalancePlugin(RandomSource random) : IDnsPlugin
{
    public static void SetUp(PluginSetup setup)
    {
        var directive = setup.Once();
        if (directive.Arguments is not ([] or ["round_robin"]))
            throw directive.Arguments[0] == "weighted" ? directive.NotEmulated("weighted") : directive.Fault($"unknown policy: {directive.Arguments[0]}");
        setup.Add(context => new LoadBalancePlugin(context.Process.Simulation.Random.Child($"dns/{string.Join(',', context.Process.Network.Addresses)}")));
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var outcome = await next(request, cancellationToken);
        return outcome with { Message = AnswerShuffle.Shuffle(outcome.Message, random) };
    }
}
