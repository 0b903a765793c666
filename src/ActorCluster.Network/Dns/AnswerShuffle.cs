using System.Collections.Immutable;
using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Network.Dns;

/// <summary>Addresses in another order each time, behind all else (CoreDNS's plugin loadbalance).</summary>
public static class AnswerShuffle
{
    public static DnsMessage Shuffle(DnsMessage answer, RandomSource random) =>
        answer with { Answers = Shuffle(answer.Answers, random), Additionals = Shuffle(answer.Additionals, random) };

    private static ImmutableArray<DnsRecord> Shuffle(ImmutableArray<DnsRecord> records, RandomSource random)
    {
        if (records.Length < 2) return records;
        DnsRecord[] addresses = [.. records.Where(record => record.Data is DnsData.Address)];
        for (var i = 0; i < addresses.Length - 1; i++)
        {
            var other = i + random.Next(addresses.Length - i);
            (addresses[i], addresses[other]) = (addresses[other], addresses[i]);
        }
        return [.. records.Where(record => record.Data is not DnsData.Address), .. addresses];
    }
}
