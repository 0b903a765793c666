using System.Text;
using System.Text.Json;
using ActorCluster.Api.Documents;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Documents;

public sealed class YamlSpecs
{
    [Theory]
    [InlineData("a: b", """{"a":"b"}""")]
    [InlineData("a: [1, two, 3.5, null, ~]", """{"a":[1,"two",3.5,null,null]}""")]
    [InlineData("- yes\n- Yes\n- y\n- on\n- true", "[true,true,true,true,true]")]
    [InlineData("- no\n- No\n- n\n- OFF\n- FALSE", "[false,false,false,false,false]")]
    [InlineData("- yEs\n- 'yes'\n- \"no\"\n- !!str on", """["yEs","yes","no","on"]""")]
    [InlineData("[0, 17, -5, +3, 017, 0o17, 0x1F, -0x10, 0b101, 1_000]", "[0,17,-5,3,15,15,31,-16,5,1000]")]
    [InlineData("[9223372036854775807, 18446744073709551615, 089, 0644]", "[9223372036854775807,18446744073709551615,89,420]")]
    [InlineData("[1.5, .5, 1e3, -1.5e-3, 1., 12e, 1.2.3, 2024-01-02]", """[1.5,0.5,1000,-0.0015,1,"12e","1.2.3","2024-01-02"]""")]
    [InlineData("[1:30, 10.0.0.1, 500m, _1, 0x, '']", """["1:30","10.0.0.1","500m","_1","0x",""]""")]
    [InlineData("1: a\nyes: b\n0x10: c", """{"1":"a","true":"b","16":"c"}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("a: &x 1\nb: *x\nc: &x 2\nd: *x", """{"a":1,"b":1,"c":2,"d":2}""")]
    [InlineData("base: &b {x: 1, z: 2}\nmine:\n  <<: *b\n  z: 3", """{"base":{"x":1,"z":2},"mine":{"z":3,"x":1}}""")]
    [InlineData("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}", """{"a":{"x":1},"b":{"x":2,"z":2},"c":{"x":1,"z":2}}""")]
    [InlineData("a: |\n  two\n  lines\nb: >-\n  one\n  line", """{"a":"two\nlines\n","b":"one line"}""")]
    [InlineData("a: 1\na: 2", """{"a":1,"a":2}""")]
    [InlineData("""{"json": [true, "x"]}""", """{"json":[true,"x"]}""")]
    [InlineData("# nothing", "null")]
    [InlineData("", "null")]
    [InlineData("---\n", "null")]
    [InlineData("a: 1\n---\nb: 2", """{"a":1}""")]
    [InlineData("a: \"\\u00e9\\t\"", """{"a":"\u00E9\t"}""")]
    public void It_becomes_the_json_that_upstream_makes_of_it(string yaml, string json) =>
        Encoding.UTF8.GetString(YamlDocuments.ToJson(yaml).Span).ShouldBe(json);

    [Fact]
    public void All_documents_of_a_text_are_read_but_the_empty_ones()
    {
        var documents = YamlDocuments.ToJsonDocuments("---\n# comment\n---\na: 1\n---\n---\n- b\n...\n---\nc\n");
        documents.Select(d => Encoding.UTF8.GetString(d.Span)).ShouldBe(["""{"a":1}""", """["b"]""", "\"c\""]);
    }

    [Theory]
    [InlineData("a: 1\nb: [1, 2", 2)]
    [InlineData("a: 1\nb: c: d", 2)]
    [InlineData("a:\n  - x\n y: 1", 3)]
    [InlineData("a: 1\n\n\tb: 2", 1)]
    [InlineData(": {\na", 1)]
    [InlineData("a: \"unclosed\nb: 2\n", 1)]
    public void Broken_text_is_refused_with_its_line(string yaml, int line)
    {
        var message = Should.Throw<FormatException>(() => YamlDocuments.ToJson(yaml)).Message;
        message.ShouldStartWith("yaml: line ");
        int.Parse(message.Split(' ', ':')[3], System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(line, line + 2, message);
    }

    [Theory]
    [InlineData("a: *nowhere", "yaml: unknown anchor 'nowhere' referenced")]
    [InlineData("a: *later\nb: &later 1", "yaml: unknown anchor 'later' referenced")]
    [InlineData("a: &a [*a]", "yaml: anchor 'a' value contains itself")]
    [InlineData("<<: 1", "yaml: map merge requires map or sequence of maps as the value")]
    [InlineData("{[a]: 1}", "yaml: invalid map key")]
    [InlineData("a: .inf", "json: unsupported value: +Inf")]
    [InlineData("a: -.INF", "json: unsupported value: -Inf")]
    [InlineData("a: .NaN", "json: unsupported value: NaN")]
    public void What_json_cannot_say_is_refused(string yaml, string message) =>
        Should.Throw<FormatException>(() => YamlDocuments.ToJson(yaml)).Message.ShouldBe(message);

    [Theory]
    [InlineData("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]", "[{0},{0},{0},{0},{0},{0},{0},{0},{0},{0}]")]
    [InlineData("{}", "{{<<: [{0},{0},{0},{0},{0},{0},{0},{0},{0},{0}]}}")]
    public void Aliases_of_aliases_end_before_memory_does(string leaf, string level)
    {
        var text = new StringBuilder($"l0: &l0 {leaf}\n");
        for (var i = 1; i < 12; i++) text.Append($"l{i}: &l{i} {string.Format(System.Globalization.CultureInfo.InvariantCulture, level, $"*l{i - 1}")}\n");
        Should.Throw<FormatException>(() => YamlDocuments.ToJson(text.ToString())).Message.ShouldBe("yaml: document contains excessive aliasing");
    }

    [Fact]
    public void Nesting_ends_before_the_stack_does() =>
        Should.Throw<FormatException>(() => YamlDocuments.ToJson(new string('[', 20_000))).Message.ShouldStartWith("yaml: ");

    [Property(MaxTest = 500)]
    public void No_text_throws_anything_but_a_format_error(byte[] choices) => ShouldReadOrRefuse(Texts.FromWords(
        ["a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "&x ", "*x", "<<: ", "|", ">", "'", "\"", "#", "---", "\t", "!!str ", "? ", "%", "@", "0x1", "é", "\0", "\ud800"], choices));

    [Property]
    public void Nor_does_arbitrary_text(string? text) => ShouldReadOrRefuse(text ?? "");

    [Property]
    public void Json_is_yaml(byte[] bytes)
    {
        var tree = Trees.From(bytes, nulls: true);
        JsonDocument.Parse(YamlDocuments.ToJson(tree.ToJsonString())).RootElement.GetRawText().ShouldBe(tree.ToJsonString());
    }

    private static void ShouldReadOrRefuse(string text)
    {
        try
        {
            foreach (var document in YamlDocuments.ToJsonDocuments(text)) JsonDocument.Parse(document).Dispose();
        }
        catch (FormatException fault)
        {
            fault.Message.ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public void Half_a_character_is_no_yaml() => Should.Throw<FormatException>(() => YamlDocuments.ToJson("a: \"\\ud800\\u0022\"")).Message.ShouldBe("yaml: line 1: found invalid Unicode character escape code");
}
