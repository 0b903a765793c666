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
public sealed record ServedVersion(string Name, TypeSchema Schema, IVersionConverter? Converter = null);

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

    public string ListKind => Kind + "List";
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

    public SubresourceDefinition? Subresource(string name)
    {
        foreach (var subresource in Subresources)
        {
            if (subresource.Name == name) return subresource;
        }
        return null;
    }

    public static string ApiVersion(string group, string version) => group.Length == 0 ? version : $"{group}/{version}";
}
