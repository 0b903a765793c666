namespace ActorCluster.Contracts.Streams;

/// <summary>Counts what a reader has consumed, and says when it is worth a credit message.</summary>
internal sealed class ConsumedBytes
{
    private int _unreported;

    /// <returns>The bytes to report now; 0: not yet.</returns>
    public int Add(int bytes)
    {
        var total = Interlocked.Add(ref _unreported, bytes);
        return total >= ContainerStreamProtocol.CreditStep ? Interlocked.Exchange(ref _unreported, 0) : 0;
    }
}
