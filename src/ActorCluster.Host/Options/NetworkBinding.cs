namespace ActorCluster.Host.Options;

/// <summary>How a process takes part in the Akka cluster.</summary>
/// <param name="Endpoint">The address it is known by, fixed for all its lives: others find a restarted process where the old one was.</param>
/// <param name="BindAddress">The local address it listens on; loopback unless told otherwise.</param>
public sealed record NetworkBinding(ProcessEndpoint Endpoint, string BindAddress = "127.0.0.1")
{
    internal IEnumerable<string> Validate()
    {
        if (Uri.CheckHostName(Endpoint.Host) is UriHostNameType.Unknown)
            yield return $"'{Endpoint.Host}' is neither a host name nor an IP address.";
        if (Endpoint.Port is < 1 or > 65535)
            yield return $"Port {Endpoint.Port} is not between 1 and 65535.";
        if (!System.Net.IPAddress.TryParse(BindAddress, out _))
            yield return $"'{BindAddress}' is not an IP address to listen on; 127.0.0.1 is this machine only, 0.0.0.0 every network it is in.";
    }
}
