using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;

namespace ActorCluster.Api.ManagedFields;

/// <summary>
/// Keeps metadata.managedFields over the writes of one version of one resource or sub-resource: who owns which field since when
/// (apimachinery/pkg/util/managedfields). Pure.
/// </summary>
/// <param name="apiVersion">The version that requests have.</param>
/// <param name="subresource">"" for the object itself.</param>
public sealed class FieldManager(IOwnershipConverter converter, ResetFields reset, string apiVersion, string subresource)
{
    /// <summary>How many updaters are remembered by name.</summary>
    public const int MostUpdaters = 10;
    private const string AncientChanges = "ancient-changes";
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>What identifies an object, and what only the server sets: nobody owns it.</summary>
    private static readonly FieldSet Unowned = FieldSet.OfFields(
    [
        ["apiVersion"], ["kind"], ["metadata"], ["metadata", "name"], ["metadata", "namespace"], ["metadata", "creationTimestamp"], ["metadata", "selfLink"], ["metadata", "uid"],
        ["metadata", "clusterName"], ["metadata", "generation"], ["metadata", "managedFields"], ["metadata", "resourceVersion"],
    ]);

    private readonly OwnershipUpdater _updater = new(converter, reset);

    /// <summary>The owners after an update, in the form of metadata.managedFields; null where nobody is kept track of.</summary>
    /// <param name="live">What was there; for a creation an empty document.</param>
    /// <param name="newer">What will be; its own managedFields count, if they can be read (not through a sub-resource), or reset all when empty.</param>
    /// <param name="time">RFC 3339.</param>
    public JsonArray? Update(VersionedObject live, VersionedObject newer, string manager, string time)
    {
        var owners = OwnersBefore(live.Document, newer.Document);
        // Who was never kept track of isn't from now on, until somebody applies.
        if (owners.IsEmpty && IsStored(live.Document)) return null;
        Record(live, newer, owners, manager, time);
        Cap(owners);
        return owners.Encode();
    }

    /// <summary>The object with the configuration applied, and its owners after that; <paramref name="live"/> is not changed.</summary>
    /// <param name="live">What is there; for a creation an empty document.</param>
    /// <exception cref="ApplyConflictException">Others own what would change, and it is not forced.</exception>
    /// <exception cref="FormatException">The object's own managedFields can't be read.</exception>
    public JsonObject Apply(VersionedObject live, JsonObject applied, string manager, bool force, string time)
    {
        var configuration = new VersionedObject(apiVersion, applied, live.Schema);
        var owners = ManagedFieldsList.Decode(live.Document.At("metadata", "managedFields"));
        live = live with { Document = WithoutManagedFields(live.Document) };
        if (owners.IsEmpty && IsStored(live.Document)) Record(live with { Document = [] }, live, owners, BeforeFirstApply, time);
        var key = FieldManagerKey.Applier(manager, subresource);
        var last = owners.Find(key);
        var result = Apply(live, configuration, owners, key, force);
        var changed = !result.Document.SameAs(live.Document);
        if (owners.Find(key) is { } mine)
        {
            var fields = mine.Fields.Difference(Unowned);
            var at = changed ? time : last?.Time ?? time;
            owners.Set(last is not null && last.Time == at && last.ApiVersion == apiVersion && last.Fields.SameAs(fields) ? last : new FieldOwnership(key, apiVersion, fields, at));
        }
        var obj = result.Document;
        if (manager == LastApplied.Manager) LastApplied.Follow(obj, applied);
        obj.Ensure("metadata").Put("managedFields", owners.Encode());
        return obj;
    }

    private VersionedObject Apply(VersionedObject live, VersionedObject applied, ManagedFieldsList owners, FieldManagerKey key, bool force)
    {
        var before = owners.Copy();
        try
        {
            return _updater.Apply(live, applied, owners, key, force);
        }
        catch (ApplyConflictException conflict) when (key.Manager == LastApplied.Manager && LastApplied.OwnedFields(live) is { } own)
        {
            // What kubectl applied from the client's side before is its own.
            var others = conflict.Conflicts.Where(c => !own.Has(c.Path)).ToList();
            if (others.Count > 0) throw new ApplyConflictException(others);
        }
        owners.Replace(before);
        return _updater.Apply(live, applied, owners, key, force: true);
    }

    private void Record(VersionedObject live, VersionedObject newer, ManagedFieldsList owners, string manager, string time)
    {
        var key = FieldManagerKey.Updater(manager, apiVersion, subresource);
        var written = _updater.Update(live, newer, owners, key);
        var mine = owners.Find(key) ?? new FieldOwnership(key, apiVersion, FieldSet.Empty, null);
        var kept = mine.Fields.Difference(written.Removed);
        var set = written.Set.Difference(Unowned);
        owners.Set(set.IsEmpty ? mine.WithFields(kept) : mine.WithFields(kept.Union(set)).At(time));
    }

    private ManagedFieldsList OwnersBefore(JsonObject live, JsonObject newer)
    {
        if (subresource.Length == 0)
        {
            var given = newer.At("metadata", "managedFields");
            if (IsReset(given)) return new ManagedFieldsList();
            if (TryDecode(given) is { IsEmpty: false } known) return known;
        }
        return TryDecode(live.At("metadata", "managedFields")) ?? new ManagedFieldsList();
    }

    private static bool IsReset(JsonNode? given) => given is JsonArray { Count: 0 } or JsonArray { Count: 1 } and [JsonObject { Count: 0 }];

    private static ManagedFieldsList? TryDecode(JsonNode? entries)
    {
        try
        {
            return ManagedFieldsList.Decode(entries);
        }
        catch (FormatException)
        {
            // A client that spoils what it doesn't understand must not stand in its own way.
            return null;
        }
    }

    private static bool IsStored(JsonObject document) => document.TextAt("metadata", "uid") is { Length: > 0 };

    private static JsonObject WithoutManagedFields(JsonObject document)
    {
        if (document.At("metadata", "managedFields") is null) return document;
        var copy = (JsonObject)document.DeepClone();
        ((JsonObject)copy["metadata"]!).Remove("managedFields");
        return copy;
    }

    /// <summary>Joins the oldest updaters of each version under one name until there are few enough.</summary>
    private static void Cap(ManagedFieldsList owners)
    {
        if (owners.Owners.Count <= MostUpdaters) return;
        var updaters = owners.Owners.Where(o => !o.Key.Applies).OrderBy(o => o.Time ?? "", StringComparer.Ordinal)
            .ThenBy(o => o.Key, Comparer<FieldManagerKey>.Create(FieldManagerKey.Compare)).ToList();
        var count = updaters.Count;
        var firstOfVersion = new Dictionary<string, FieldOwnership>();
        foreach (var updater in updaters)
        {
            if (count <= MostUpdaters) return;
            if (!firstOfVersion.TryGetValue(updater.ApiVersion, out var first))
            {
                firstOfVersion[updater.ApiVersion] = updater;
                continue;
            }
            var key = FieldManagerKey.Updater(AncientChanges, updater.ApiVersion, "");
            // Those that were joined before can't be joined with themselves.
            if (updater.Key == key) continue;
            var bucket = owners.Find(key);
            if (bucket is null) owners.Remove(first.Key);
            var joined = (bucket ?? first).Fields.Union(updater.Fields);
            owners.Remove(updater.Key);
            owners.Set(new FieldOwnership(key, updater.ApiVersion, joined, updater.Time));
            count--;
        }
    }
}
