namespace ActorCluster.Store.Snapshots;

/// <summary>A node of <see cref="PersistentTree{T}"/>: never empty, never changed.</summary>
internal abstract class TreeNode<T>(int count, T first)
{
    /// <summary>The most items or children of one node; a change copies at most so many references on each level.</summary>
    public const int Capacity = 48;

    public int Count { get; } = count;

    public T First { get; } = first;

    /// <summary>Items or children of this node itself.</summary>
    public abstract int Width { get; }

    public abstract bool TryFind<TProbe>(TProbe probe, ref T item) where TProbe : struct, IProbe<T>;

    public abstract int Rank<TProbe>(TProbe probe) where TProbe : struct, IProbe<T>;

    /// <returns>The changed node, and the one split off from it if it got too wide.</returns>
    public abstract (TreeNode<T> Left, TreeNode<T>? Right) Set<TProbe>(TProbe probe, T item) where TProbe : struct, IProbe<T>;

    /// <returns>This node if it has no such item; null if nothing is left.</returns>
    public abstract TreeNode<T>? Remove<TProbe>(TProbe probe) where TProbe : struct, IProbe<T>;

    public abstract TreeNode<T> JoinedWith(TreeNode<T> right);

    public static TreeNode<T>? Build(IReadOnlyList<T> sorted)
    {
        const int fill = Capacity * 3 / 4;
        var level = new List<TreeNode<T>>();
        for (var i = 0; i < sorted.Count; i += fill)
        {
            var items = new T[Math.Min(fill, sorted.Count - i)];
            for (var j = 0; j < items.Length; j++) items[j] = sorted[i + j];
            level.Add(new TreeLeaf<T>(items));
        }

        while (level.Count > 1) level = level.Chunk(fill).Select(static children => (TreeNode<T>)new TreeBranch<T>(children)).ToList();
        return level.Count == 0 ? null : level[0];
    }

    protected static TElement[] Without<TElement>(TElement[] array, int at)
    {
        var result = new TElement[array.Length - 1];
        Array.Copy(array, result, at);
        Array.Copy(array, at + 1, result, at, result.Length - at);
        return result;
    }

    protected static TElement[] With<TElement>(TElement[] array, int at, TElement element)
    {
        var result = new TElement[array.Length + 1];
        Array.Copy(array, result, at);
        result[at] = element;
        Array.Copy(array, at, result, at + 1, array.Length - at);
        return result;
    }

    protected static TElement[] Replaced<TElement>(TElement[] array, int at, TElement element)
    {
        var result = (TElement[])array.Clone();
        result[at] = element;
        return result;
    }
}

internal sealed class TreeLeaf<T>(T[] items) : TreeNode<T>(items.Length, items[0])
{
    public T[] Items { get; } = items;

    public override int Width => Items.Length;

    public override int Rank<TProbe>(TProbe probe)
    {
        int low = 0, high = Items.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (probe.CompareTo(Items[middle]) > 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public override bool TryFind<TProbe>(TProbe probe, ref T item)
    {
        var at = Rank(probe);
        if (!IsAt(probe, at)) return false;
        item = Items[at];
        return true;
    }

    public override (TreeNode<T> Left, TreeNode<T>? Right) Set<TProbe>(TProbe probe, T item)
    {
        var at = Rank(probe);
        if (IsAt(probe, at)) return (new TreeLeaf<T>(Replaced(Items, at, item)), null);
        var items = With(Items, at, item);
        if (items.Length <= Capacity) return (new TreeLeaf<T>(items), null);

        // Names that come in order (as generated ones often do) leave full leaves behind instead of half-full ones.
        var half = at == items.Length - 1 ? Capacity : items.Length / 2;
        return (new TreeLeaf<T>(items[..half]), new TreeLeaf<T>(items[half..]));
    }

    public override TreeNode<T>? Remove<TProbe>(TProbe probe)
    {
        var at = Rank(probe);
        if (!IsAt(probe, at)) return this;
        return Items.Length == 1 ? null : new TreeLeaf<T>(Without(Items, at));
    }

    public override TreeNode<T> JoinedWith(TreeNode<T> right) => new TreeLeaf<T>([.. Items, .. ((TreeLeaf<T>)right).Items]);

    private bool IsAt<TProbe>(TProbe probe, int at) where TProbe : struct, IProbe<T> => at < Items.Length && probe.CompareTo(Items[at]) == 0;
}

/// <param name="count">Of the items of all children.</param>
internal sealed class TreeBranch<T>(TreeNode<T>[] children, int count) : TreeNode<T>(count, children[0].First)
{
    public TreeBranch(TreeNode<T>[] children)
        : this(children, children.Sum(static child => child.Count))
    {
    }

    public TreeNode<T>[] Children { get; } = children;

    public override int Width => Children.Length;

    /// <summary>The last child that doesn't begin after the probe, or the first.</summary>
    public int ChildFor<TProbe>(TProbe probe) where TProbe : struct, IProbe<T>
    {
        int low = 1, high = Children.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (probe.CompareTo(Children[middle].First) >= 0) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }

    public override bool TryFind<TProbe>(TProbe probe, ref T item) => Children[ChildFor(probe)].TryFind(probe, ref item);

    public override int Rank<TProbe>(TProbe probe)
    {
        var at = ChildFor(probe);
        var rank = Children[at].Rank(probe);
        for (var i = 0; i < at; i++) rank += Children[i].Count;
        return rank;
    }

    public override (TreeNode<T> Left, TreeNode<T>? Right) Set<TProbe>(TProbe probe, T item)
    {
        var at = ChildFor(probe);
        var (left, right) = Children[at].Set(probe, item);
        var children = Replaced(Children, at, left);
        var count = Count - Children[at].Count + left.Count;
        if (right is null) return (new TreeBranch<T>(children, count), null);
        children = With(children, at + 1, right);
        if (children.Length <= Capacity) return (new TreeBranch<T>(children, count + right.Count), null);
        var half = at + 1 == children.Length - 1 ? Capacity : children.Length / 2;
        return (new TreeBranch<T>(children[..half]), new TreeBranch<T>(children[half..]));
    }

    public override TreeNode<T>? Remove<TProbe>(TProbe probe)
    {
        var at = ChildFor(probe);
        var child = Children[at].Remove(probe);
        if (ReferenceEquals(child, Children[at])) return this;
        if (child is null) return Children.Length == 1 ? null : new TreeBranch<T>(Without(Children, at), Count - Children[at].Count);
        return new TreeBranch<T>(child.Width < Capacity / 4 ? Thickened(at, child) : Replaced(Children, at, child), Count - Children[at].Count + child.Count);
    }

    public override TreeNode<T> JoinedWith(TreeNode<T> right) => new TreeBranch<T>([.. Children, .. ((TreeBranch<T>)right).Children]);

    /// <summary>Joins a child that got thin with a neighbour, if the two fit into one with room to grow.</summary>
    private TreeNode<T>[] Thickened(int at, TreeNode<T> child)
    {
        if (at > 0 && Children[at - 1].Width + child.Width <= Capacity * 3 / 4)
            return Replaced(Without(Children, at), at - 1, Children[at - 1].JoinedWith(child));
        if (at + 1 < Children.Length && Children[at + 1].Width + child.Width <= Capacity * 3 / 4)
            return Replaced(Without(Children, at), at, child.JoinedWith(Children[at + 1]));
        return Replaced(Children, at, child);
    }
}
