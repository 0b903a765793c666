using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Registry;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.CustomResources;

/// <summary>Makes of a custom resource definition what the registry knows of its resource. Pure.</summary>
public static class CustomResourceFactory
{
    /// <param name="crd">Valid, with its accepted names in the status.</param>
    /// <param name="servedOnly">False: with the versions that aren't served, too.</param>
    /// <param name="superseded">Cancelled when this is no longer how the resource is served.</param>
    /// <returns>Null where no version is to be served.</returns>
    public static ResourceDefinition? Create(JsonObject crd, bool servedOnly = true, CancellationToken superseded = default)
    {
        ArgumentNullException.ThrowIfNull(crd);
        var spec = crd.GetObject("spec") ?? [];
        var names = crd.At("status", "acceptedNames") as JsonObject ?? [];
        var group = spec.GetString("group") ?? "";
        var kind = names.GetString("kind") ?? "";
        var versions = spec.GetObjects("versions").ToList();
        if (versions.Find(v => v.GetBoolean("storage") == true) is not { } storage) return null;

        var stored = new StoredVersion(ResourceDefinition.ApiVersion(group, storage.GetString("name")!), kind, SchemaOf(storage));
        var served = versions.Where(v => !servedOnly || v.GetBoolean("served") == true)
            .OrderBy(v => v.GetString("name"), KubeVersions.NewestFirst)
            .Select(v => ServedOf(group, kind, v, stored))
            .ToImmutableArray();
        if (served.IsEmpty) return null;
        var facets = served[0].Facets!;
        return new ResourceDefinition
        {
            Name = new ResourceName(group, names.GetString("plural") ?? ""),
            Kind = kind,
            Singular = names.GetString("singular") ?? "",
            ListKind = names.GetString("listKind") ?? kind + "List",
            Scope = spec.GetString("scope") == "Cluster" ? ResourceScope.Cluster : ResourceScope.Namespaced,
            Versions = served,
            StorageApiVersion = stored.ApiVersion,
            Strategy = facets.Strategy,
            Printer = facets.Printer,
            Subresources = facets.Subresources,
            SelectableFields = facets.SelectableFields,
            Scale = facets.Scale,
            ShortNames = [.. names.GetStrings("shortNames")],
            Categories = [.. names.GetStrings("categories")],
            ReadStored = new CustomVersionConverter(stored.ApiVersion, stored.Type, stored.ApiVersion, stored.Type, stored.Schema).Read,
            RefusesCreation = DefinitionConditions.IsTrue(crd, "Terminating") ? "create not allowed while custom resource definition is terminating" : null,
            Superseded = superseded,
        };
    }

    private static JsonSchema? SchemaOf(JsonObject version) => version.At("schema", "openAPIV3Schema") is JsonObject json ? JsonSchema.Parse(json) : null;

    private static ServedVersion ServedOf(string group, string kind, JsonObject version, StoredVersion stored)
    {
        var name = version.GetString("name")!;
        var apiVersion = ResourceDefinition.ApiVersion(group, name);
        var schema = apiVersion == stored.ApiVersion ? stored.Schema : SchemaOf(version);
        var type = apiVersion == stored.ApiVersion ? stored.Type : StructuralTypes.OfObject(kind, schema);
        var subresources = version.GetObject("subresources");
        var scale = ScaleOf(subresources?.GetObject("scale"));
        var hasStatus = subresources?.Has("status") == true;
        return new ServedVersion(name, type, new CustomVersionConverter(apiVersion, type, stored.ApiVersion, stored.Type, stored.Schema))
        {
            Facets = new VersionFacets(
                new CustomResourceStrategy(schema, hasStatus, scale),
                CustomColumns.PrinterOf(version),
                [.. hasStatus ? (ReadOnlySpan<SubresourceDefinition>)[SubresourceDefinition.Status(kind)] : [], .. scale is null ? (ReadOnlySpan<SubresourceDefinition>)[] : [SubresourceDefinition.Scale]],
                [.. version.GetObjects("selectableFields").Select(f => Selectable(f.GetString("jsonPath") ?? ""))],
                scale),
            DeprecationWarning = version.GetBoolean("deprecated") == true ? version.GetString("deprecationWarning") ?? $"{apiVersion} {kind} is deprecated" : null,
            Published = PublishedSchemas.Of(group, name, kind, schema, version),
        };
    }

    private static ScaleMapping? ScaleOf(JsonObject? scale) => scale is null ? null : new ScaleMapping(
        Steps(scale.GetString("specReplicasPath")), Steps(scale.GetString("statusReplicasPath")), Steps(scale.GetString("labelSelectorPath")));

    private static ImmutableArray<string> Steps(string? path) => string.IsNullOrEmpty(path) ? [] : [.. path.TrimStart('.').Split('.')];

    private static SelectableField Selectable(string path)
    {
        var steps = JsonPath.Parse(path);
        return new SelectableField(path.TrimStart('.'), obj => steps.Find(obj) is [{ } value, ..] ? JsonDocuments.Print(value) : null);
    }

    private sealed record StoredVersion(string ApiVersion, string Kind, JsonSchema? Schema)
    {
        public TypeSchema Type { get; } = StructuralTypes.OfObject(Kind, Schema);
    }
}
