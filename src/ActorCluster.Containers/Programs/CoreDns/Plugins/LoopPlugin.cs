using System.Globalization;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Finds a server that forwards to itself (https://coredns.io/plugins/loop/): asks it once for a name that nobody else can know, and ends the process when the question comes by again and again.</summary>
internal sealed class LoopPlugin : IDnsPlugin
{
    private const int MostTimes = 2;
    private const int MostAttempts = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly PluginContext _context;
    private readonly string _zone;
    private readonly string _name;
    private int _seen;
    private volatile bool _off;

    private LoopPlugin(PluginContext context, string zone)
    {
        var random = context.Process.Simulation.Random.Child($"loop/{string.Join(',', context.Process.Network.Addresses)}/{context.Port}");
        (_context, _zone) = (context, zone);
        _name = string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64()}.{random.NextInt64()}{(zone.Length == 0 ? "" : ".")}{zone}");
        var transport = new DnsTransport(context.Process.Network, context.Process.Clock, random);
        _ = context.Process.Simulation.Start(() => AskAsync(transport));
    }

    public static void SetUp(PluginSetup setup)
    {
        var directive = setup.Once();
        if (!directive.Arguments.IsEmpty) throw directive.WrongArguments();
        var zone = setup.Block.Zones[0].Zone;
        setup.Add(context => new LoopPlugin(context, zone));
    }

    public ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var question = request.Query.Questions[0];
        if (!_off && question.Type == DnsType.HostInfo && question.Name.Equals(_name, StringComparison.OrdinalIgnoreCase) && Interlocked.Increment(ref _seen) > MostTimes)
        {
            _context.Fail($"[FATAL] plugin/loop: Loop ({request.Client} -> :{_context.Port}) detected for zone \"{DnsZoneNames.Absolute(_zone)}\", "
                + $"see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO {DnsZoneNames.Absolute(_name)}\"");
        }
        return next(request, cancellationToken);
    }

    private async Task AskAsync(DnsTransport transport)
    {
        var self = new SocketAddress(IpAddress.LoopbackV4, _context.Port);
        try
        {
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                if (await transport.AskAsync(self, new(_name, DnsType.HostInfo), recursionDesired: true, tcp: false, Patience, _context.Stopping) is not null) break;
                if (_seen > MostTimes) return;
                await Task.Delay(Pause, _context.Process.Clock, _context.Stopping);
            }
            await Task.Delay(Patience, _context.Process.Clock, _context.Stopping);
            _off = true;
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            _off = true; // the server went first
        }
    }
}
