using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Printing;
using ActorCluster.Api.Schema;

namespace ActorCluster.Api.Registry;

public enum ResourceScope
{
    Namespaced,
    Cluster,
}

/// <summary>One version in which a resource is served.</summary>
/// <param name="Schema">The type of its objects.</param>
/// <param name="Converter">Null for the version that the objects are stored in.</param>
public sealed record ServedVersion(string Name, TypeSchema Schema, IVersionConverter? Converter = null)
{
    /// <summary>What this version has of its own instead of its resource's; null: nothing.</summary>
    public VersionFacets? Facets { get; init; }

    /// <summary>For the Warning header of every answer in this version; null: it isn't deprecated.</summary>
    public string? DeprecationWarning { get; init; }

    /// <summary>The schema as it is published, where it isn't made of <see cref="Schema"/>.</summary>
    public PublishedSchema? Published { get; init; }
}

/// <summary>What one version of a resource does in its own way: versions of custom resources have all this each for itself.</summary>
public sealed record VersionFacets(
    ResourceStrategy Strategy, TablePrinter Printer, ImmutableArray<SubresourceDefinition> Subresources, ImmutableArray<SelectableField> SelectableFields, ScaleMapping? Scale);

/// <summary>A schema for OpenAPI documents, without the group, version and kind that go with it.</summary>
/// <param name="Name">e.g. com.example.stable.v1.CronTab.</param>
/// <param name="Build">Gets which OpenAPI version it is for (3 or 2) and the reference to ObjectMeta's schema.</param>
public sealed record PublishedSchema(string Name, Func<int, string, JsonObject> Build);

/// <summary>Brings objects from a served version into the stored one and back. Both directions may change the document in place.</summary>
public interface IVersionConverter
{
    JsonObject ToStorage(JsonObject served);
    JsonObject FromStorage(JsonObject stored);
}

/// <summary>A field that a field selector may name besides metadata.name and metadata.namespace.</summary>
/// <param name="Path">As the selector writes it, e.g. spec.nodeName.</param>
/// <param name="Read">Its value; null counts as "".</param>
public sealed record SelectableField(string Path, Func<JsonObject, string?> Read)
{
    /// <summary>What it is called where the store keeps it: a version of the resource may have another name for it.</summary>
    public string StoredPath { get; init; } = Path;

    /// <summary>A field that stands in the object at just that path.</summary>
    public static SelectableField At(string path)
    {
        var steps = path.Split('.');
        return new SelectableField(path, obj => obj.At(steps) is { } node ? JsonDocuments.Print(node) : null);
    }
}

/// <summary>A sub-resource: what discovery says of it. What it does is found by its name in the API server.</summary>
public sealed record SubresourceDefinition(string Name, string Kind, string Group = "", string Version = "", params ImmutableArray<string> Verbs)
{
    public static SubresourceDefinition Status(string kind) => new("status", kind, Verbs: ["get", "patch", "update"]);
    public static SubresourceDefinition Proxy(string kind) => new("proxy", kind, Verbs: ["create", "delete", "get", "patch", "update"]);
    public static readonly SubresourceDefinition Scale = new("scale", "Scale", "autoscaling", "v1", "get", "patch", "update") { Printer = ScaleMapping.Printer };

    /// <summary>The Table of what it shows; null: it shows the resource itself.</summary>
    public TablePrinter? Printer { get; init; }
}

/// <summary>Where a scalable resource keeps what the Scale sub-resource shows.</summary>
public sealed record ScaleMapping(ImmutableArray<string> SpecReplicas, ImmutableArray<string> StatusReplicas, ImmutableArray<string> Selector, bool SelectorIsMap = false)
{
    public static readonly ScaleMapping Usual = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    /// <summary>What `kubectl get --subresource=scale` shows (pkg/printers/internalversion/printers.go, printScale).</summary>
    public static readonly TablePrinter Printer = TablePrinter.Of(
        new("Desired", "integer", "The number of replicas that is wanted.", scale => scale.IntegerAt("spec", "replicas") ?? 0),
        new("Available", "integer", "The number of replicas that there are.", scale => scale.IntegerAt("status", "replicas") ?? 0),
        TableCell.Age);

    /// <summary>Where the selector is a plain map of labels.</summary>
    public static readonly ScaleMapping OfMap = Usual with { SelectorIsMap = true };
}

/// <summary>
/// All that the API knows of one resource. The pipeline treats every resource alike and asks here for what is particular to it,
/// so that a new one is a new definition, made at compile time or at run time.
/// </summary>
public sealed record ResourceDefinition
{
    public required ResourceName Name { get; init; }
    public required string Kind { get; init; }
    public required string Singular { get; init; }
    public required ResourceScope Scope { get; init; }

    /// <summary>The stored version is the one without a converter; the first is the preferred one.</summary>
    public required ImmutableArray<ServedVersion> Versions { get; init; }

    public required ResourceStrategy Strategy { get; init; }
    public required TablePrinter Printer { get; init; }

    public string ListKind
    {
        get => field ?? Kind + "List";
        init;
    }

    public ImmutableArray<string> ShortNames { get; init; } = [];
    public ImmutableArray<string> Categories { get; init; } = [];
    public ImmutableArray<SubresourceDefinition> Subresources { get; init; } = [];
    public ImmutableArray<SelectableField> SelectableFields { get; init; } = [];
    public ScaleMapping? Scale { get; init; }

    /// <summary>A question that is posted and answered, and no object that is kept: it can only be created.</summary>
    public bool IsReview { get; init; }

    /// <summary>Made of other objects when it is asked for, and never stored: it can only be read.</summary>
    public bool IsComputed { get; init; }

    /// <summary>What discovery says can be done.</summary>
    public ImmutableArray<string> Verbs => IsReview ? ["create"] : IsComputed ? ["get", "list"] : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Under which resource its objects are stored, where another resource shows the same objects (events in two groups).</summary>
    public ResourceName? StoredAs { get; init; }

    public ResourceName Storage => StoredAs ?? Name;

    /// <summary>The apiVersion that stored objects carry.</summary>
    public string StorageApiVersion
    {
        get => field ?? ApiVersion(Name.Group, Versions.First(v => v.Converter is null).Name);
        init;
    }

    /// <summary>Brings a stored object up to date when it is read, in place; null: it is as it was written.</summary>
    public Action<JsonObject>? ReadStored { get; init; }

    /// <summary>Cancelled when the resource is served in another way, or no longer: its watches end.</summary>
    public CancellationToken Superseded { get; init; }

    /// <summary>Why objects can't be created any more; null: they can.</summary>
    public string? RefusesCreation { get; init; }

    /// <summary>Whether strategic merge patches can be applied: types that are known by a schema alone don't say how their lists merge.</summary>
    public bool TakesStrategicPatch => !Preferred.Schema.IsStructural;

    /// <summary>Whether selectable fields are found in the header that objects are stored with.</summary>
    public bool StoresSelectableFields => !Preferred.Schema.IsStructural;

    public VersionFacets FacetsOf(ServedVersion version) => version.Facets ?? new VersionFacets(Strategy, Printer, Subresources, SelectableFields, Scale);

    public bool Namespaced => Scope == ResourceScope.Namespaced;
    public ServedVersion Preferred => Versions[0];

    public ServedVersion? Version(string name)
    {
        foreach (var version in Versions)
        {
            if (version.Name == name) return version;
        }
        return null;
    }

    public static string ApiVersion(string group, string version) => group.Length == 0 ? version : $"{group}/{version}";
}
