using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.OpenApi;
using ActorCluster.Api.Registry;

namespace ActorCluster.Api.Tests.Registry;

public sealed class RegistrySpecs
{
    private static readonly ResourceRegistry BuiltIn = ResourceRegistry.BuiltIn();

    public static TheoryData<string> Resources => [.. BuiltIn.All.Select(d => d.Name.ToString())];

    [Theory]
    [MemberData(nameof(Resources))]
    public void A_resource_has_a_table_and_can_be_found(string name)
    {
        var definition = BuiltIn.Find(ResourceName.Parse(name)).ShouldNotBeNull();
        definition.Printer.Columns.ShouldNotBeEmpty();
        definition.Printer.Columns.Select(c => c.Name).ShouldBeUnique();
        BuiltIn.FindKind(definition.Name.Group, definition.Kind).ShouldBeSameAs(definition);
        definition.Singular.ShouldBe(definition.Kind.ToLowerInvariant());
        definition.Name.Plural.ShouldNotBeEmpty();
        definition.Name.Plural.ShouldBe(definition.Name.Plural.ToLowerInvariant());
        definition.StorageApiVersion.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(Resources))]
    public void A_resource_has_its_schema_and_paths_in_both_openapi_documents(string name)
    {
        var definition = BuiltIn.Find(ResourceName.Parse(name))!;
        var v2 = OpenApiDocuments.BuildV2(BuiltIn);
        foreach (var version in definition.Versions)
        {
            var group = definition.Name.Group.Length == 0 ? $"api/{version.Name}" : $"apis/{definition.Name.Group}/{version.Name}";
            var v3 = OpenApiDocuments.BuildV3(BuiltIn, group).ShouldNotBeNull();
            var path = $"/{group}/{(definition.Namespaced ? "namespaces/{namespace}/" : "")}{definition.Name.Plural}";
            ((JsonObject)v2["paths"]!).ContainsKey(path).ShouldBeTrue(path);
            ((JsonObject)v3["paths"]!).ContainsKey(path + "/{name}").ShouldBeTrue(path);
            KindsOf(v2["definitions"]!).ShouldContain((definition.Name.Group, version.Name, definition.Kind));
            KindsOf(v3["components"]!["schemas"]!).ShouldContain((definition.Name.Group, version.Name, definition.Kind));
        }
    }

    [Fact]
    public void Every_reference_in_the_openapi_documents_leads_somewhere()
    {
        ShouldResolve(OpenApiDocuments.BuildV2(BuiltIn));
        foreach (var path in OpenApiDocuments.Paths(BuiltIn)) ShouldResolve(OpenApiDocuments.BuildV3(BuiltIn, path)!);
    }

    [Fact]
    public void What_is_described_is_there()
    {
        var types = (JsonObject)OpenApiDocuments.BuildV2(BuiltIn)["definitions"]!;
        var known = types.Select(type => (Name: type.Key[(type.Key.LastIndexOf('.') + 1)..], Fields: (type.Value as JsonObject)?.GetObject("properties") ?? []))
            .SelectMany(type => type.Fields.Select(field => $"{type.Name}.{field.Key}").Append(type.Name)).ToHashSet();

        FieldFacts.Described.Where(name => !name.StartsWith('*') && !known.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void Explanations_have_texts_required_fields_and_values()
    {
        var container = OpenApiDocuments.BuildV3(BuiltIn, "api/v1")!["components"]!["schemas"]!["io.k8s.api.core.v1.Container"] as JsonObject;

        container.GetStrings("required").ShouldBe(["name"]);
        container.TextAt("properties", "image", "description").ShouldBe("The image that the container runs.");
        (container.At("properties", "imagePullPolicy") as JsonObject).GetStrings("enum").ShouldBe(["Always", "IfNotPresent", "Never"]);
        (container.At("properties", "resources") as JsonObject).GetObjects("allOf").Single().GetString("$ref").ShouldBe("#/components/schemas/io.k8s.api.core.v1.ResourceRequirements");
    }

    [Fact]
    public void No_two_resources_of_a_group_share_a_name_that_kubectl_could_mean()
    {
        foreach (var group in BuiltIn.All.GroupBy(d => d.Name.Group))
        {
            group.SelectMany(d => d.ShortNames.Append(d.Name.Plural).Append(d.Singular).Distinct()).ShouldBeUnique($"group \"{group.Key}\"");
            group.Select(d => d.Kind).ShouldBeUnique();
        }
    }

    [Fact]
    public void A_definition_may_come_and_go_at_run_time()
    {
        var registry = ResourceRegistry.BuiltIn();
        var before = registry.Generation;
        var made = registry.Find(new ResourceName("", "configmaps"))! with { Name = new ResourceName("example.com", "widgets"), Kind = "Widget", Singular = "widget" };
        registry.Register(made);
        registry.FindKind("example.com", "Widget").ShouldBe(made);
        registry.Generation.ShouldBeGreaterThan(before);
        registry.Unregister(made.Name);
        registry.Find(made.Name).ShouldBeNull();
    }

    [Theory]
    [InlineData("pods", "")]
    [InlineData("deployments.apps", "apps")]
    [InlineData("leases.coordination.k8s.io", "coordination.k8s.io")]
    public void A_name_reads_back_as_it_is_printed(string text, string group)
    {
        ResourceName.Parse(text).Group.ShouldBe(group);
        ResourceName.Parse(text).ToString().ShouldBe(text);
    }

    private static List<(string, string, string)> KindsOf(JsonNode schemas) =>
    [
        .. ((JsonObject)schemas).SelectMany(s => (s.Value as JsonObject).GetObjects("x-kubernetes-group-version-kind"))
            .Select(k => (k.GetString("group")!, k.GetString("version")!, k.GetString("kind")!)),
    ];

    private static void ShouldResolve(JsonObject document)
    {
        var pending = new Stack<JsonNode>([document]);
        while (pending.TryPop(out var node))
        {
            if (node is JsonObject map && map.GetString("$ref") is { } reference)
            {
                document.At(reference[2..].Split('/')).ShouldNotBeNull(reference);
            }
            foreach (var child in node is JsonObject fields ? fields.Select(f => f.Value) : node is JsonArray items ? items : [])
            {
                if (child is not null) pending.Push(child);
            }
        }
    }
}
