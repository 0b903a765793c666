using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Tables;

namespace ActorCluster.Network.Forwarding;

/// <summary>Which endpoint each client of one service was last sent to (sessionAffinity ClientIP). Times are whole seconds from any origin.</summary>
/// <remarks>As with netfilter's "recent" lists that kube-proxy uses: the time counts from the client's last new flow, and packets of a flow don't renew it.</remarks>
internal sealed class SessionAffinity
{
    /// <summary>Clients that are remembered at most.</summary>
    internal const int Maximum = 65536;

    private readonly Dictionary<Client, Choice> _choices = [];

    public int Count => _choices.Count;

    /// <summary>The client's endpoint, if it has one that may still be used.</summary>
    public bool TryGet(ServicePort port, IpAddress client, ImmutableArray<ServiceEndpoint> candidates, long now, [MaybeNullWhen(false)] out ServiceEndpoint endpoint)
    {
        endpoint = null;
        if (!_choices.TryGetValue(Key(port, client), out var choice) || now - choice.At >= port.AffinitySeconds) return false;
        foreach (var candidate in candidates)
        {
            if (candidate.Address != choice.Endpoint.Address || candidate.Port != choice.Endpoint.Port) continue;
            endpoint = candidate;
            return true;
        }
        return false;
    }

    public void Set(ServicePort port, IpAddress client, ServiceEndpoint endpoint, long now)
    {
        if (_choices.Count >= Maximum)
        {
            Expire(now);
            if (_choices.Count >= Maximum) _choices.Remove(_choices.MinBy(pair => pair.Value.At).Key);
        }
        _choices[Key(port, client)] = new(new(endpoint.Address, endpoint.Port), now, port.AffinitySeconds);
    }

    public void Expire(long now)
    {
        foreach (var (client, choice) in _choices)
            if (now - choice.At >= choice.Seconds) _choices.Remove(client);
    }

    private static Client Key(ServicePort port, IpAddress client) => new(port.Port, port.Protocol, client);

    private readonly record struct Client(ushort Port, IpProtocol Protocol, IpAddress Address);

    private readonly record struct Choice(SocketAddress Endpoint, long At, int Seconds);
}
