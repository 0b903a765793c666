using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>A set of paths into an object, as a tree. Immutable.</summary>
/// <remarks>The operations of fieldpath/set.go of structured-merge-diff: that a path is in the set says nothing of what is above or below it.</remarks>
public sealed class FieldSet
{
    public static readonly FieldSet Empty = new([]);

    private readonly Entry[] _entries;

    /// <summary>The type that this set was last found to fit; who reads an old value only checks again.</summary>
    internal TypeSchema? FitsType { get; set; }

    private FieldSet(Entry[] entries) => _entries = entries;

    /// <param name="IsMember">The path that ends here is in the set.</param>
    /// <param name="Children">Longer paths; never empty.</param>
    public readonly record struct Entry(PathElement Element, bool IsMember, FieldSet? Children);

    /// <summary>In order.</summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    public bool IsEmpty => _entries.Length == 0;

    /// <summary>How many paths are in the set.</summary>
    public int Count => _entries.Sum(e => (e.IsMember ? 1 : 0) + (e.Children?.Count ?? 0));

    /// <summary>The set of these entries, in any order; those of one element are joined, and those that hold nothing left out.</summary>
    public static FieldSet Of(List<Entry>? entries)
    {
        if (entries is null) return Empty;
        entries.RemoveAll(static e => !e.IsMember && e.Children is not { IsEmpty: false });
        if (entries.Count == 0) return Empty;
        entries.Sort(static (a, b) => a.Element.CompareTo(b.Element));
        var joined = new List<Entry>(entries.Count);
        foreach (var entry in entries)
        {
            if (joined.Count == 0 || joined[^1].Element.CompareTo(entry.Element) != 0)
            {
                joined.Add(entry);
                continue;
            }
            joined[^1] = Join(joined[^1], entry);
        }
        return new FieldSet([.. joined]);
    }

    /// <summary>The set of just this path.</summary>
    public static FieldSet OfPath(params ReadOnlySpan<PathElement> path)
    {
        if (path.IsEmpty) return Empty;
        var set = new FieldSet([new Entry(path[^1], true, null)]);
        for (var i = path.Length - 2; i >= 0; i--) set = new FieldSet([new Entry(path[i], false, set)]);
        return set;
    }

    /// <summary>The set of the paths that lead over these fields.</summary>
    public static FieldSet OfFields(IEnumerable<IReadOnlyList<string>> paths)
    {
        var set = Empty;
        foreach (var path in paths) set = set.Union(OfPath([.. path.Select(PathElement.OfField)]));
        return set;
    }

    public bool Has(params ReadOnlySpan<PathElement> path)
    {
        var set = this;
        for (var i = 0; i < path.Length; i++)
        {
            if (set?.Find(path[i]) is not { } entry) return false;
            if (i == path.Length - 1) return entry.IsMember;
            set = entry.Children;
        }
        return false;
    }

    /// <summary>What the set says of one element and of what is below it.</summary>
    public Entry? Find(PathElement element)
    {
        var (low, high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _entries[middle].Element.CompareTo(element);
            if (order == 0) return _entries[middle];
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other)) return this;
        return IsEmpty ? other : Combine(other, static (mine, theirs) => (mine, theirs) switch
        {
            ({ } a, { } b) => Join(a, b),
            _ => mine ?? theirs,
        });
    }

    public FieldSet Intersection(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty) return Empty;
        return Combine(other, static (mine, theirs) => (mine, theirs) is ({ } a, { } b)
            ? a with { IsMember = a.IsMember && b.IsMember, Children = a.Children is null || b.Children is null ? null : a.Children.Intersection(b.Children) }
            : null);
    }

    /// <summary>Without the paths of the other set; what is below them stays.</summary>
    public FieldSet Difference(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty) return this;
        return Combine(other, static (mine, theirs) => (mine, theirs) is ({ } a, { } b)
            ? a with { IsMember = a.IsMember && !b.IsMember, Children = a.Children is null || b.Children is null ? a.Children : a.Children.Difference(b.Children) }
            : mine);
    }

    /// <summary>Without the paths of the other set and all below them.</summary>
    public FieldSet RecursiveDifference(FieldSet other)
    {
        if (IsEmpty || other.IsEmpty) return this;
        return Combine(other, static (mine, theirs) => (mine, theirs) is ({ } a, { } b)
            ? b.IsMember ? null : a with { Children = a.Children is null || b.Children is null ? a.Children : a.Children.RecursiveDifference(b.Children) }
            : mine);
    }

    /// <summary>With the objects' own fields that paths lead over as members: an applier that set something in them set them.</summary>
    internal FieldSet WithNamedFields(MergeType type)
    {
        if (IsEmpty) return this;
        var entries = new Entry[_entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = _entries[i];
            var named = entry.Children is not null && entry.Element.Kind == PathElementKind.Field && type.Declares(entry.Element.Name);
            var children = entry.Children?.WithNamedFields(type.Below(entry.Element));
            entries[i] = new Entry(entry.Element, entry.IsMember || named, children);
        }
        return new FieldSet(entries);
    }

    /// <summary>All paths; at each level first those that end there.</summary>
    public IEnumerable<PathElement[]> Paths() => Paths([]);

    public override string ToString() => string.Join('\n', Paths().Select(Describe));

    /// <summary>A path as messages show it.</summary>
    public static string Describe(PathElement[] path) => string.Concat(path.Select(e => e.ToString()));

    public bool SameAs(FieldSet other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (_entries.Length != other._entries.Length) return false;
        for (var i = 0; i < _entries.Length; i++)
        {
            var (mine, theirs) = (_entries[i], other._entries[i]);
            if (mine.IsMember != theirs.IsMember || mine.Element.CompareTo(theirs.Element) != 0) return false;
            if (mine.Children is null != theirs.Children is null || (mine.Children is not null && !mine.Children.SameAs(theirs.Children!))) return false;
        }
        return true;
    }

    private IEnumerable<PathElement[]> Paths(PathElement[] prefix)
    {
        foreach (var entry in _entries)
        {
            if (entry.IsMember) yield return [.. prefix, entry.Element];
        }
        foreach (var entry in _entries)
        {
            if (entry.Children is null) continue;
            foreach (var path in entry.Children.Paths([.. prefix, entry.Element])) yield return path;
        }
    }

    private static Entry Join(Entry a, Entry b) =>
        a with { IsMember = a.IsMember || b.IsMember, Children = a.Children is null ? b.Children : b.Children is null ? a.Children : a.Children.Union(b.Children) };

    /// <summary>Walks both in order. Where nothing changes, the result is this set itself, so that callers can tell.</summary>
    private FieldSet Combine(FieldSet other, Func<Entry?, Entry?, Entry?> join)
    {
        var result = new List<Entry>(_entries.Length);
        var unchanged = true;
        var (i, j) = (0, 0);
        while (i < _entries.Length || j < other._entries.Length)
        {
            var order = i == _entries.Length ? 1 : j == other._entries.Length ? -1 : _entries[i].Element.CompareTo(other._entries[j].Element);
            Entry? mine = order <= 0 ? _entries[i++] : null;
            Entry? theirs = order >= 0 ? other._entries[j++] : null;
            var joined = join(mine, theirs) is { } entry && (entry.IsMember || entry.Children is { IsEmpty: false }) ? entry with { Children = entry.Children is { IsEmpty: true } ? null : entry.Children } : (Entry?)null;
            if (joined is { } kept) result.Add(kept);
            unchanged = unchanged && (mine is { } before
                ? joined is { } after && after.IsMember == before.IsMember && ReferenceEquals(after.Children, before.Children)
                : joined is null);
        }
        return unchanged ? this : result.Count == 0 ? Empty : new FieldSet([.. result]);
    }
}
