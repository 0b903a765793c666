using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.OpenApi;
using ActorCluster.Api.Registry;

namespace ActorCluster.ApiServer.Discovery;

/// <summary>A document with the tag by which clients cache it.</summary>
internal sealed record TaggedDocument(byte[] Body, string Tag)
{
    public static TaggedDocument Of(JsonObject document) => Of(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document, JsonDocuments.CompactJson));

    public static TaggedDocument Of(byte[] body) => new(body, Convert.ToHexString(SHA512.HashData(body)));
}

/// <summary>What the server serves, told in the forms that clients ask for; each made at most once per state of the registry.</summary>
internal sealed class DiscoveryDocuments(ResourceRegistry registry)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaggedDocument?> _made = [];
    private long _generation;

    /// <summary>/api: the versions of the core group.</summary>
    public TaggedDocument CoreVersions() => Make("api", () => new JsonObject
    {
        ["kind"] = "APIVersions",
        ["versions"] = JsonDocuments.ArrayOf([.. Groups().Where(g => g.Key.Length == 0).SelectMany(VersionNames)]),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    })!;

    /// <summary>/apis: all groups.</summary>
    public TaggedDocument GroupList() => Make("apis", () => new JsonObject
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups().Where(g => g.Key.Length > 0).Select(Describe)]),
    })!;

    /// <summary>/apis/{group}; null when there is no such group.</summary>
    public TaggedDocument? Group(string name) => Make($"apis/{name}", () =>
    {
        if (Groups().FirstOrDefault(g => g.Key == name && name.Length > 0) is not { } group) return null;
        var document = Describe(group);
        document.Insert(0, "kind", "APIGroup");
        document.Insert(1, "apiVersion", "v1");
        return document;
    });

    /// <summary>/api/v1, /apis/{group}/{version}; null when that isn't served.</summary>
    public TaggedDocument? Resources(string group, string version) => Make($"resources/{group}/{version}", () =>
    {
        var resources = new JsonArray();
        foreach (var definition in registry.All.Where(d => d.Name.Group == group && d.Version(version) is not null)) AddResource(resources, definition, definition.Version(version)!);
        return resources.Count == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = ResourceDefinition.ApiVersion(group, version),
            ["resources"] = resources,
        };
    });

    /// <summary>The aggregated form (KEP-3352) of /api or /apis, in version v2 or v2beta1.</summary>
    public TaggedDocument Aggregated(bool core, string version) => Make($"aggregated/{core}/{version}", () => new JsonObject
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. Groups().Where(g => g.Key.Length == 0 == core).Select(Aggregate)]),
    })!;

    /// <summary>/openapi/v2.</summary>
    public TaggedDocument OpenApiV2() => Make("openapi/v2", () => OpenApiDocuments.BuildV2(registry))!;

    /// <summary>/openapi/v2 as protobuf.</summary>
    public TaggedDocument OpenApiV2Protobuf() => MakeTagged("openapi/v2/protobuf", () => TaggedDocument.Of(OpenApiProtobuf.Encode(OpenApiDocuments.BuildV2(registry))))!;

    /// <summary>/openapi/v3: where the documents of the group versions are.</summary>
    public TaggedDocument OpenApiV3Index() => Make("openapi/v3", () =>
    {
        var paths = new JsonObject();
        foreach (var path in OpenApiDocuments.Paths(registry))
        {
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={OpenApiV3(path)!.Tag}" };
        }
        return new JsonObject { ["paths"] = paths };
    })!;

    /// <summary>/openapi/v3/{path}; null when that isn't served.</summary>
    public TaggedDocument? OpenApiV3(string path) => Make($"openapi/v3/{path}", () => OpenApiDocuments.BuildV3(registry, path));

    private TaggedDocument? Make(string name, Func<JsonObject?> make) => MakeTagged(name, () => make() is { } document ? TaggedDocument.Of(document) : null);

    private TaggedDocument? MakeTagged(string name, Func<TaggedDocument?> make)
    {
        lock (_lock)
        {
            if (_generation != registry.Generation)
            {
                _made.Clear();
                _generation = registry.Generation;
            }
            if (_made.TryGetValue(name, out var made)) return made;
            made = make();
            // What isn't served isn't remembered: anyone may ask for any number of names.
            if (made is not null) _made[name] = made;
            return made;
        }
    }

    private IEnumerable<IGrouping<string, ResourceDefinition>> Groups() => registry.All.GroupBy(d => d.Name.Group);

    private static IEnumerable<string> VersionNames(IGrouping<string, ResourceDefinition> group) => group.SelectMany(d => d.Versions.Select(v => v.Name)).Distinct().Order(KubeVersions.NewestFirst);

    private static JsonObject Describe(IGrouping<string, ResourceDefinition> group)
    {
        var versions = VersionNames(group).Select(v => new JsonObject { ["groupVersion"] = $"{group.Key}/{v}", ["version"] = v }).ToList();
        return new JsonObject { ["name"] = group.Key, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private static void AddResource(JsonArray resources, ResourceDefinition definition, ServedVersion version)
    {
        var resource = new JsonObject
        {
            ["name"] = definition.Name.Plural,
            ["singularName"] = definition.Singular,
            ["namespaced"] = definition.Namespaced,
            ["kind"] = definition.Kind,
            ["verbs"] = JsonDocuments.ArrayOf(definition.Verbs.AsSpan()),
        };
        AddNames(resource, definition);
        if (!definition.IsReview && !definition.IsComputed) resource["storageVersionHash"] = StorageHash(definition);
        resources.Add((JsonNode)resource);
        foreach (var subresource in definition.FacetsOf(version).Subresources)
        {
            var entry = new JsonObject
            {
                ["name"] = $"{definition.Name.Plural}/{subresource.Name}",
                ["singularName"] = "",
                ["namespaced"] = definition.Namespaced,
                ["kind"] = subresource.Kind,
                ["verbs"] = JsonDocuments.ArrayOf(subresource.Verbs.AsSpan()),
            };
            if (subresource.Version.Length > 0)
            {
                entry["group"] = subresource.Group;
                entry["version"] = subresource.Version;
            }
            resources.Add((JsonNode)entry);
        }
    }

    private static JsonObject Aggregate(IGrouping<string, ResourceDefinition> group)
    {
        var metadata = new JsonObject();
        if (group.Key.Length > 0) metadata["name"] = group.Key;
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray([.. VersionNames(group).Select(version => new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. group.Where(d => d.Version(version) is not null).Select(d => Aggregate(d, version))]),
                ["freshness"] = "Current",
            })]),
        };
    }

    private static JsonObject Aggregate(ResourceDefinition definition, string version)
    {
        var resource = new JsonObject
        {
            ["resource"] = definition.Name.Plural,
            ["responseKind"] = Kind(definition.Name.Group, version, definition.Kind),
            ["scope"] = definition.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = definition.Singular,
            ["verbs"] = JsonDocuments.ArrayOf(definition.Verbs.AsSpan()),
        };
        AddNames(resource, definition);
        var subresources = definition.FacetsOf(definition.Version(version)!).Subresources;
        if (!subresources.IsEmpty)
        {
            resource["subresources"] = new JsonArray([.. subresources.Select(s => new JsonObject
            {
                ["subresource"] = s.Name,
                ["responseKind"] = s.Version.Length > 0 ? Kind(s.Group, s.Version, s.Kind) : Kind(definition.Name.Group, version, s.Kind),
                ["verbs"] = JsonDocuments.ArrayOf(s.Verbs.AsSpan()),
            })]);
        }
        return resource;
    }

    private static void AddNames(JsonObject resource, ResourceDefinition definition)
    {
        if (!definition.ShortNames.IsEmpty) resource["shortNames"] = JsonDocuments.ArrayOf(definition.ShortNames.AsSpan());
        if (!definition.Categories.IsEmpty) resource["categories"] = JsonDocuments.ArrayOf(definition.Categories.AsSpan());
    }

    /// <summary>What changes when objects come to be stored in another version (apiserver/pkg/endpoints/discovery/storageversionhash.go).</summary>
    private static string StorageHash(ResourceDefinition definition)
    {
        var version = GroupVersion.Parse(definition.StorageApiVersion);
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Group}/{version.Version}/{definition.Kind}")).AsSpan(0, 8));
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
