using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.CustomResources;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.CustomResources;

/// <summary>Brings into the registry what custom resource definitions say. What is built in stays as it is, whatever a definition of its name says.</summary>
/// <remarks>Used by one at a time.</remarks>
internal sealed class CustomResourceRegistrar
{
    public static readonly ResourceName Definitions = DefinitionResource.Definition.Name;

    private readonly ResourceRegistry _registry;
    private readonly HashSet<ResourceName> _builtIn;
    private readonly Dictionary<string, Registration> _registered = [];

    public CustomResourceRegistrar(IObjectStore store, ResourceRegistry registry)
    {
        _registry = registry;
        _builtIn = [.. registry.All.Select(d => d.Name)];
        foreach (var stored in store.Snapshot.List(Definitions))
        {
            var crd = ObjectEncoder.Decode(stored);
            if (DefinitionConditions.IsTrue(crd, "Established")) Register(crd);
        }
    }

    public bool IsBuiltIn(JsonObject crd) => _builtIn.Contains(NameOf(crd));

    /// <summary>Serves an accepted definition's resource as it says now.</summary>
    public void Register(JsonObject crd)
    {
        if (IsBuiltIn(crd)) return;
        var name = ObjectMetadata.Of(crd).Name;
        var told = new JsonObject { ["spec"] = crd["spec"]?.DeepClone(), ["names"] = crd.At("status", "acceptedNames")?.DeepClone() };
        var isTerminating = DefinitionConditions.IsTrue(crd, "Terminating");
        var known = _registered.GetValueOrDefault(name);
        var isSame = known is not null && known.Told.SameAs(told);
        if (isSame && known!.IsTerminating == isTerminating) return;
        // An end of what can be created is no reason for watches to end: they are to see how the objects go.
        var superseded = isSame ? known!.Superseded : new CancellationTokenSource();
        if (CustomResourceFactory.Create(crd, superseded: superseded.Token) is { } definition) _registry.Register(definition);
        else _registry.Unregister(NameOf(crd));
        _registered[name] = new Registration(NameOf(crd), told, isTerminating, superseded);
        if (!isSame) End(known);
    }

    /// <summary>Serves those no longer that there is no definition of.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var name in _registered.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).ToList())
        {
            _registered.Remove(name, out var gone);
            _registry.Unregister(gone!.Resource);
            End(gone);
        }
    }

    private static void End(Registration? registration)
    {
        // Not disposed: who comes with an older definition in hand still asks its token.
        registration?.Superseded.Cancel();
    }

    private static ResourceName NameOf(JsonObject crd) => new(crd.TextAt("spec", "group") ?? "", crd.TextAt("spec", "names", "plural") ?? "");

    /// <param name="Told">What the definition was made of.</param>
    private sealed record Registration(ResourceName Resource, JsonObject Told, bool IsTerminating, CancellationTokenSource Superseded);
}
