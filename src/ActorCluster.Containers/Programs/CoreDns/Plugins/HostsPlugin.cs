using System.Collections.Immutable;
using System.Globalization;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Names as a hosts file has them (https://coredns.io/plugins/hosts/): of a file, read once, and of lines in the Corefile.</summary>
internal sealed class HostsPlugin(HostsSettings settings) : IDnsPlugin
{
    public static void SetUp(PluginSetup setup)
    {
        var settings = HostsSettings.Parse(setup);
        setup.Add(_ => new HostsPlugin(settings));
    }

    public ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var question = request.Query.Questions[0];
        var name = question.Name.ToLowerInvariant();
        if (question.Type == DnsType.Ptr)
        {
            var names = settings.Reverses && ClusterDnsZone.TryParseReverse(name, out var address)
                ? settings.Hosts.NamesOf(address).Select(DnsData (pointer) => new DnsData.Pointer(pointer.ToLowerInvariant())).ToArray() : [];
            return names.Length == 0 ? next(request, cancellationToken) : Answer(names);
        }
        if (DnsZoneNames.Longest(settings.Zones, name) is null) return next(request, cancellationToken);
        DnsData[] known = [.. settings.Hosts.AddressesOf(name).Select(address => new DnsData.Address(address))];
        if (known.Length > 0) return Answer([.. known.Where(data => data.Type == question.Type)]);
        if (DnsZoneNames.Longest(settings.FallThrough, name) is not null) return next(request, cancellationToken);
        // There is no start of authority to deny the name with.
        return new(DnsOutcome.Failure(request, null));

        ValueTask<DnsOutcome> Answer(IEnumerable<DnsData> data) => new(new DnsOutcome(request.Query.Reply(DnsResponseCode.NoError) with
        {
            Authoritative = true,
            Answers = [.. data.Select(value => new DnsRecord(question.Name, settings.TimeToLive, value))],
        }));
    }
}

/// <param name="FallThrough">In which zones the next is asked for what isn't here.</param>
/// <param name="TimeToLive">Seconds.</param>
/// <param name="Reverses">Are addresses' names told?</param>
internal sealed record HostsSettings(HostsFile Hosts, IReadOnlyList<string> Zones, ImmutableArray<string> FallThrough, uint TimeToLive, bool Reverses)
{
    private const string UsualFile = "/etc/hosts";
    private const uint UsualTimeToLive = 3600;

    public static HostsSettings Parse(PluginSetup setup)
    {
        var directive = setup.Once();
        var settings = new HostsSettings(new HostsFile(""), setup.ZonesOr([.. directive.Arguments.Skip(1)]), [], UsualTimeToLive, true);
        var lines = new List<string>();
        foreach (var option in directive.Options)
        {
            switch (option.Words[0])
            {
                case "fallthrough":
                    settings = settings with { FallThrough = option.Arguments.IsEmpty ? [""] : DnsZoneNames.Normalize(option.Arguments) };
                    break;
                case "no_reverse":
                    settings = settings with { Reverses = false };
                    break;
                case "ttl":
                    if (option.Arguments.IsEmpty) throw directive.FaultAt(option.Number, "ttl needs a time in second");
                    if (!int.TryParse(option.Words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)) throw directive.FaultAt(option.Number, "ttl needs a number of second");
                    settings = settings with { TimeToLive = seconds is > 0 and <= 65535 ? (uint)seconds : throw directive.FaultAt(option.Number, "ttl provided is invalid") };
                    break;
                case "reload":
                    if (option.Arguments.Length != 1) throw directive.FaultAt(option.Number, "reload needs a duration (zero seconds to disable)");
                    PluginSetup.Duration(directive, option.Words[1]);
                    break;
                default:
                    if (!settings.FallThrough.IsEmpty) throw directive.UnknownProperty(option);
                    lines.Add(string.Join(' ', option.Words));
                    break;
            }
        }
        return settings with { Hosts = new HostsFile(string.Join('\n', [File(directive, setup), .. lines])) };
    }

    private static string File(CorefileDirective directive, PluginSetup setup)
    {
        try
        {
            return setup.Read(directive.Arguments.FirstOrDefault(UsualFile));
        }
        catch (IOException)
        {
            return ""; // CoreDNS goes on without a file that isn't there, too
        }
    }
}
