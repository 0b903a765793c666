namespace ActorCluster.Containers.Programs.CoreDns.Plugins;

/// <summary>What a plugin is set up from: its directives in one server block.</summary>
/// <param name="Directives">At least one.</param>
/// <param name="Read">The text of a file; throws IOException.</param>
internal sealed record PluginSetup(Corefile Corefile, ServerBlock Block, IReadOnlyList<CorefileDirective> Directives, Func<string, string> Read)
{
    /// <summary>The directive of a plugin that a block may have once.</summary>
    public CorefileDirective Once() => Directives.Count == 1 ? Directives[0] : throw Directives[1].Fault("this plugin can only be used once per Server Block");

    /// <summary>The zones that a directive names, or else its block's.</summary>
    public IReadOnlyList<string> ZonesOr(IReadOnlyList<string> words) => words.Count > 0 ? DnsZoneNames.Normalize(words) : [.. Block.Zones.Select(zone => zone.Zone).Distinct()];

    public void Add(Func<PluginContext, IDnsPlugin> make) => Block.Plugins.Add(make);

    /// <summary>The port of "ADDRESS:PORT" or ":PORT", which is all that counts here.</summary>
    public static ushort PortOf(CorefileDirective directive, ushort usual)
    {
        if (directive.Arguments.IsEmpty) return usual;
        if (directive.Arguments.Length > 1) throw directive.WrongArguments();
        var address = directive.Arguments[0];
        return ushort.TryParse(address[(address.LastIndexOf(':') + 1)..], out var port) ? port : throw directive.Fault($"address {address}: missing port in address");
    }

    public static TimeSpan Duration(CorefileDirective directive, string text)
    {
        try
        {
            return GoDuration.Parse(text);
        }
        catch (FormatException fault)
        {
            throw directive.Fault(fault.Message);
        }
    }
}
