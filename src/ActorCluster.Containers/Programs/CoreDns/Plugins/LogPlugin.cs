using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ActorCluster.Containers.Programs.Bind;
using ActorCluster.Network.Dns;

namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>Logs questions and how they were answered (https://coredns.io/plugins/log/).</summary>
internal sealed partial class LogPlugin(ImmutableArray<LogPlugin.Rule> rules, PluginContext context) : IDnsPlugin
{
    private const string Common = "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} {>rflags} {rsize} {duration}";
    private const string Combined = Common + " \"{>opcode}\"";
    private static readonly ImmutableHashSet<string> Classes = ["all", "success", "denial", "error"];

    /// <param name="Classes">Which answers are logged; with "all" any.</param>
    internal sealed record Rule(string Zone, string Format, ImmutableHashSet<string> Classes);

    public static void SetUp(PluginSetup setup)
    {
        ImmutableArray<Rule> rules = [.. setup.Directives.SelectMany(RulesOf)];
        setup.Add(context => new LogPlugin(rules, context));
    }

    public async ValueTask<DnsOutcome> AnswerAsync(DnsRequest request, DnsStep next, CancellationToken cancellationToken)
    {
        var rule = rules.FirstOrDefault(rule => DnsZoneNames.IsBelow(request.Query.Questions[0].Name, rule.Zone));
        if (rule is null) return await next(request, cancellationToken);
        var started = context.Process.Clock.GetTimestamp();
        var outcome = await next(request, cancellationToken);
        if (rule.Classes.Contains("all") || rule.Classes.Contains(ClassOf(outcome.Message)))
            await context.LogAsync("[INFO] " + Describe(rule.Format, request, outcome.Message, context.Process.Clock.GetElapsedTime(started)));
        return outcome;
    }

    private static IEnumerable<Rule> RulesOf(CorefileDirective directive)
    {
        var classes = ImmutableHashSet.CreateBuilder<string>();
        foreach (var option in directive.Options)
        {
            if (option.Words[0] != "class") throw directive.UnknownProperty(option);
            if (option.Arguments.IsEmpty) throw directive.WrongArguments(option);
            foreach (var name in option.Arguments) classes.Add(Classes.Contains(name) ? name : throw directive.Fault($"invalid Class: {name}"));
        }
        if (classes.Count == 0) classes.Add("all");
        var hasFormat = directive.Arguments.Length > 1 && directive.Arguments[^1].Contains('{', StringComparison.Ordinal);
        var format = hasFormat ? directive.Arguments[^1].Replace("{common}", Common, StringComparison.Ordinal).Replace("{combined}", Combined, StringComparison.Ordinal) : Common;
        var zones = hasFormat ? directive.Arguments[..^1] : directive.Arguments.IsEmpty ? ["."] : directive.Arguments;
        return zones.Select(zone => new Rule(zone.TrimEnd('.').ToLowerInvariant(), format, classes.ToImmutable()));
    }

    /// <summary>plugin/pkg/response/classify.go: no such name, and names without such records, are denied.</summary>
    private static string ClassOf(DnsMessage answer) => answer switch
    {
        { ResponseCode: DnsResponseCode.NoError, Answers.IsEmpty: false } => "success",
        { ResponseCode: DnsResponseCode.NoError or DnsResponseCode.NameError } => "denial",
        _ => "error",
    };

    private static string Describe(string format, DnsRequest request, DnsMessage answer, TimeSpan elapsed)
    {
        var question = request.Query.Questions[0];
        return Label().Replace(format, label => label.Value.ToLowerInvariant() switch
        {
            "{type}" => DnsText.Describe(question.Type),
            "{class}" => "IN",
            "{name}" => DnsZoneNames.Absolute(question.Name.ToLowerInvariant()),
            "{proto}" => request.Tcp ? "tcp" : "udp",
            "{size}" => Number(request.Size),
            "{remote}" => request.Client.Address.IsV4 ? request.Client.Address.ToString() : $"[{request.Client.Address}]",
            "{port}" => Number(request.Client.Port),
            "{>id}" => Number(request.Query.Id),
            "{>opcode}" => Number(request.Query.OpCode),
            "{>do}" => request.Query.DnssecOk ? "true" : "false",
            "{>bufsize}" => Number(request.Tcp ? ushort.MaxValue : Math.Max(512, (int)(request.Query.UdpPayloadSize ?? 0))),
            "{>rflags}" => Flags(answer),
            "{rcode}" => DnsText.Describe(answer.ResponseCode),
            "{rsize}" => Number(answer.MeasureSize()),
            "{duration}" => elapsed.TotalSeconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s",
            _ => "-",
        });
    }

    private static string Flags(DnsMessage answer)
    {
        (string Name, bool Set)[] flags = [("qr", answer.IsResponse), ("aa", answer.Authoritative), ("tc", answer.Truncated), ("rd", answer.RecursionDesired), ("ra", answer.RecursionAvailable)];
        return string.Join(',', flags.Where(flag => flag.Set).Select(flag => flag.Name));
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{[^{}\s]+\}")]
    private static partial Regex Label();
}
