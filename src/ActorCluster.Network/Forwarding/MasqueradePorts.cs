namespace ActorCluster.Network.Forwarding;

/// <summary>
/// The ports that masqueraded flows get, one after the other. The kernel takes any from 1024 on whose flow it doesn't know; here it is all but those that host programs
/// get for their connections (32768 to 60999), so that both never meet, and NodePorts.
/// </summary>
internal struct MasqueradePorts
{
    /// <summary>What the node's namespace sends to its own addresses at ports from this one on may be a reply to a masqueraded flow.</summary>
    public const int FirstHigh = 61000;

    private const int High = 65536 - FirstHigh;
    private const int FirstLow = 1024;
    private const int FirstNodePort = 30000;
    private const int All = High + FirstNodePort - FirstLow;

    /// <summary>The one that was used longest ago comes first: when many are taken, few after it will be free.</summary>
    private const int MostTries = High;

    private int _next;

    /// <param name="towardsItself">The flow goes to the node's own namespace: its replies are recognized by their port alone.</param>
    /// <param name="isFree">Takes the port if it is free for the flow.</param>
    /// <returns>False: none was free.</returns>
    public bool TryTake(bool towardsItself, Func<ushort, bool> isFree)
    {
        var count = towardsItself ? High : All;
        for (var i = 0; i < MostTries; i++)
        {
            var index = (_next + i) % count;
            if (!isFree((ushort)(index < High ? FirstHigh + index : FirstLow + index - High))) continue;
            _next = (index + 1) % All;
            return true;
        }

        return false;
    }
}
