namespace ActorCluster.Api.ManagedFields;

/// <summary>
/// Who owns what after a write, and what becomes of an object that a configuration is applied to (merge/update.go of structured-merge-diff).
/// </summary>
/// <param name="reset">What writes through this door can't own.</param>
public sealed class OwnershipUpdater(IOwnershipConverter converter, ResetFields reset)
{
    /// <summary>An update made <paramref name="newer"/> of <paramref name="live"/>: what changed is the writer's, and nobody else's any more.</summary>
    /// <param name="owners">Becomes the owners after the update; the writer is left to the caller.</param>
    public WrittenFields Update(VersionedObject live, VersionedObject newer, ManagedFieldsList owners, FieldManagerKey writer)
    {
        Reconcile(live, owners);
        var comparison = TakeOver(live, newer, owners, writer, force: true);
        return new WrittenFields(comparison.Modified.Union(comparison.Added), comparison.Removed);
    }

    /// <summary>Applies a configuration: merges it, takes out what the applier applied before and nobody wants any more, and takes what it says.</summary>
    /// <param name="owners">Becomes the owners after the apply.</param>
    /// <exception cref="ApplyConflictException">Without force: others own what would change.</exception>
    public VersionedObject Apply(VersionedObject live, VersionedObject applied, ManagedFieldsList owners, FieldManagerKey manager, bool force)
    {
        Reconcile(live, owners);
        var merged = live with { Document = StructuredMerge.Merge(live.Document, applied.Document, live.Schema) };
        var last = owners.Find(manager);
        var fields = FieldSetExtractor.Extract(applied.Document, applied.Schema).RecursiveDifference(reset.Of(applied.ApiVersion));
        owners.Set(new FieldOwnership(manager, applied.ApiVersion, fields, last?.Time));
        var pruned = last is null ? merged : Prune(merged, owners, last, applied.ApiVersion);
        TakeOver(live, pruned, owners, manager, force);
        return pruned;
    }

    /// <summary>Takes from all others what changed or went.</summary>
    private ObjectComparison TakeOver(VersionedObject live, VersionedObject newer, ManagedFieldsList owners, FieldManagerKey writer, bool force)
    {
        var comparison = ObjectComparison.Compare(live.Document, newer.Document, newer.Schema, reset.Of(newer.ApiVersion));
        var versions = new Dictionary<string, ObjectComparison?> { [newer.ApiVersion] = comparison };
        var conflicts = new List<FieldConflict>();
        var changed = new List<FieldOwnership>();
        foreach (var owner in owners.Owners.ToList())
        {
            if (owner.Key == writer) continue;
            if (!versions.TryGetValue(owner.ApiVersion, out var difference)) versions[owner.ApiVersion] = difference = CompareAs(owner.ApiVersion, live, newer);
            if (difference is null)
            {
                owners.Remove(owner.Key);
                continue;
            }
            var lost = owner.Fields.Intersection(difference.Modified.Union(difference.Added));
            conflicts.AddRange(lost.Paths().Select(path => new FieldConflict(owner.Key, path)));
            var left = owner.Fields.Difference(lost).Difference(difference.Removed);
            if (!ReferenceEquals(left, owner.Fields)) changed.Add(owner.WithFields(left));
        }
        if (!force && conflicts.Count > 0) throw new ApplyConflictException(conflicts);
        foreach (var owner in changed) owners.Set(owner);
        return comparison;
    }

    private ObjectComparison? CompareAs(string apiVersion, VersionedObject live, VersionedObject newer)
    {
        if (converter.Convert(live, apiVersion) is not { } before || converter.Convert(newer, apiVersion) is not { } after) return null;
        return ObjectComparison.Compare(before.Document, after.Document, after.Schema, reset.Of(apiVersion));
    }

    /// <summary>Takes out what the applier applied last time and not now, unless another manager owns it.</summary>
    private VersionedObject Prune(VersionedObject merged, ManagedFieldsList owners, FieldOwnership last, string apiVersion)
    {
        if (converter.Convert(merged, last.ApiVersion) is not { } before) return merged;
        var type = new MergeType(before.Schema);
        var lastFields = last.Fields.WithNamedFields(type);
        var pruned = before with { Document = FieldRemoval.Remove(before.Document, lastFields, before.Schema) };
        pruned = GiveBackOwned(before, pruned, owners);
        // What the applier never owned stays, though what it was in went.
        var mergedFields = FieldSetExtractor.Extract(before.Document, before.Schema).WithNamedFields(type);
        if (converter.Convert(pruned, last.ApiVersion) is not { } prunedAsLast) return merged;
        var prunedFields = FieldSetExtractor.Extract(prunedAsLast.Document, before.Schema).WithNamedFields(type);
        var gone = mergedFields.Difference(prunedFields).Intersection(lastFields);
        var result = before with { Document = FieldRemoval.Remove(before.Document, gone, before.Schema) };
        return converter.Convert(result, apiVersion) ?? merged;
    }

    private VersionedObject GiveBackOwned(VersionedObject merged, VersionedObject pruned, ManagedFieldsList owners)
    {
        // The version that was pruned comes first: what is required for a conversion may have gone.
        foreach (var owned in owners.Owners.GroupBy(o => o.ApiVersion).OrderBy(g => g.Key == merged.ApiVersion ? 0 : 1).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            if (converter.Convert(merged, owned.Key) is not { } before || converter.Convert(pruned, owned.Key) is not { } after) continue;
            var type = new MergeType(before.Schema);
            var managed = owned.Aggregate(FieldSet.Empty, (set, owner) => set.Union(owner.Fields)).WithNamedFields(type);
            var had = FieldSetExtractor.Extract(before.Document, before.Schema).WithNamedFields(type);
            var has = FieldSetExtractor.Extract(after.Document, after.Schema).WithNamedFields(type);
            merged = before;
            pruned = before with { Document = FieldRemoval.Remove(before.Document, had.Difference(has.Union(managed)), before.Schema) };
        }
        return pruned;
    }

    /// <summary>What became atomic since its owners were noted is owned as a whole (typed/reconcile_schema.go).</summary>
    private void Reconcile(VersionedObject live, ManagedFieldsList owners)
    {
        foreach (var owner in owners.Owners.ToList())
        {
            var schema = owner.ApiVersion == live.ApiVersion ? live.Schema : converter.SchemaOf(owner.ApiVersion);
            if (schema is null || ReferenceEquals(owner.Fields.FitsType, schema)) continue;
            var fields = Reconciled(owner.Fields, new MergeType(schema));
            fields.FitsType = schema;
            owners.Set(owner.WithFields(fields));
        }
    }

    private static FieldSet Reconciled(FieldSet fields, MergeType type)
    {
        List<FieldSet.Entry>? entries = null;
        var all = fields.Entries;
        for (var i = 0; i < all.Length; i++)
        {
            var entry = all[i];
            if (entry.Children is null) continue;
            var below = type.Below(entry.Element);
            // Paths below a scalar are nobody's business: they can't be in the object.
            var isWhole = below.IsAtomic && (below.IsMap || below.IsList);
            var children = isWhole ? null : below.IsMap || below.IsList ? Reconciled(entry.Children, below) : entry.Children;
            if (ReferenceEquals(children, entry.Children)) continue;
            entries ??= [.. all];
            entries[i] = entry with { IsMember = entry.IsMember || isWhole, Children = children };
        }
        return entries is null ? fields : FieldSet.Of(entries);
    }
}

/// <summary>What an update set, and what it took away.</summary>
public readonly record struct WrittenFields(FieldSet Set, FieldSet Removed);
