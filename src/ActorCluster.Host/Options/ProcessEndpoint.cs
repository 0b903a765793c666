using System.Globalization;
using Akka.Actor;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Host.Options;

/// <summary>Where a process's Akka.Remote endpoint is: a host name or address that the other processes reach, and a port.</summary>
public readonly record struct ProcessEndpoint(string Host, int Port)
{
    /// <summary>The address that its actor paths begin with.</summary>
    public Address Address => new("akka.tcp", WellKnown.ActorSystemName, Host, Port);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Reads "host:port".</summary>
    public static bool TryParse(string text, out ProcessEndpoint endpoint)
    {
        var colon = text.LastIndexOf(':');
        endpoint = default;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return false;
        endpoint = new(text[..colon], port);
        return true;
    }
}
