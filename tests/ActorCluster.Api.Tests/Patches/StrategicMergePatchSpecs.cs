using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Patches;
using ActorCluster.Api.Schema;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;
using k8s.Models;

namespace ActorCluster.Api.Tests.Patches;

/// <summary>The behaviours that apimachinery/pkg/util/strategicpatch/patch_test.go names, on the real types.</summary>
public sealed class StrategicMergePatchSpecs
{
    private const string TwoContainers = "{spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}";

    [Theory]
    [InlineData("a list merges by its key", TwoContainers,
        "{spec: {containers: [{name: b, image: z}, {name: c, image: w}]}}",
        "{spec: {containers: [{name: a, image: x}, {name: b, image: z}, {name: c, image: w}]}}")]
    [InlineData("what is new comes before what the patch doesn't name", TwoContainers,
        "{spec: {containers: [{name: c, image: w}]}}",
        "{spec: {containers: [{name: c, image: w}, {name: a, image: x}, {name: b, image: y}]}}")]
    [InlineData("the elements of a patch stand in its order", "{spec: {containers: [{name: a}, {name: b}, {name: c}]}}",
        "{spec: {containers: [{name: c, image: z}, {name: a, image: x}]}}",
        "{spec: {containers: [{name: b}, {name: c, image: z}, {name: a, image: x}]}}")]
    [InlineData("an element is deleted by its key", TwoContainers,
        "{spec: {containers: [{name: a, $patch: delete}]}}",
        "{spec: {containers: [{name: b, image: y}]}}")]
    [InlineData("what isn't there can be deleted", TwoContainers,
        "{spec: {containers: [{name: q, $patch: delete}]}}", TwoContainers)]
    [InlineData("all duplicates of an element are deleted", "{spec: {containers: [{name: a}, {name: b}, {name: a}]}}",
        "{spec: {containers: [{name: a, $patch: delete}]}}", "{spec: {containers: [{name: b}]}}")]
    [InlineData("a list is replaced whole", TwoContainers,
        "{spec: {containers: [{name: c}, {$patch: replace}]}}", "{spec: {containers: [{name: c}]}}")]
    [InlineData("an object is replaced whole", "{spec: {nodeName: n, securityContext: {runAsUser: 1}}}",
        "{spec: {$patch: replace, nodeName: m}}", "{spec: {nodeName: m}}")]
    [InlineData("an object is emptied", "{spec: {securityContext: {runAsUser: 1}}}",
        "{spec: {securityContext: {$patch: delete}}}", "{spec: {securityContext: {}}}")]
    [InlineData("a null deletes a field", "{metadata: {labels: {a: b, c: d}}}", "{metadata: {labels: {a: null}}}", "{metadata: {labels: {c: d}}}")]
    [InlineData("a null deletes a field of an element", TwoContainers,
        "{spec: {containers: [{name: a, image: null}]}}", "{spec: {containers: [{name: a}, {name: b, image: y}]}}")]
    [InlineData("lists without a merge key are replaced", "{spec: {containers: [{name: a, args: [x, y]}]}}",
        "{spec: {containers: [{name: a, args: [z]}]}}", "{spec: {containers: [{name: a, args: [z]}]}}")]
    [InlineData("lists of scalars that merge keep each value once", "{metadata: {finalizers: [a, b]}}",
        "{metadata: {finalizers: [b, c]}}", "{metadata: {finalizers: [a, b, c]}}")]
    [InlineData("scalars are deleted from a list", "{metadata: {finalizers: [a, b, c]}}",
        "{metadata: {$deleteFromPrimitiveList/finalizers: [a, c]}}", "{metadata: {finalizers: [b]}}")]
    [InlineData("scalars are deleted, added and put in order", "{metadata: {finalizers: [a, b, c]}}",
        "{metadata: {$setElementOrder/finalizers: [d, b, c], $deleteFromPrimitiveList/finalizers: [a], finalizers: [d]}}", "{metadata: {finalizers: [d, b, c]}}")]
    [InlineData("the patch orders a list", TwoContainers,
        "{spec: {$setElementOrder/containers: [{name: b}, {name: c}, {name: a}], containers: [{name: c}]}}",
        "{spec: {containers: [{name: b, image: y}, {name: c}, {name: a, image: x}]}}")]
    [InlineData("an order may come alone", TwoContainers,
        "{spec: {$setElementOrder/containers: [{name: b}, {name: a}]}}",
        "{spec: {containers: [{name: b, image: y}, {name: a, image: x}]}}")]
    [InlineData("what only the server has keeps its place", "{spec: {containers: [{name: injected}, {name: a}, {name: b}]}}",
        "{spec: {$setElementOrder/containers: [{name: b}, {name: a}]}}",
        "{spec: {containers: [{name: injected}, {name: b}, {name: a}]}}")]
    [InlineData("retained keys drop the others", "{spec: {volumes: [{name: v, emptyDir: {medium: Memory}}]}}",
        "{spec: {volumes: [{name: v, $retainKeys: [name, configMap], configMap: {name: c}}]}}",
        "{spec: {volumes: [{name: v, configMap: {name: c}}]}}")]
    [InlineData("nested lists merge too", "{spec: {containers: [{name: a, env: [{name: X, value: '1'}, {name: Y, value: '2'}]}]}}",
        "{spec: {containers: [{name: a, env: [{name: Y, value: '3'}, {name: X, $patch: delete}]}]}}",
        "{spec: {containers: [{name: a, env: [{name: Y, value: '3'}]}]}}")]
    [InlineData("an empty patch changes nothing", TwoContainers, "{}", TwoContainers)]
    [InlineData("a patch fills an empty object", "{}", TwoContainers, TwoContainers)]
    public void A_pod_is_patched(string why, string target, string patch, string result)
    {
        var applied = StrategicMergePatch.Apply(Yaml(target), Yaml(patch), ModelSchema.Of<V1Pod>());
        applied.SameAs(Yaml(result)).ShouldBeTrue($"{why}: {applied.ToJsonString()}");
    }

    [Fact]
    public void A_deployments_strategy_changes_its_type_with_the_keys_to_retain()
    {
        var applied = StrategicMergePatch.Apply(
            Yaml("{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}"),
            Yaml("{spec: {strategy: {$retainKeys: [type], type: Recreate}}}"),
            ModelSchema.Of<V1Deployment>());
        applied.SameAs(Yaml("{spec: {strategy: {type: Recreate}}}")).ShouldBeTrue(applied.ToJsonString());
    }

    [Fact]
    public void A_services_ports_merge_by_their_number()
    {
        var applied = StrategicMergePatch.Apply(
            Yaml("{spec: {ports: [{port: 80, name: web}, {port: 443, name: tls}]}}"),
            Yaml("{spec: {ports: [{port: 80, targetPort: 8080}]}}"),
            ModelSchema.Of<V1Service>());
        applied.SameAs(Yaml("{spec: {ports: [{port: 80, name: web, targetPort: 8080}, {port: 443, name: tls}]}}")).ShouldBeTrue(applied.ToJsonString());
    }

    [Theory]
    [InlineData("{spec: {containers: [{image: x}]}}")]
    [InlineData("{spec: {containers: [x]}}")]
    [InlineData("{spec: {$patch: shred}}")]
    [InlineData("{spec: {containers: [{name: a, $patch: shred}]}}")]
    public void A_patch_that_cannot_be_understood_is_refused(string patch) =>
        Should.Throw<PatchException>(() => StrategicMergePatch.Apply(Yaml(TwoContainers), Yaml(patch), ModelSchema.Of<V1Pod>()));

    [Property]
    public void Without_lists_and_directives_it_is_a_merge_patch(byte[] first, byte[] second)
    {
        var (target, patch) = (new JsonObject { ["metadata"] = Trees.From(first, nulls: false) }, new JsonObject { ["metadata"] = Trees.From(second, nulls: true) });
        StrategicMergePatch.Apply(target, patch, ModelSchema.Of<V1Pod>()).SameAs(JsonMergePatch.Apply(target, patch)).ShouldBeTrue();
    }

    [Property]
    public void Applied_twice_it_does_what_it_did_once(byte[] first, byte[] second)
    {
        var schema = ModelSchema.Of<V1Pod>();
        var (target, patch) = (Pod(first, directives: false), Pod(second, directives: true));
        var once = StrategicMergePatch.Apply(target, patch, schema);
        StrategicMergePatch.Apply(once, patch, schema).SameAs(once).ShouldBeTrue();
    }

    private static JsonObject Pod(byte[] bytes, bool directives)
    {
        var containers = new JsonArray();
        foreach (var b in bytes.DistinctBy(b => b % 5))
        {
            var container = new JsonObject { ["name"] = "c" + b % 5 };
            if (directives && b % 7 == 0) container["$patch"] = "delete";
            else if (b % 7 < 4) container["image"] = "i" + b;
            containers.Add((JsonNode)container);
        }
        return new JsonObject { ["spec"] = new JsonObject { ["containers"] = containers } };
    }

    private static JsonObject Yaml(string text) => (JsonObject)JsonNode.Parse(YamlDocuments.ToJson(text).Span)!;
}
