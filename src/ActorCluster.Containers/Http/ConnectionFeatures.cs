using System.Collections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ActorCluster.Containers.Http;

/// <summary>A connection's features; remembers a wish to close that comes before Kestrel has taken the connection over.</summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    private readonly FeatureCollection _features = new(initialCapacity: 10);
    private readonly Lock _lock = new();
    private IConnectionLifetimeNotificationFeature? _lifetime;
    private bool _closeRequested;

    public bool IsReadOnly => false;
    public int Revision => _features.Revision;

    public object? this[Type key]
    {
        get => _features[key];
        set => _features[key] = value;
    }

    public TFeature? Get<TFeature>() => _features.Get<TFeature>();

    public void Set<TFeature>(TFeature? instance)
    {
        _features.Set(instance);
        if (typeof(TFeature) != typeof(IConnectionLifetimeNotificationFeature)) return;
        lock (_lock)
        {
            _lifetime = (IConnectionLifetimeNotificationFeature?)instance;
            if (!_closeRequested) return;
        }
        _lifetime?.RequestClose();
    }

    public void RequestClose()
    {
        lock (_lock) _closeRequested = true;
        _lifetime?.RequestClose();
    }

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
