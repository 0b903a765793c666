using System.Globalization;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Tables;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>The cluster's names (https://coredns.io/plugins/kubernetes/).</summary>
internal sealed class KubernetesPlugin(ClusterDnsZone zone, NetworkTablesSource tables, DnsStep lookUp) : IDnsPlugin
{
    /// <summary>Lookups that one question may lead to, one after the other, before it is taken for a circle.</summary>
    private const int DeepestLookup = 8;
    private const uint UsualTimeToLive = 5;
    private const uint LongestTimeToLive = 3600;

    public static void SetUp(PluginSetup setup)
    {
        var options = Parse(setup);
        setup.Corefile.WantsPods |= options.PodRecords == PodRecords.Verified;
        setup.Add(context => new KubernetesPlugin(new(options with { ServerAddresses = [.. context.Process.Network.Addresses] }), context.Tables, context.LookUp));
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        if (zone.TryAnswer(request.Query, tables.Current) is not { } answer) return await next(request, cancellationToken);
        var question = request.Query.Questions[0];
        if (question.Type is not (DnsType.A or DnsType.Aaaa) || answer.Answers.LastOrDefault()?.Data is not DnsData.CanonicalName alias) return new(answer);
        // The alias of an ExternalName service leads out of the zone: the whole server knows more, or where to ask.
        if (request.Depth >= DeepestLookup) return DnsOutcome.Failure(request, $"too many lookups for {DnsZoneNames.Absolute(alias.Target)}");
        var target = await lookUp(request with { Query = request.Query with { Questions = [question with { Name = alias.Target }] }, Depth = request.Depth + 1 }, cancellationToken);
        return new(answer with { Answers = [.. answer.Answers, .. target.Message.Answers] });
    }

    private static ClusterDnsOptions Parse(PluginSetup setup)
    {
        var directive = setup.Once();
        var zones = setup.ZonesOr(directive.Arguments);
        var options = new ClusterDnsOptions
        {
            Zones = [.. zones],
            ClusterDomain = zones.FirstOrDefault(zone => !DnsZoneNames.IsReverse(zone)) ?? throw directive.Fault("non-reverse zone name must be used"),
            FallThrough = [],
            PodRecords = PodRecords.Disabled,
            TimeToLive = UsualTimeToLive,
        };
        foreach (var option in directive.Options)
        {
            options = option.Words[0] switch
            {
                "pods" when option.Arguments.Length == 1 => options with { PodRecords = Pods(directive, option.Words[1]) },
                "pods" => throw directive.WrongArguments(option),
                "namespaces" when option.Arguments.IsEmpty => throw directive.WrongArguments(option),
                "namespaces" => options with { Namespaces = options.Namespaces.Union(option.Arguments) },
                "fallthrough" => options with { FallThrough = option.Arguments.IsEmpty ? [""] : DnsZoneNames.Normalize(option.Arguments) },
                "ttl" => options with { TimeToLive = TimeToLive(directive, option) },
                "ignore" when option.Arguments is ["empty_service", ..] => options with { IgnoresEmptyServices = true },
                "ignore" => throw directive.Fault($"unable to parse ignore value: '{option.Arguments.FirstOrDefault()}'"),
                // How CoreDNS gets at the API, which no program here has to: it knows its node's view of the cluster.
                "endpoint" or "tls" or "kubeconfig" or "startup_timeout" or "apiserver_qps" or "apiserver_burst" or "apiserver_max_inflight" => options,
                "endpoint_pod_names" or "labels" or "namespace_labels" or "noendpoints" or "multicluster" or "zonal" => throw directive.NotEmulated(option.Words[0]),
                _ => throw directive.UnknownProperty(option),
            };
        }
        return options;
    }

    private static PodRecords Pods(CorefileDirective directive, string word) => word switch
    {
        "disabled" => PodRecords.Disabled,
        "insecure" => PodRecords.Insecure,
        "verified" => PodRecords.Verified,
        _ => throw directive.Fault($"wrong value for pods: {word},  must be one of: disabled, verified, insecure"),
    };

    private static uint TimeToLive(CorefileDirective directive, CorefileLine option)
    {
        if (option.Arguments.IsEmpty) throw directive.WrongArguments(option);
        var text = option.Words[1];
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)) throw directive.Fault($"strconv.Atoi: parsing \"{text}\": invalid syntax");
        return seconds is >= 0 and <= (int)LongestTimeToLive ? (uint)seconds : throw directive.FaultAt(option.Number, $"ttl must be in range [0, 3600]: {seconds}");
    }
}
