using ActorCluster.Contracts.Client;
using k8s;
using k8s.Models;

namespace ActorCluster.Controllers.Reconciling;

/// <summary>Objects of an informer's cache by other keys than their names: pods by node, by owner. What the cache shows, an index that was asked for before
/// shows too.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class InformerIndex<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Func<T, IEnumerable<string>> _keys;
    private readonly Dictionary<string, SortedDictionary<string, T>> _byKey = [];
    private readonly Lock _lock = new();

    public InformerIndex(Informer<T> informer, Func<T, IEnumerable<string>> keys)
    {
        _keys = keys;
        informer.Changing += OnChanging;
    }

    /// <summary>The objects with that key, in the order of their namespaces and names.</summary>
    public IReadOnlyList<T> Get(string key)
    {
        lock (_lock) return _byKey.TryGetValue(key, out var objects) ? [.. objects.Values] : [];
    }

    public int Count(string key)
    {
        lock (_lock) return _byKey.TryGetValue(key, out var objects) ? objects.Count : 0;
    }

    private void OnChanging(T? before, T? after)
    {
        lock (_lock)
        {
            if (before is not null)
            {
                var name = NameOf(before);
                foreach (var key in _keys(before))
                {
                    if (!_byKey.TryGetValue(key, out var objects)) continue;
                    objects.Remove(name);
                    if (objects.Count == 0) _byKey.Remove(key);
                }
            }

            if (after is null) return;
            foreach (var key in _keys(after))
            {
                if (!_byKey.TryGetValue(key, out var objects)) _byKey.Add(key, objects = new(StringComparer.Ordinal));
                objects[NameOf(after)] = after;
            }
        }
    }

    private static string NameOf(T item) => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";
}
