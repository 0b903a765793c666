using System.Collections.Immutable;
using k8s.Models;

namespace ActorCluster.Controllers.Scheduling;

/// <summary>Amounts of resources: CPU in thousandths, memory and storage in bytes, others (hugepages, devices) by name in units.</summary>
internal sealed record Resources(long MilliCpu, long Memory, long EphemeralStorage, ImmutableSortedDictionary<string, long> Others)
{
    public static readonly Resources Zero = new(0, 0, 0, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    public static Resources From(IDictionary<string, ResourceQuantity>? quantities)
    {
        if (quantities is null or { Count: 0 }) return Zero;
        var (cpu, memory, storage, others) = (0L, 0L, 0L, Zero.Others);
        foreach (var (name, quantity) in quantities)
        {
            switch (name)
            {
                case "cpu": cpu = Ceiling((decimal)quantity * 1000); break;
                case "memory": memory = Ceiling(quantity); break;
                case "ephemeral-storage": storage = Ceiling(quantity); break;
                case "pods": break;
                default: others = others.SetItem(name, Ceiling(quantity)); break;
            }
        }

        return new(cpu, memory, storage, others);
    }

    public static Resources operator +(Resources left, Resources right) =>
        new(left.MilliCpu + right.MilliCpu, left.Memory + right.Memory, left.EphemeralStorage + right.EphemeralStorage,
            Combine(left.Others, right.Others, static (a, b) => a + b));

    public static Resources operator -(Resources left, Resources right) =>
        new(left.MilliCpu - right.MilliCpu, left.Memory - right.Memory, left.EphemeralStorage - right.EphemeralStorage,
            Combine(left.Others, right.Others, static (a, b) => a - b));

    /// <summary>The larger of both, resource by resource.</summary>
    public static Resources Max(Resources left, Resources right) =>
        new(Math.Max(left.MilliCpu, right.MilliCpu), Math.Max(left.Memory, right.Memory), Math.Max(left.EphemeralStorage, right.EphemeralStorage),
            Combine(left.Others, right.Others, Math.Max));

    public bool IsSameAs(Resources other) =>
        (MilliCpu, Memory, EphemeralStorage) == (other.MilliCpu, other.Memory, other.EphemeralStorage) && (ReferenceEquals(Others, other.Others) || Others.SequenceEqual(other.Others));

    /// <summary>Whether there is less of anything.</summary>
    public bool IsLessThan(Resources other) =>
        MilliCpu < other.MilliCpu || Memory < other.Memory || EphemeralStorage < other.EphemeralStorage || other.Others.Any(amount => Others.GetValueOrDefault(amount.Key) < amount.Value);

    private static ImmutableSortedDictionary<string, long> Combine(
        ImmutableSortedDictionary<string, long> left, ImmutableSortedDictionary<string, long> right, Func<long, long, long> combine)
    {
        if (right.IsEmpty) return left;
        var result = left;
        foreach (var (name, amount) in right) result = result.SetItem(name, combine(left.GetValueOrDefault(name), amount));
        return result;
    }

    private static long Ceiling(decimal value) => value >= long.MaxValue ? long.MaxValue : (long)decimal.Ceiling(value);
}
