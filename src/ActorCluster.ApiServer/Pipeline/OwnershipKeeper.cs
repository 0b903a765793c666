using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>Notes in metadata.managedFields who wrote what, for every resource alike.</summary>
/// <param name="now">RFC 3339.</param>
internal sealed class OwnershipKeeper(ResourceRegistry registry, Func<string> now)
{
    private readonly ConditionalWeakTable<ResourceDefinition, Dictionary<string, ResetFields>> _resets = [];

    /// <summary>Notes the owners of an object's fields after its creation.</summary>
    /// <remarks>
    /// Of what the cluster's own controllers make for an owner (the pods of a ReplicaSet, and so on) nobody is kept track until somebody applies,
    /// which is upstream's rule for all objects without owners: it would be a third of such a pod's bytes, and nobody but its controller writes it.
    /// </remarks>
    public void RecordCreation(RequestScope scope, JsonObject obj)
    {
        if (IsMadeForOwner(scope, obj)) ObjectMetadata.Of(obj).Json.Remove("managedFields");
        else Record(scope, [], obj);
    }

    /// <summary>Notes the owners of an object's fields after its update.</summary>
    /// <param name="obj">In the stored version; its own managedFields are the client's.</param>
    public void RecordUpdate(RequestScope scope, JsonObject obj, JsonObject old) => Record(scope, old, obj);

    /// <summary>Applies a configuration to an object.</summary>
    /// <param name="served">The object in the request's version; empty where there is none yet.</param>
    /// <returns>The object in the request's version, with its owners.</returns>
    /// <exception cref="ApplyConflictException">Others own what would change.</exception>
    /// <exception cref="FormatException">The owners can't be read.</exception>
    public JsonObject Apply(RequestScope scope, JsonObject served, JsonObject configuration) =>
        ManagerOf(scope).Apply(new VersionedObject(scope.ApiVersion, served, scope.Version.Schema), configuration, NameOf(scope), scope.Options.Force, now());

    /// <summary>Who writes, by the name that managedFields gives.</summary>
    public static string NameOf(RequestScope scope) => scope.Options.FieldManager is { Length: > 0 } given ? given : ManagerNames.OfUser(scope.Options.User);

    /// <summary>Clients that come by HTTP always have a name.</summary>
    private static bool IsMadeForOwner(RequestScope scope, JsonObject obj) =>
        scope.Options.FieldManager is null && ObjectMetadata.Of(obj).OwnerReferences.Any(o => o.GetBoolean("controller") == true);

    private void Record(RequestScope scope, JsonObject old, JsonObject obj)
    {
        var owners = ManagerOf(scope).Update(Served(scope, old), Served(scope, obj), NameOf(scope), now());
        ObjectMetadata.Of(obj).Json.Put("managedFields", owners);
    }

    private static VersionedObject Served(RequestScope scope, JsonObject stored) =>
        new(scope.ApiVersion, scope.Version.Converter is { } converter ? converter.FromStorage((JsonObject)stored.DeepClone()) : stored, scope.Version.Schema);

    private FieldManager ManagerOf(RequestScope scope) =>
        new(new RegistryConverter(registry, scope.Definition), ResetOf(scope.Definition, scope.Request.Subresource), scope.ApiVersion, scope.Request.Subresource);

    private ResetFields ResetOf(ResourceDefinition definition, string subresource)
    {
        var known = _resets.GetOrCreateValue(definition);
        lock (known)
        {
            if (known.TryGetValue(subresource, out var reset)) return reset;
            var paths = FieldSet.OfFields(definition.Strategy.ResetFields(subresource));
            return known[subresource] = new ResetFields(definition.Versions.ToDictionary(v => ResourceDefinition.ApiVersion(definition.Name.Group, v.Name), _ => paths));
        }
    }

    /// <summary>Converts over the stored version, as requests do.</summary>
    private sealed class RegistryConverter(ResourceRegistry registry, ResourceDefinition definition) : IOwnershipConverter
    {
        public VersionedObject? Convert(VersionedObject obj, string apiVersion)
        {
            if (obj.ApiVersion == apiVersion) return obj;
            if (Find(obj.ApiVersion) is not { } from || Find(apiVersion) is not { } to) return null;
            var document = (JsonObject)obj.Document.DeepClone();
            if (from.Converter is { } reader) document = reader.ToStorage(document);
            if (to.Converter is { } writer) document = writer.FromStorage(document);
            document["apiVersion"] = apiVersion;
            return new VersionedObject(apiVersion, document, to.Schema);
        }

        public TypeSchema? SchemaOf(string apiVersion) => Find(apiVersion)?.Schema;

        /// <summary>Other resources may show the same objects (events).</summary>
        private ServedVersion? Find(string apiVersion) =>
            In(definition, apiVersion) ?? registry.All.Where(d => d.Storage == definition.Storage).Select(d => In(d, apiVersion)).FirstOrDefault(v => v is not null);

        private static ServedVersion? In(ResourceDefinition definition, string apiVersion)
        {
            foreach (var version in definition.Versions)
            {
                if (ResourceDefinition.ApiVersion(definition.Name.Group, version.Name) == apiVersion) return version;
            }
            return null;
        }
    }
}
