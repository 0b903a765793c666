using System.Collections;

namespace ActorCluster.Store.Snapshots;

/// <summary>A place in a tree's order, to search for.</summary>
internal interface IProbe<in T>
{
    /// <summary>Negative: this place is before the item; 0: it is the item's; positive: it is after the item.</summary>
    int CompareTo(T item);
}

/// <summary>
/// An immutable sorted sequence (a B+ tree whose changes copy one path): O(log n) search, change, and rank; enumeration from any place.
/// The order is that of the probes it is changed with, which must always be the same.
/// </summary>
internal sealed class PersistentTree<T> : IEnumerable<T>
{
    public static readonly PersistentTree<T> Empty = new(null);

    private readonly TreeNode<T>? _root;

    private PersistentTree(TreeNode<T>? root) => _root = root;

    public int Count => _root?.Count ?? 0;

    /// <param name="sorted">In the tree's order, without duplicates.</param>
    public static PersistentTree<T> FromSorted(IReadOnlyList<T> sorted) => new(TreeNode<T>.Build(sorted));

    public bool TryFind<TProbe>(TProbe probe, out T item) where TProbe : struct, IProbe<T>
    {
        item = default!;
        return _root is not null && _root.TryFind(probe, ref item);
    }

    /// <summary>Adds the item, or puts it in the place of its equal.</summary>
    public PersistentTree<T> Set<TProbe>(TProbe probe, T item) where TProbe : struct, IProbe<T>
    {
        if (_root is null) return new PersistentTree<T>(new TreeLeaf<T>([item]));
        var (left, right) = _root.Set(probe, item);
        return new PersistentTree<T>(right is null ? left : new TreeBranch<T>([left, right]));
    }

    /// <returns>This tree itself if there is no such item.</returns>
    public PersistentTree<T> Remove<TProbe>(TProbe probe) where TProbe : struct, IProbe<T>
    {
        if (_root is null) return this;
        var root = _root.Remove(probe);
        if (ReferenceEquals(root, _root)) return this;
        while (root is TreeBranch<T> { Children: [var only] }) root = only;
        return root is null ? Empty : new PersistentTree<T>(root);
    }

    /// <summary>How many items are before the probe.</summary>
    public int Rank<TProbe>(TProbe probe) where TProbe : struct, IProbe<T> => _root?.Rank(probe) ?? 0;

    /// <summary>All items that are not before the probe.</summary>
    public IEnumerable<T> From<TProbe>(TProbe probe) where TProbe : struct, IProbe<T>
    {
        if (_root is null) yield break;
        var path = new Stack<(TreeBranch<T> Branch, int Next)>();
        var node = _root;
        while (node is TreeBranch<T> branch)
        {
            var at = branch.ChildFor(probe);
            path.Push((branch, at + 1));
            node = branch.Children[at];
        }

        var leaf = (TreeLeaf<T>)node;
        var start = leaf.Rank(probe);
        while (true)
        {
            for (var i = start; i < leaf.Items.Length; i++) yield return leaf.Items[i];
            if (NextLeaf(path) is not { } next) yield break;
            leaf = next;
            start = 0;
        }
    }

    public IEnumerator<T> GetEnumerator() => From(default(Beginning)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static TreeLeaf<T>? NextLeaf(Stack<(TreeBranch<T> Branch, int Next)> path)
    {
        while (path.TryPop(out var top))
        {
            if (top.Next == top.Branch.Children.Length) continue;
            path.Push((top.Branch, top.Next + 1));
            var node = top.Branch.Children[top.Next];
            while (node is TreeBranch<T> branch)
            {
                path.Push((branch, 1));
                node = branch.Children[0];
            }

            return (TreeLeaf<T>)node;
        }

        return null;
    }

    private readonly struct Beginning : IProbe<T>
    {
        public int CompareTo(T item) => -1;
    }
}
