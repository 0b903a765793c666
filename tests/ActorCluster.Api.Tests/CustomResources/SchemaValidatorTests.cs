using System.Text.Json.Nodes;
using ActorCluster.Api.CustomResources;
using ActorCluster.Api.Errors;

namespace ActorCluster.Api.Tests.CustomResources;

public class SchemaValidatorTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "\"x\"", "spec: Invalid value: \"string\": spec in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"integer","maximum":10}""", "77", "spec: Invalid value: 77: spec in body should be less than or equal to 10")]
    [InlineData("""{"type":"integer","minimum":1,"exclusiveMinimum":true}""", "1", "spec: Invalid value: 1: spec in body should be greater than 1")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "\"b\"", "spec: Invalid value: \"b\": spec in body should match '^a$'")]
    [InlineData("""{"type":"string","enum":["red","green"]}""", "\"blue\"", "spec: Unsupported value: \"blue\": supported values: \"red\", \"green\"")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"", "spec: Too long: may not be more than 2 bytes")]
    [InlineData("""{"type":"string","format":"date"}""", "\"today\"", "spec: Invalid value: \"today\": spec in body must be of type date: \"today\"")]
    [InlineData("""{"type":"string"}""", "null", "spec: Invalid value: \"null\": spec in body must be of type string: \"null\"")]
    [InlineData("""{"type":"object","required":["a"]}""", "{}", "spec.a: Required value")]
    [InlineData("""{"type":"array","maxItems":1}""", "[1,2]", "spec: Too many: 2: must have at most 1 item")]
    [InlineData("""{"type":"object","not":{"required":["a"]}}""", """{"a":1}""", "<nil>: Invalid value: \"\": \"spec\" must not validate the schema (not)")]
    [InlineData("""{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1,"b":2}""", "<nil>: Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    public void What_does_not_fit_is_told_in_upstreams_words(string schema, string value, string fault)
    {
        Faults(schema, value).ShouldBe([fault]);
    }

    [Theory]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "80")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "\"http\"")]
    [InlineData("""{"type":"string","nullable":true}""", "null")]
    [InlineData("""{"type":"number"}""", "1")]
    [InlineData("""{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}""", """{"b":2}""")]
    public void What_fits_has_no_faults(string schema, string value) => Faults(schema, value).ShouldBeEmpty();

    [Fact]
    public void What_an_update_leaves_as_it_was_is_not_held_against_it()
    {
        const string schema = """{"type":"object","properties":{"a":{"type":"integer","maximum":1},"b":{"type":"integer","maximum":1}}}""";
        Faults(schema, """{"a":5,"b":5}""", """{"a":5,"b":0}""").ShouldBe(["spec.b: Invalid value: 5: spec.b in body should be less than or equal to 1"]);
    }

    private static string[] Faults(string schema, string value, string? old = null)
    {
        var errors = new FieldErrors();
        var parsed = JsonSchema.Parse(new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = JsonNode.Parse(schema) } });
        var obj = new JsonObject { ["spec"] = JsonNode.Parse(value) };
        SchemaValidator.Validate(obj, parsed, "", errors, old is null ? null : new JsonObject { ["spec"] = JsonNode.Parse(old) });
        return [.. errors.All.Select(e => e.ToString())];
    }
}
