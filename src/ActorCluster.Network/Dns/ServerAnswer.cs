using ActorCluster.Network.Addresses;

namespace ActorCluster.Network.Dns;

/// <summary>What a name server said to one question of a <see cref="StubResolver"/>.</summary>
/// <param name="Message">Null: nothing in time.</param>
public sealed record ServerAnswer(DnsQuestion Question, SocketAddress Server, DnsMessage? Message)
{
    /// <summary>In words, for traces.</summary>
    public override string ToString() => $"{Question.Type.ToString().ToUpperInvariant()} {Question.Name}, asked {Server.Address}: {Said()}";

    private string Said() => Message switch
    {
        null => "no answer",
        { ResponseCode: DnsResponseCode.NameError } => "there is no such name (NXDOMAIN)",
        { ResponseCode: not DnsResponseCode.NoError } => $"failed ({Message.ResponseCode})",
        { Answers: [] } => "the name has none",
        _ => string.Join(", ", Message.Answers.Select(record => record.Data).Select(data => data switch
        {
            DnsData.Address address => address.Value.ToString(),
            DnsData.CanonicalName alias => $"alias of {alias.Target}",
            _ => data.Type.ToString(),
        })),
    };
}
