using System.Text.Json.Nodes;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.ManagedFields;

/// <summary>An object in one version, with its type.</summary>
public sealed record VersionedObject(string ApiVersion, JsonObject Document, TypeSchema Schema);

/// <summary>Brings objects of one kind from version to version, so that what is owned in one can be told in another.</summary>
public interface IOwnershipConverter
{
    /// <returns>Null when the version isn't served any more. Never the argument's own document, unless it has that version already.</returns>
    VersionedObject? Convert(VersionedObject obj, string apiVersion);

    /// <returns>Null when the version isn't served any more.</returns>
    TypeSchema? SchemaOf(string apiVersion);
}

/// <summary>Where fields aren't owned because writes through this door can't change them (rest.ResetFieldsStrategy).</summary>
/// <param name="Paths">By version; one that isn't named resets nothing.</param>
public sealed record ResetFields(IReadOnlyDictionary<string, FieldSet> Paths)
{
    public static readonly ResetFields None = new(new Dictionary<string, FieldSet>());

    public FieldSet Of(string apiVersion) => Paths.TryGetValue(apiVersion, out var paths) ? paths : FieldSet.Empty;
}

/// <summary>Another manager owns what is to be applied with another value.</summary>
public sealed record FieldConflict(FieldManagerKey Manager, PathElement[] Path);

/// <summary>An apply without force met others' fields.</summary>
public sealed class ApplyConflictException(IReadOnlyList<FieldConflict> conflicts) : Exception(Describe(conflicts))
{
    public IReadOnlyList<FieldConflict> Conflicts { get; } = conflicts;

    private static string Describe(IReadOnlyList<FieldConflict> conflicts)
    {
        if (conflicts.Count == 1)
        {
            return $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager.Describe()}: {FieldSet.Describe(conflicts[0].Path)}";
        }
        var lines = new List<string>();
        foreach (var manager in conflicts.GroupBy(c => c.Manager).OrderBy(g => g.Key, Comparer<FieldManagerKey>.Create(FieldManagerKey.Compare)))
        {
            lines.Add($"conflicts with {manager.Key.Describe()}:");
            lines.AddRange(manager.Select(c => $"- {FieldSet.Describe(c.Path)}"));
        }
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
    }
}
