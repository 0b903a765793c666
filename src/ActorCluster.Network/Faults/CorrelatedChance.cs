using ActorCluster.Contracts.Runtime;

namespace ActorCluster.Network.Faults;

/// <summary>Numbers that depend on the one before, as the kernel draws them (get_crandom in net/sched/sch_netem.c).</summary>
internal sealed class CorrelatedChance(RandomSource random, double correlation)
{
    private readonly ulong _rho = Scaled(correlation);
    private uint _last;

    /// <summary>Any number of 32 bits.</summary>
    public uint Next()
    {
        var value = (uint)random.NextInt64();
        if (_rho == 0) return value;
        var rho = _rho + 1;
        return _last = (uint)((UInt128)value * ((1UL << 32) - rho) + (UInt128)_last * rho >> 32);
    }

    public bool Happens(double percent) => percent > 0 && (percent >= 100 || Scaled(percent) >= Next());

    private static ulong Scaled(double percent) => (ulong)(Math.Clamp(percent, 0, 100) / 100 * uint.MaxValue);
}
