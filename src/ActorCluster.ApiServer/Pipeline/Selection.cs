using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Errors;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Selectors;
using ActorCluster.Contracts.Store;

namespace ActorCluster.ApiServer.Pipeline;

/// <summary>The selectors of one request.</summary>
internal sealed record Selection(LabelSelector Labels, FieldSelector Fields)
{
    /// <summary>Fields that aren't in the header that objects are stored with, but in the objects.</summary>
    public IReadOnlyList<SelectableField> Unstored { get; init; } = [];

    public bool IsEverything => Labels.IsEverything && Fields.IsEverything;

    /// <summary>A value without which nothing is selected, for the store to look by; null if there is none of the fields that it keeps.</summary>
    public FieldValue? Only => Unstored.Count > 0 ? null : Fields.Requirements
        .Where(static requirement => !requirement.Negated && requirement.Field is not ("metadata.name" or "metadata.namespace"))
        .Select(static requirement => (FieldValue?)new FieldValue(requirement.Field, requirement.Value)).FirstOrDefault();

    /// <exception cref="StatusException">A selector that can't be read, or a field that can't be selected by.</exception>
    public static Selection Parse(RequestScope scope, string? labels, string? fields)
    {
        try
        {
            var selectable = scope.Facets.SelectableFields;
            var wanted = FieldSelector.Parse(fields);
            foreach (var requirement in wanted.Requirements)
            {
                if (requirement.Field is "metadata.name" or "metadata.namespace") continue;
                if (selectable.Any(f => f.Path == requirement.Field)) continue;
                throw StatusException.BadRequest(selectable.IsEmpty && scope.Definition.StoresSelectableFields
                    ? $"\"{requirement.Field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    : $"field label not supported: {requirement.Field}");
            }

            return new Selection(LabelSelector.Parse(labels), wanted.Renamed(field => selectable.FirstOrDefault(f => f.Path == field)?.StoredPath ?? field))
            {
                Unstored = scope.Definition.StoresSelectableFields ? [] : selectable,
            };
        }
        catch (FormatException fault)
        {
            throw StatusException.BadRequest(fault.Message);
        }
    }

    /// <summary>The one name that is selected; null if there may be more.</summary>
    public string? Name => Fields.RequiredValue("metadata.name") is { Length: > 0 } name ? name : null;

    /// <summary>What of a resource is selected, in key order. One name in a namespace is looked up, however many others there are.</summary>
    public IEnumerable<StoredObject> In(IStoreSnapshot snapshot, ResourceName resource, string? ns)
    {
        if (ns is null || Name is not { } name) return snapshot.List(resource, ns).Where(Matches);
        return snapshot.Get(new ObjectKey(resource, ns, name)) is { } only && Matches(only) ? [only] : [];
    }

    public bool Matches(StoredObject stored) =>
        (Labels.IsEverything || Labels.Matches(stored.Header.Labels)) && (Fields.IsEverything || FieldsMatch(stored));

    /// <summary>Apart, so that what it takes to look fields up is made only where there are any: every event comes by for each watch.</summary>
    private bool FieldsMatch(StoredObject stored)
    {
        JsonObject? document = null;
        return Fields.Matches(field => field switch
        {
            "metadata.name" => stored.Key.Name,
            "metadata.namespace" => stored.Key.Namespace,
            _ when Unstored.FirstOrDefault(f => f.Path == field) is { } unstored => unstored.Read(document ??= ObjectEncoder.Decode(stored)),
            _ => stored.Header.Fields.GetValueOrDefault(field),
        });
    }
}
