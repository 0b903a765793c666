using System.Collections.Immutable;
using ActorCluster.Api.Resources;

namespace ActorCluster.Api.Registry;

/// <summary>The resources that an API server serves. Reads see an immutable state; definitions may come and go at run time.</summary>
public sealed class ResourceRegistry
{
    private readonly Lock _lock = new();
    private volatile State _state = new(0, ImmutableSortedDictionary<ResourceName, ResourceDefinition>.Empty);

    public ResourceRegistry(params IEnumerable<ResourceDefinition> definitions)
    {
        foreach (var definition in definitions) Register(definition);
    }

    /// <summary>A registry of the built-in resources.</summary>
    public static ResourceRegistry BuiltIn() => new(BuiltInResources.All);

    /// <summary>Something was added, replaced or removed.</summary>
    public event Action? Changed;

    /// <summary>Counts the changes; what is derived from the registry (discovery, OpenAPI) is current for one number.</summary>
    public long Generation => _state.Generation;

    public IEnumerable<ResourceDefinition> All => _state.Definitions.Values;

    /// <summary>Those whose objects are stored, each under its own name.</summary>
    public IEnumerable<ResourceDefinition> Stored => All.Where(d => d is { StoredAs: null, IsReview: false, IsComputed: false });

    public ResourceDefinition? Find(ResourceName name) => _state.Definitions.GetValueOrDefault(name);

    /// <summary>The definition behind an object's apiVersion and kind.</summary>
    public ResourceDefinition? FindKind(string group, string kind) => All.FirstOrDefault(d => d.Name.Group == group && d.Kind == kind);

    /// <summary>Adds a definition or replaces the one of its name.</summary>
    public void Register(ResourceDefinition definition)
    {
        lock (_lock) _state = new State(_state.Generation + 1, _state.Definitions.SetItem(definition.Name, definition));
        Changed?.Invoke();
    }

    public void Unregister(ResourceName name)
    {
        lock (_lock) _state = new State(_state.Generation + 1, _state.Definitions.Remove(name));
        Changed?.Invoke();
    }

    private sealed record State(long Generation, ImmutableSortedDictionary<ResourceName, ResourceDefinition> Definitions);
}
