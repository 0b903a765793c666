using System.Collections.Immutable;
using ActorCluster.Network.Addresses;

namespace ActorCluster.Containers.Programs.Nginx;

/// <param name="Url">As written, possibly with variables.</param>
/// <param name="Upstream">The peers; null when they are only known by the variables' values.</param>
/// <param name="Authority">$proxy_host: the host and port as written.</param>
/// <param name="Uri">What replaces the location's prefix; null passes the URI on as it came.</param>
internal sealed record NginxProxyPass(NginxTemplate Url, NginxUpstream? Upstream, string Authority, string? Uri);

/// <param name="MaxFails">Failures within <paramref name="FailTimeout"/> after which the peer rests as long; 0 never.</param>
internal sealed record NginxPeerOptions(int Weight = 1, int MaxFails = 1, TimeSpan? FailTimeout = null, bool IsBackup = false, bool IsDown = false);

internal sealed class NginxPeer(SocketAddress address, NginxPeerOptions options)
{
    public SocketAddress Address { get; } = address;
    public NginxPeerOptions Options { get; } = options;
    public TimeSpan FailTimeout => Options.FailTimeout ?? TimeSpan.FromSeconds(10);

    public int CurrentWeight { get; set; }
    public int Fails { get; set; }
    public DateTimeOffset LastFail { get; set; }
}

/// <summary>Servers behind a proxy_pass: smooth weighted round robin, peers that fail rest for a while, backups when all others do.</summary>
internal sealed class NginxUpstream(string name, ImmutableArray<NginxPeer> peers, TimeProvider clock)
{
    private readonly Lock _lock = new();

    public string Name { get; } = name;
    public ImmutableArray<NginxPeer> Peers { get; } = peers;

    /// <param name="tried">Peers that this request has tried already.</param>
    /// <returns>Null when none is left ("no live upstreams").</returns>
    public NginxPeer? Next(IReadOnlyCollection<NginxPeer> tried)
    {
        lock (_lock)
        {
            return Choose(tried, backups: false) ?? Choose(tried, backups: true);
        }
    }

    public void Report(NginxPeer peer, bool failed)
    {
        lock (_lock)
        {
            if (failed) peer.LastFail = clock.GetUtcNow();
            peer.Fails = failed ? peer.Fails + 1 : 0;
        }
    }

    private NginxPeer? Choose(IReadOnlyCollection<NginxPeer> tried, bool backups)
    {
        NginxPeer? best = null;
        var total = 0;
        foreach (var peer in Peers)
        {
            if (peer.Options.IsBackup != backups || peer.Options.IsDown || tried.Contains(peer) || (Peers.Length > 1 && IsResting(peer))) continue;
            peer.CurrentWeight += peer.Options.Weight;
            total += peer.Options.Weight;
            if (best is null || peer.CurrentWeight > best.CurrentWeight) best = peer;
        }
        if (best is not null) best.CurrentWeight -= total;
        return best;
    }

    private bool IsResting(NginxPeer peer)
    {
        if (peer.Options.MaxFails == 0 || peer.Fails < peer.Options.MaxFails) return false;
        if (clock.GetUtcNow() - peer.LastFail <= peer.FailTimeout) return true;
        peer.Fails = 0;
        return false;
    }
}
