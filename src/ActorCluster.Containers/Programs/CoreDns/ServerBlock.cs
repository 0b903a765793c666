using ActorCluster.Containers.Programs.CoreDns.Plugins;

namespace ActorCluster.Containers.Programs.CoreDns;

/// <summary>A server block that was understood.</summary>
internal sealed class ServerBlock
{
    /// <summary>What it is asked for, in the order of its keys.</summary>
    public required IReadOnlyList<ZoneAddress> Zones { get; init; }

    /// <summary>Its plugins in the order in which they see a question, to be made for each server that it runs in.</summary>
    public List<Func<PluginContext, IDnsPlugin>> Plugins { get; } = [];

    /// <summary>Do its answers count in the metrics?</summary>
    public bool IsCounted { get; set; }
}

/// <param name="Zone">As in <see cref="DnsZoneNames"/>.</param>
internal readonly record struct ZoneAddress(string Zone, ushort Port)
{
    /// <summary>As CoreDNS prints it when it starts: ".:53".</summary>
    public override string ToString() => $"{DnsZoneNames.Absolute(Zone)}:{Port}";
}
