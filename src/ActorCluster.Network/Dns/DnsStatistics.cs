using System.Collections.Concurrent;

namespace ActorCluster.Network.Dns;

/// <summary>How often a server answered what, for its metrics. Safe for concurrent use.</summary>
public sealed class DnsStatistics
{
    private readonly ConcurrentDictionary<DnsAnswerKind, long> _answers = new();

    /// <summary>The kinds that there were, with their counts, in a fixed order.</summary>
    public IReadOnlyList<(DnsAnswerKind Kind, long Count)> Answers =>
        [.. _answers.Select(pair => (Kind: pair.Key, Count: pair.Value)).OrderBy(pair => (pair.Kind.Type, pair.Kind.Code, pair.Kind.Tcp, pair.Kind.V4))];

    public void Add(DnsMessage answer, bool tcp, bool v4)
    {
        var type = answer.Questions.IsEmpty ? default : answer.Questions[0].Type;
        // Types without a name of their own are counted as one: clients must not make the table grow.
        _answers.AddOrUpdate(new(Enum.IsDefined(type) ? type : default, answer.ResponseCode, tcp, v4), 1, static (_, count) => count + 1);
    }
}

/// <param name="Type">What was asked for; 0: something else.</param>
/// <param name="Tcp">Else by UDP.</param>
/// <param name="V4">By the client's family.</param>
public readonly record struct DnsAnswerKind(DnsType Type, DnsResponseCode Code, bool Tcp, bool V4);
