using System.Text;
using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Resources;
using ActorCluster.ApiServer.Pipeline;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Components;

/// <summary>
/// How the parts of this control plane are, by the names that upstream gives its own: the store is etcd-0, the scheduler and the other controllers, which start and end together, are
/// scheduler and controller-manager. Safe for concurrent use.
/// </summary>
public sealed class ComponentHealth : IComputedObjects
{
    private const string NotAtWork = "the controllers are not at work";
    private readonly IObjectStore _store;
    private readonly (string Name, Func<(string Message, string Error, bool IsHealthy)> Check)[] _components;
    private volatile bool _controllersAtWork;

    internal ComponentHealth(IObjectStore store)
    {
        _store = store;
        // In the order of lists.
        _components = [("controller-manager", CheckControllers), ("etcd-0", CheckStore), ("scheduler", CheckControllers)];
    }

    /// <summary>Said by whoever runs the controllers, when they begin to work and when they end.</summary>
    public void NoteControllers(bool areAtWork) => _controllersAtWork = areAtWork;

    /// <inheritdoc/>
    StoredObject? IComputedObjects.Get(IStoreSnapshot snapshot, ObjectKey key)
    {
        foreach (var (name, check) in _components)
            if (name == key.Name) return Make(key, snapshot, check());
        // In the singular, as upstream has it.
        throw StatusException.NotFound(new ResourceName("", ComponentStatusResource.Definition.Singular), key.Name);
    }

    /// <inheritdoc/>
    IEnumerable<StoredObject> IComputedObjects.List(IStoreSnapshot snapshot, ResourceName resource, string? ns, ObjectKey? after, Func<StoredObject, bool> wanted) =>
        _components
            .Where(component => after is not { } last || string.CompareOrdinal(component.Name, last.Name) > 0)
            .Select(component => Make(new ObjectKey(resource, "", component.Name), snapshot, component.Check()))
            .Where(wanted);

    private (string Message, string Error, bool IsHealthy) CheckControllers() => _controllersAtWork ? ("ok", "", true) : (NotAtWork, "", false);

    private (string Message, string Error, bool IsHealthy) CheckStore() => _store.WriteFault is { } fault ? ("", fault, false) : ("ok", "", true);

    /// <summary>getComponentStatus in pkg/registry/core/componentstatus/rest.go.</summary>
    private static StoredObject Make(ObjectKey key, IStoreSnapshot snapshot, (string Message, string Error, bool IsHealthy) health)
    {
        var condition = new JsonObject { ["type"] = ComponentStatusResource.Healthy, ["status"] = health.IsHealthy ? "True" : "False" };
        if (health.Message.Length > 0) condition["message"] = health.Message;
        if (health.Error.Length > 0) condition["error"] = health.Error;
        var component = new JsonObject
        {
            ["kind"] = ComponentStatusResource.Definition.Kind,
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["name"] = key.Name },
            ["conditions"] = new JsonArray(condition),
        };
        return new StoredObject(key, snapshot.Revision, ObjectHeader.Empty, Encoding.UTF8.GetBytes(component.ToJsonString(JsonDocuments.CompactJson)));
    }
}
