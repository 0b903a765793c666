using System.Collections.Immutable;

namespace ActorCluster.Contracts.Runtime;

/// <summary>What is lost between this process and another one.</summary>
[Flags]
public enum LinkLoss
{
    None = 0,

    /// <summary>What this process sends.</summary>
    Sent = 1,

    /// <summary>What the other one sends.</summary>
    Received = 2,

    Both = Sent | Received,
}

/// <summary>
/// From which other processes this one is cut off just now, as by a broken network: nothing passes, and nobody is told. Asked at the transport and at the
/// packet links for each message, so that asking costs nothing while there is none. Safe for concurrent use.
/// </summary>
public sealed class LinkCuts
{
    private volatile ImmutableDictionary<string, LinkLoss> _losses = ImmutableDictionary<string, LinkLoss>.Empty;

    private long _lost;

    /// <summary>How many messages and attempts to connect were lost at the transport.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Some were made or ended.</summary>
    public event Action? Changed;

    /// <param name="address">The other process's Akka address, as <see cref="WellKnown.ProcessAddressAnnotation"/> has it.</param>
    public bool LosesSent(string address) => Loses(address, LinkLoss.Sent);

    /// <param name="address">As above.</param>
    public bool LosesReceived(string address) => Loses(address, LinkLoss.Received);

    public void CountLoss() => Interlocked.Increment(ref _lost);

    /// <summary>From now on these and no others.</summary>
    /// <param name="losses">By Akka address.</param>
    public void Replace(ImmutableDictionary<string, LinkLoss> losses)
    {
        _losses = losses;
        Changed?.Invoke();
    }

    private bool Loses(string address, LinkLoss what) => _losses is { IsEmpty: false } losses && losses.TryGetValue(address, out var loss) && (loss & what) != 0;
}

/// <summary>Published on a process's EventStream when its <see cref="LinkCuts"/> have changed.</summary>
public sealed record LinkCutsChanged;
