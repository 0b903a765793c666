using System.Diagnostics.CodeAnalysis;

namespace ActorCluster.Contracts.Client;

/// <summary>A dictionary that forgets what was used longest ago when it is full. Not safe for concurrent use.</summary>
internal sealed class LruCache<TKey, TValue>(int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = [];

    public int Count => _nodes.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default;
            return false;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        if (_nodes.Remove(key, out var old)) _byUse.Remove(old);
        else if (_nodes.Count == capacity) Forget(_byUse.Last!);
        _nodes[key] = _byUse.AddFirst((key, value));
    }

    private void Forget(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _byUse.Remove(node);
        _nodes.Remove(node.Value.Key);
    }
}
