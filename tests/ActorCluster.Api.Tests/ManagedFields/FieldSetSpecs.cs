using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.ManagedFields;
using ActorCluster.Api.Schema;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Api.Tests.ManagedFields;

/// <summary>The form of field sets and what is done with them (fieldpath/*_test.go of structured-merge-diff).</summary>
public sealed class FieldSetSpecs
{
    [Theory]
    [InlineData("""{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{}}}""")]
    [InlineData("""{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}""")]
    [InlineData("""{"f:metadata":{"f:finalizers":{"v:\"a/b\"":{},"v:\"c\"":{}}},"f:x":{"i:0":{},"i:3":{}}}""")]
    public void A_set_is_written_as_it_was_read(string fields)
    {
        var set = FieldsV1.Decode(JsonNode.Parse(fields));
        Assert.Equal(fields, FieldsV1.Encode(set).ToJsonString(JsonDocuments.CompactJson));
    }

    [Fact]
    public void Elements_stand_in_the_order_of_their_kinds_and_keys_in_that_of_their_values()
    {
        var set = FieldsV1.Decode(JsonNode.Parse("""{"i:1":{},"v:2":{},"v:10":{},"k:{\"port\":443}":{},"k:{\"port\":80}":{},"f:b":{},"f:a":{}}"""));
        Assert.Equal(".a\n.b\n[port=80]\n[port=443]\n[=2]\n[=10]\n[1]", set.ToString());
    }

    [Theory]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"k:{":{}}""")]
    [InlineData("""{"i:x":{}}""")]
    public void What_is_no_path_element_is_refused(string fields) => Assert.Throws<FormatException>(() => FieldsV1.Decode(JsonNode.Parse(fields)));

    [Fact]
    public void An_element_of_a_later_version_is_left_out() => Assert.True(FieldsV1.Decode(JsonNode.Parse("""{"z:new":{"f:a":{}}}""")).IsEmpty);

    [Fact]
    public void What_a_pod_says_is_told_by_its_lists_keys_and_atomic_parts()
    {
        var pod = Configurations.Yaml("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, labels: {app: a}, finalizers: [x/y]}
            spec:
              containers: [{name: c, image: i, ports: [{containerPort: 80}], command: [a, b], resources: {}}]
              nodeSelector: {a: b}
              affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}
            """);
        Assert.Equal("""
            .apiVersion
            .kind
            .metadata.name
            .metadata.finalizers[="x/y"]
            .metadata.labels.app
            .spec.nodeSelector
            .spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
            .spec.containers[name="c"]
            .spec.containers[name="c"].command
            .spec.containers[name="c"].image
            .spec.containers[name="c"].name
            .spec.containers[name="c"].resources
            .spec.containers[name="c"].ports[containerPort=80,protocol="TCP"]
            .spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].containerPort
            """, FieldSetExtractor.Extract(pod, ModelSchema.Of<V1Pod>()).ToString(), ignoreLineEndingDifferences: true);
    }

    [Property(MaxTest = 300)]
    public void Sets_behave_as_sets(byte[] first, byte[] second)
    {
        var a = Extract(first);
        var b = Extract(second);
        Assert.True(a.Union(b).SameAs(b.Union(a)));
        Assert.True(a.Intersection(b).SameAs(b.Intersection(a)));
        Assert.Equal(a.Count + b.Count, a.Union(b).Count + a.Intersection(b).Count);
        Assert.True(a.Difference(b).Union(a.Intersection(b)).SameAs(a));
        Assert.True(a.Difference(b).Intersection(b).IsEmpty);
        Assert.All(a.Paths(), path => Assert.True(a.Has(path)));
        Assert.True(FieldsV1.Decode(FieldsV1.Encode(a)).SameAs(a));
    }

    [Property(MaxTest = 300)]
    public void A_comparison_tells_what_came_and_went(byte[] first, byte[] second)
    {
        var (older, newer) = (Configurations.From(first), Configurations.From(second));
        var there = ObjectComparison.Compare(older, newer, Configurations.Schema);
        var back = ObjectComparison.Compare(newer, older, Configurations.Schema);
        Assert.True(there.Added.SameAs(back.Removed));
        Assert.True(there.Removed.SameAs(back.Added));
        Assert.True(there.Modified.SameAs(back.Modified));
        Assert.Equal(older.SameAs(newer) || Sorted(older).SameAs(Sorted(newer)), there.Added.IsEmpty && there.Modified.IsEmpty && there.Removed.IsEmpty);
    }

    /// <summary>Elements that are known by keys or values stand anywhere in their lists.</summary>
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted).OrderBy(i => i?.ToJsonString(), StringComparer.Ordinal)]),
        _ => node?.DeepClone(),
    };

    private static FieldSet Extract(byte[] bytes) => FieldSetExtractor.Extract(Configurations.From(bytes), Configurations.Schema);
}
