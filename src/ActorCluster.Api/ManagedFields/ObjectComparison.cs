using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>What differs between two states of an object (typed/compare.go of structured-merge-diff).</summary>
/// <param name="Added">Paths that only the newer state has.</param>
/// <param name="Modified">Paths that both have, with different values.</param>
/// <param name="Removed">Paths that only the older state has.</param>
public sealed record ObjectComparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    private static readonly ObjectComparison Same = new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty);

    /// <param name="excluded">What doesn't count, with all below it.</param>
    public static ObjectComparison Compare(JsonObject older, JsonObject newer, TypeSchema schema, FieldSet? excluded = null)
    {
        var level = new Level { Excluded = excluded };
        level.CompareMap(new MergeType(schema), older, newer);
        return level.ToComparison().Without(excluded ?? FieldSet.Empty);
    }

    private ObjectComparison Without(FieldSet excluded) =>
        excluded.IsEmpty ? this : new ObjectComparison(Added.RecursiveDifference(excluded), Modified.RecursiveDifference(excluded), Removed.RecursiveDifference(excluded));

    /// <summary>An older or newer value; one that isn't there differs from null.</summary>
    private readonly record struct Side(bool Exists, JsonNode? Value)
    {
        public static readonly Side Absent = new(false, null);
        public bool HasNothing => Value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 };
    }

    /// <summary>The differences inside one value.</summary>
    private struct Level
    {
        /// <summary>What needn't be looked at: a status is written far more often than what is beside it changes.</summary>
        public FieldSet? Excluded { get; init; }

        private List<FieldSet.Entry>? _added;
        private List<FieldSet.Entry>? _modified;
        private List<FieldSet.Entry>? _removed;

        public readonly ObjectComparison ToComparison() =>
            _added is null && _modified is null && _removed is null ? Same : new ObjectComparison(FieldSet.Of(_added), FieldSet.Of(_modified), FieldSet.Of(_removed));

        public void CompareMap(MergeType type, JsonObject? older, JsonObject? newer)
        {
            foreach (var (name, value) in older ?? [])
            {
                CompareChild(type, name, new Side(true, value), newer is not null && newer.TryGetPropertyValue(name, out var other) ? new Side(true, other) : MissingIn(type, newer, name));
            }
            foreach (var (name, value) in newer ?? [])
            {
                if (older is not null && older.ContainsKey(name)) continue;
                CompareChild(type, name, MissingIn(type, older, name), new Side(true, value));
            }
            // An object that is always there comes and goes with what it is in.
            if (older is null == newer is null || type.Schema.Kind != SchemaKind.Object) return;
            foreach (var field in type.Schema.Fields)
            {
                if (!field.IsInline || field.Type.Kind != SchemaKind.Object || (older ?? newer)!.ContainsKey(field.Name)) continue;
                Add(ref older is null ? ref _added : ref _removed, PathElement.OfField(field.Name), true, null);
            }
        }

        private static Side MissingIn(MergeType type, JsonObject? parent, string name) =>
            parent is not null && type.Schema.Kind == SchemaKind.Object && type.Schema.Field(name) is { IsInline: true } field
                ? new Side(true, field.Type.Kind == SchemaKind.Object ? new JsonObject() : null)
                : Side.Absent;

        private void CompareChild(MergeType parent, string name, Side older, Side newer)
        {
            var element = PathElement.OfField(name);
            if (Excluded?.Find(element) is { IsMember: true }) return;
            var type = parent.Child(name);
            if (type.IsAtomic && older.Exists && newer.Exists && JsonNode.DeepEquals(older.Value, newer.Value)) return;
            CompareAt(element, type, older, newer);
        }

        /// <summary>Compares what is at one element; notes the element itself where all of it came or went.</summary>
        private void CompareAt(PathElement element, MergeType type, Side older, Side newer)
        {
            var below = default(Level);
            var isLeaf = IsLeaf(type, older, newer);
            if (!isLeaf && type.IsMap) below.CompareMap(type, older.Value as JsonObject, newer.Value as JsonObject);
            else if (!isLeaf) below.CompareList(type, older.Value as JsonArray, newer.Value as JsonArray);
            var comparison = below.ToComparison();
            Add(ref _added, element, !older.Exists, comparison.Added);
            Add(ref _removed, element, !newer.Exists, comparison.Removed);
            Add(ref _modified, element, isLeaf && older.Exists && newer.Exists && !JsonNode.DeepEquals(older.Value, newer.Value), comparison.Modified);
        }

        private static bool IsLeaf(MergeType type, Side older, Side newer)
        {
            if (type.IsAtomic || (older.HasNothing && newer.HasNothing)) return true;
            // What doesn't fit its type is compared as a whole.
            return type.IsMap
                ? older.Value is not (null or JsonObject) || newer.Value is not (null or JsonObject)
                : older.Value is not (null or JsonArray) || newer.Value is not (null or JsonArray);
        }

        private void CompareList(MergeType type, JsonArray? older, JsonArray? newer)
        {
            if (JsonNode.DeepEquals(older, newer)) return;
            var before = Index(type, older);
            var after = Index(type, newer);
            foreach (var (element, items) in before) CompareItems(type, element, items, after.GetValueOrDefault(element));
            foreach (var (element, items) in after)
            {
                if (!before.ContainsKey(element)) CompareItems(type, element, null, items);
            }
        }

        private void CompareItems(MergeType type, PathElement element, List<JsonNode?>? older, List<JsonNode?>? newer)
        {
            switch (older?.Count ?? 0, newer?.Count ?? 0)
            {
                case ( <= 1, <= 1):
                    CompareAt(element, type.Element, First(older), First(newer));
                    break;
                // Elements that can't be told apart count as one.
                case ( >= 2, >= 2):
                    Add(ref _modified, element, older!.Count != newer!.Count || !older.Zip(newer).All(p => JsonNode.DeepEquals(p.First, p.Second)), null);
                    break;
                case ( >= 2, _):
                    if (newer is { Count: 1 }) CompareAt(element, type.Element, Side.Absent, First(newer));
                    Add(ref _removed, element, true, null);
                    break;
                default:
                    if (older is { Count: 1 }) CompareAt(element, type.Element, First(older), Side.Absent);
                    Add(ref _added, element, true, null);
                    break;
            }
        }

        private static Side First(List<JsonNode?>? items) => items is { Count: > 0 } ? new Side(true, items[0]) : Side.Absent;

        private static Dictionary<PathElement, List<JsonNode?>> Index(MergeType type, JsonArray? list)
        {
            var index = new Dictionary<PathElement, List<JsonNode?>>();
            foreach (var item in list ?? [])
            {
                if (type.Identify(item).Element is not { } element) continue;
                if (!index.TryGetValue(element, out var items)) index[element] = items = [];
                items.Add(item);
            }
            return index;
        }

        private static void Add(ref List<FieldSet.Entry>? entries, PathElement element, bool isMember, FieldSet? children)
        {
            if (isMember || children is { IsEmpty: false }) (entries ??= []).Add(new FieldSet.Entry(element, isMember, children is { IsEmpty: true } ? null : children));
        }
    }
}
