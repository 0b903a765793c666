using ActorCluster.Api;
using ActorCluster.Contracts.Store;

namespace ActorCluster.Store.History;

/// <summary>Which changes a feed has: those of a resource, of one namespace if one is named, of objects with this value of a selectable field if one is named. Pure.</summary>
internal readonly record struct FeedScope(ResourceName Resource, string? Namespace = null, FieldValue? Field = null)
{
    /// <summary>All changes of the resource: what every other of its feeds is a part of.</summary>
    public bool IsWhole => Namespace is null && Field is null;

    /// <summary>Whether a change of the resource belongs here: also what an object was before it counts, since its leaving is news.</summary>
    public bool Has(StoreChange change) =>
        (Namespace is null || string.Equals(change.Key.Namespace, Namespace, StringComparison.Ordinal))
        && (Field is not { } field || ValueOf(change.Current, field.Field) == field.Value || ValueOf(change.Previous, field.Field) == field.Value);

    /// <returns>"" for a field that the object lacks; null without an object.</returns>
    public static string? ValueOf(StoredObject? stored, string field) => stored is null ? null : stored.Header.Fields.GetValueOrDefault(field, "");
}
