using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Hands questions on to other name servers (https://coredns.io/plugins/forward/), by the protocol that they came by, until one answers or five seconds are over.</summary>
internal sealed class ForwardPlugin : IDnsPlugin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ForwardSettings _settings;
    private readonly TimeProvider _clock;
    private readonly RandomSource _random;
    private readonly DnsTransport _transport;
    private int _waiting;
    private int _turn = -1;

    private ForwardPlugin(ForwardSettings settings, PluginContext context)
    {
        (_settings, _clock) = (settings, context.Process.Clock);
        _random = context.Process.Simulation.Random.Child($"forward/{string.Join(',', context.Process.Network.Addresses)}/{settings.From}");
        _transport = new(context.Process.Network, _clock, _random);
    }

    public static void SetUp(PluginSetup setup)
    {
        foreach (var directive in setup.Directives)
        {
            var settings = ForwardSettings.Parse(directive, setup);
            setup.Add(context => new ForwardPlugin(settings, context));
        }
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var name = request.Query.Questions[0].Name;
        if (!DnsZoneNames.IsBelow(name, _settings.From) || (name.Length != _settings.From.Length && DnsZoneNames.Longest(_settings.Except, name) is not null)) return await next(request, cancellationToken);
        try
        {
            if (Interlocked.Increment(ref _waiting) > _settings.MaxConcurrent && _settings.MaxConcurrent > 0)
                return new(request.Query.Reply(DnsResponseCode.Refused), $"concurrent queries exceeded maximum {_settings.MaxConcurrent}");
            return await AskAsync(request, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<DnsOutcome> AskAsync(DnsRequest request, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        var failed = 0;
        var servers = InOrder();
        while (true)
        {
            var server = servers[failed % servers.Length];
            try
            {
                var tcp = _settings.ForceTcp || (request.Tcp && !_settings.PreferUdp);
                var answer = await _transport.ForwardAsync(server, request.Query, tcp, _settings.ReadTimeout, cancellationToken);
                if (answer.Truncated && !tcp && _settings.PreferUdp) answer = await _transport.ForwardAsync(server, request.Query, tcp: true, _settings.ReadTimeout, cancellationToken);
                return new(answer);
            }
            catch (DnsExchangeException fault)
            {
                // Each has two tries (forward.go, defaultConnectAttemptsPerUpstream), as long as there is time.
                if (++failed >= 2 * servers.Length || _clock.GetElapsedTime(started) >= Patience) return DnsOutcome.Failure(request, fault.Message);
            }
        }
    }

    private ImmutableArray<SocketAddress> InOrder()
    {
        var servers = _settings.To;
        var first = _settings.Policy switch
        {
            ForwardPolicy.Random => _random.Next(servers.Length),
            ForwardPolicy.RoundRobin => (int)((uint)Interlocked.Increment(ref _turn) % servers.Length),
            _ => 0,
        };
        return [.. servers[first..], .. servers[..first]];
    }
}
