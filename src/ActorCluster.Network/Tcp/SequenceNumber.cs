namespace ActorCluster.Network.Tcp;

/// <summary>Comparisons of sequence numbers, modulo 2^32 (RFC 9293, 3.4).</summary>
internal static class SequenceNumber
{
    public static bool IsBefore(this uint left, uint right) => (int)(left - right) < 0;
    public static bool IsAfter(this uint left, uint right) => (int)(left - right) > 0;
    public static bool IsAtOrBefore(this uint left, uint right) => (int)(left - right) <= 0;
    public static uint Later(uint left, uint right) => left.IsAfter(right) ? left : right;
}
