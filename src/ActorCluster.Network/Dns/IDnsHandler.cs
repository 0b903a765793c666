using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>Who answers what a <see cref="DnsServer"/> is asked. Asked from several threads at once.</summary>
public interface IDnsHandler
{
    /// <param name="cancellationToken">The server ends.</param>
    ValueTask<DnsMessage> AnswerAsync(DnsRequest request, CancellationToken cancellationToken);
}

/// <summary>A question as it came to a server.</summary>
/// <param name="Tcp">Else by UDP.</param>
/// <param name="Size">Its bytes on the wire.</param>
public sealed record DnsRequest(DnsMessage Query, SocketAddress Client, bool Tcp, int Size)
{
    /// <summary>How many lookups of the server's own, each for the one before, led to this one; 0: a client asks.</summary>
    public int Depth { get; init; }
}
