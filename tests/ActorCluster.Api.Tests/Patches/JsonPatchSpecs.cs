using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Patches;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Patches;

/// <summary>RFC 6902.</summary>
public sealed class JsonPatchSpecs
{
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"}]""", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"replace","path":"/baz","value":null}]""", """{"baz":null}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]""", """{"~1":10}""")]
    [InlineData("""{"foo":"bar"}""", """[{"op":"replace","path":"","value":{"a":1}}]""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}""")]
    [InlineData("""{"":{"":1}}""", """[{"op":"replace","path":"//","value":2}]""", """{"":{"":2}}""")]
    public void The_cases_of_the_rfc_hold(string target, string patch, string result)
    {
        var applied = JsonPatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch));
        applied.SameAs(JsonNode.Parse(result)).ShouldBeTrue(applied?.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", "add operation does not apply: doc is missing path: /x/y: missing value")]
    [InlineData("""[{"op":"remove","path":"/x"}]""", "remove operation does not apply: doc is missing path: /x: missing value")]
    [InlineData("""[{"op":"replace","path":"/list/7","value":1}]""", "replace operation does not apply: doc is missing path: /list/7: missing value")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value /a failed: test failed")]
    [InlineData("""[{"op":"jump","path":"/a"}]""", "Unexpected kind: jump")]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""", "invalid array index in /list/01: 01")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p"}]""", "move operation moves '/o' into itself")]
    public void What_does_not_apply_is_refused(string patch, string message)
    {
        var fault = Should.Throw<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":1,"list":[1],"o":{}}"""), JsonNode.Parse(patch)));
        fault.Message.ShouldBe(message);
        fault.Unreadable.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"op":"add"}""")]
    [InlineData("""[1]""")]
    [InlineData("""[{"op":"add","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/a"}]""")]
    [InlineData("""[{"op":"move","path":"/a"}]""")]
    public void What_is_no_patch_is_unreadable(string patch) =>
        Should.Throw<PatchException>(() => JsonPatch.Apply(new JsonObject(), JsonNode.Parse(patch))).Unreadable.ShouldBeTrue();

    [Fact]
    public void Too_many_operations_are_refused()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, JsonPatch.MaxOperations + 1).Select(_ => new JsonObject { ["op"] = "test", ["path"] = "/a", ["value"] = null })]);
        Should.Throw<PatchException>(() => JsonPatch.Apply(new JsonObject(), patch)).Message.ShouldBe("The allowed maximum operations in a JSON patch is 10000, got 10001");
    }

    [Fact]
    public void Copies_of_copies_end_before_they_are_too_large_or_too_deep()
    {
        var wide = new JsonArray([.. Enumerable.Range(0, 40).Select(i => new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = $"/a/{i}" })]);
        Should.Throw<PatchException>(() => JsonPatch.Apply(new JsonObject { ["a"] = new JsonArray(new string('x', 1000)) }, wide)).Message.ShouldNotBeEmpty();
        var large = new JsonArray([.. Enumerable.Range(0, 4000).Select(i => new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = $"/b{i}" })]);
        Should.Throw<PatchException>(() => JsonPatch.Apply(new JsonObject { ["a"] = new string('x', 1000) }, large)).Message.ShouldContain("exceeding the limit 3145728");
        var deep = new JsonArray([.. Enumerable.Range(0, 300).Select(_ => new JsonObject { ["op"] = "copy", ["from"] = "", ["path"] = "/a" })]);
        Should.Throw<PatchException>(() => JsonPatch.Apply(new JsonObject(), deep)).Message.ShouldBe("exceeded max depth");
    }

    [Property(MaxTest = 300)]
    public void Random_operations_apply_or_are_refused_and_leave_the_target_alone(byte[] bytes, byte[] operations)
    {
        var target = Trees.From(bytes, nulls: true);
        var before = target.ToJsonString();
        string[] names = ["add", "remove", "replace", "move", "copy", "test"];
        string[] paths = ["", "/", "/a", "/b", "/a/a", "/a/b/c", "/c/0", "/c/-", "/c/9", "x", "/~", "/a/99999999999"];
        var patch = new JsonArray([.. operations.Select(o => (JsonNode)new JsonObject
        {
            ["op"] = names[o % names.Length], ["path"] = paths[o / 6 % paths.Length], ["from"] = paths[o / 2 % paths.Length], ["value"] = o,
        })]);
        try
        {
            JsonPatch.Apply(target, patch);
        }
        catch (PatchException fault)
        {
            fault.Message.ShouldNotBeNullOrEmpty();
        }
        target.ToJsonString().ShouldBe(before);
    }
}
