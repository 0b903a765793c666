using System.Globalization;

namespace ActorCluster.Containers.Runtime;

/// <summary>What a control group (cgroup v2) allows.</summary>
/// <param name="CpuShares">As a runtime is told: 2 to 262144, 1024 for one core's share.</param>
/// <param name="CpuQuota">Microseconds of processor time in each period of <see cref="ControlGroup.CpuPeriod"/>; null: unlimited.</param>
/// <param name="MemoryMaximum">Bytes; null: unlimited.</param>
public sealed record ControlGroupLimits(long CpuShares, long? CpuQuota, long? MemoryMaximum);

/// <summary>A container's control group: what it shows below /sys/fs/cgroup. The limits may change while it runs. Safe for concurrent use.</summary>
/// <param name="oomScoreAdjustment">What its processes' /proc/PID/oom_score_adj says.</param>
public sealed class ControlGroup(ControlGroupLimits limits, int oomScoreAdjustment)
{
    /// <summary>Microseconds.</summary>
    public const int CpuPeriod = 100_000;

    private const int PageSize = 4096;
    private ControlGroupLimits _limits = limits;

    public int OomScoreAdjustment => oomScoreAdjustment;

    public ControlGroupLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set => Volatile.Write(ref _limits, value);
    }

    /// <summary>What cpu.weight says.</summary>
    public string CpuWeight => WeightOf(Limits.CpuShares).ToString(CultureInfo.InvariantCulture);

    /// <summary>What cpu.max says.</summary>
    public string CpuMaximum => string.Create(CultureInfo.InvariantCulture, $"{Number(Limits.CpuQuota)} {CpuPeriod}");

    /// <summary>What memory.max says: the kernel counts whole pages.</summary>
    public string MemoryMaximum => Number(Limits.MemoryMaximum / PageSize * PageSize);

    /// <summary>
    /// cgroup v1's cpu.shares as cgroup v2's cpu.weight, as runc and crun convert it: a curve through the smallest, the default (1024 is 100) and the
    /// largest of both (https://github.com/kubernetes/kubernetes/issues/131216).
    /// </summary>
    public static long WeightOf(long shares)
    {
        if (shares <= 2) return 1;
        if (shares >= 262_144) return 10_000;
        var logarithm = Math.Log2(shares);
        return (long)Math.Ceiling(Math.Pow(10, (logarithm * logarithm + 125 * logarithm) / 612 - 7.0 / 34));
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "max";
}
