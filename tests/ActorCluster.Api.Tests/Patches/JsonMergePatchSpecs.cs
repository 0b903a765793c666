using System.Text.Json.Nodes;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Patches;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Patches;

/// <summary>RFC 7386; the cases are those of its appendix A.</summary>
public sealed class JsonMergePatchSpecs
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void The_cases_of_the_rfc_hold(string target, string patch, string result) =>
        JsonNode.DeepEquals(JsonMergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch)), JsonNode.Parse(result)).ShouldBeTrue();

    [Property]
    public void Applied_twice_it_does_what_it_did_once(byte[] first, byte[] second)
    {
        var target = Trees.From(first, nulls: false);
        var patch = Trees.From(second, nulls: true);
        var once = JsonMergePatch.Apply(target, patch);
        JsonMergePatch.Apply(once, patch).SameAs(once).ShouldBeTrue();
    }

    [Property]
    public void Neither_argument_is_changed(byte[] first, byte[] second)
    {
        var (target, patch) = (Trees.From(first, nulls: false), Trees.From(second, nulls: true));
        var (before, asked) = (target.ToJsonString(), patch.ToJsonString());
        JsonMergePatch.Apply(target, patch);
        target.ToJsonString().ShouldBe(before);
        patch.ToJsonString().ShouldBe(asked);
    }

    [Property]
    public void An_object_patched_into_nothing_is_itself_without_its_nulls(byte[] bytes)
    {
        var tree = Trees.From(bytes, nulls: false);
        JsonMergePatch.Apply(null, tree).SameAs(tree).ShouldBeTrue();
    }
}
