namespace ActorCluster.Api.Allocation;

/// <summary>Why a number wasn't given out.</summary>
public enum AllocationFault
{
    None,
    OutOfRange,
    Taken,
    Full,
}

/// <summary>
/// Hands out numbers of a range (node ports), each once until it is released. The lower band is left to those who
/// ask for a number of their own: what is given out by chance comes from the upper band until that is full (KEP-3070, KEP-3668).
/// </summary>
/// <remarks>Not safe for concurrent use. Rebuilt by <see cref="Take"/> from what the objects hold.</remarks>
/// <param name="first">The first number of the range.</param>
/// <param name="last">The last number of the range.</param>
/// <param name="staticBand">How many numbers at the start are the lower band.</param>
public sealed class RangeAllocator(long first, long last, long staticBand)
{
    private readonly HashSet<long> _taken = [];

    public long First { get; } = first;
    public long Last { get; } = last;
    public int Count => _taken.Count;

    public bool IsTaken(long number) => _taken.Contains(number);

    /// <summary>Takes that very number.</summary>
    public AllocationFault Take(long number)
    {
        if (number < First || number > Last) return AllocationFault.OutOfRange;
        return _taken.Add(number) ? AllocationFault.None : AllocationFault.Taken;
    }

    /// <summary>Takes any free number; null when there is none.</summary>
    /// <param name="pick">Gives a number from 0 to below its argument.</param>
    public long? TakeAny(Func<int, int> pick)
    {
        var boundary = Math.Min(First + staticBand, Last + 1);
        return TakeBetween(boundary, Last, pick) ?? TakeBetween(First, boundary - 1, pick);
    }

    public void Release(long number) => _taken.Remove(number);

    private long? TakeBetween(long from, long to, Func<int, int> pick)
    {
        var size = to - from + 1;
        if (size <= 0) return null;
        var start = pick((int)Math.Min(size, int.MaxValue));
        for (long i = 0; i < size; i++)
        {
            var candidate = from + (start + i) % size;
            if (_taken.Add(candidate)) return candidate;
        }
        return null;
    }

    /// <summary>min(max(least, size/step), most): the size of the lower band.</summary>
    public static long BandSize(long size, long least, long step, long most) => size <= least ? 0 : Math.Min(Math.Max(least, size / step), most);
}
