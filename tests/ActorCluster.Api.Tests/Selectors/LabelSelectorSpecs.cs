using System.Text.Json.Nodes;
using ActorCluster.Api.Selectors;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Selectors;

public sealed class LabelSelectorSpecs
{
    private static readonly string[] Words = ["a", "b", "in", "notin", "app.io/x", "=", "==", "!=", "!", "(", ")", ",", ">", "<", " ", "7", "-", "\t", "ä", "\"", "_"];

    [Theory]
    [InlineData("", "", "x=y")]
    [InlineData("x=y", "x=y", "x=y")]
    [InlineData(" x == y ", "x=y", "x=y")]
    [InlineData("x=a,a=x", "a=x,x=a", "a=x,x=a")]
    [InlineData("x!=y,z!=w", "x!=y,z!=w", "x=z,z=a")]
    [InlineData("x!=y", "x!=y", "")]
    [InlineData("x=", "x=", "x=")]
    [InlineData("x= ,z= ", "x=,z=", "x=,z=")]
    [InlineData("notin=in", "notin=in", "notin=in")]
    [InlineData("in in (in, notin)", "in in (in,notin)", "in=notin")]
    [InlineData("x", "x", "x=")]
    [InlineData("!x", "!x", "y=z")]
    [InlineData("x>1", "x>1", "x=2")]
    [InlineData("x<1,z>5", "x<1,z>5", "x=0,z=6")]
    [InlineData("x in (b,a,b)", "x in (a,b)", "x=a")]
    [InlineData("x notin (a,b)", "x notin (a,b)", "x=c")]
    [InlineData("x notin (a,b)", "x notin (a,b)", "")]
    [InlineData("x in (,a)", "x in (,a)", "x=")]
    [InlineData("x in (a,,b)", "x in (,a,b)", "x=")]
    [InlineData("x in ()", "x=", "x=")]
    [InlineData("x in (,)", "x=", "x=")]
    [InlineData("example.com/x=y", "example.com/x=y", "example.com/x=y")]
    public void A_selector_is_read_printed_and_selects(string text, string printed, string labels)
    {
        var selector = LabelSelector.Parse(text);
        selector.ToString().ShouldBe(printed);
        selector.Matches(Labels(labels)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("x=z", "")]
    [InlineData("x=y", "x=z")]
    [InlineData("x=y,z=w", "x=w,z=w")]
    [InlineData("x!=y,z!=w", "x=z,z=w")]
    [InlineData("x", "y=z")]
    [InlineData("!x", "x=z")]
    [InlineData("x>1", "x=1")]
    [InlineData("x>1", "x=many")]
    [InlineData("x<1", "")]
    [InlineData("x in (a,b)", "x=c")]
    [InlineData("x in (a,b)", "")]
    [InlineData("x notin (a,b)", "x=b")]
    public void Other_labels_are_not_selected(string text, string labels) => LabelSelector.Parse(text).Matches(Labels(labels)).ShouldBeFalse();

    [Theory]
    [InlineData("x=a||y=b", "unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a valid label must be an empty string or consist of alphanumeric characters")]
    [InlineData("x==a==b", "found '==', expected: ',' or 'end of string'")]
    [InlineData("!x=a", "found '=', expected: ',' or 'end of string'")]
    [InlineData("x<a", "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("x=a,", "found '', expected: identifier after ','")]
    [InlineData(",x=a", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("x a", "unable to parse requirement: found 'a', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("x in a", "unable to parse requirement: found 'a' expected: '('")]
    [InlineData("x in (", "unable to parse requirement: found '', expected: ',', ')' or identifier")]
    [InlineData("x in (a b)", "unable to parse requirement: found 'b', expected: ',' or ')'")]
    [InlineData("!", "unable to parse requirement: found '', expected: identifier")]
    [InlineData("x=!a", "unable to parse requirement: found '!', expected: identifier")]
    [InlineData("-x", "unable to parse requirement: <nil>: Invalid value: \"-x\": name part must consist of alphanumeric characters")]
    [InlineData("a/b/c=d", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist of")]
    public void What_is_no_selector_is_refused_in_upstreams_words(string text, string message) =>
        Should.Throw<FormatException>(() => LabelSelector.Parse(text)).Message.ShouldStartWith(message);

    [Property(MaxTest = 500)]
    public void No_text_throws_anything_but_a_format_error(byte[] choices) => ShouldReadOrRefuse(Texts.FromWords(Words, choices));

    [Property]
    public void Nor_does_arbitrary_text(string? text) => ShouldReadOrRefuse(text ?? "");

    [Property(MaxTest = 300)]
    public void What_is_printed_selects_the_same(byte[] choices, byte[] labelled)
    {
        if (Read(Texts.FromWords(Words, choices)) is not { } selector) return;
        var again = LabelSelector.Parse(selector.ToString());
        again.ToString().ShouldBe(selector.ToString());
        var labels = labelled.Chunk(2).Where(c => c.Length == 2)
            .GroupBy(c => Words[c[0] % 4]).ToDictionary(g => g.Key, g => Words[g.First()[1] % 4]);
        again.Matches(labels).ShouldBe(selector.Matches(labels));
    }

    [Fact]
    public void A_documents_selector_selects_by_labels_and_by_expressions()
    {
        var selector = LabelSelector.FromDocument((JsonObject)JsonNode.Parse("""
            {"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]},{"key":"old","operator":"DoesNotExist"}]}
            """)!);
        selector.ToString().ShouldBe("app=web,!old,tier in (a,b)");
        selector.Matches(Labels("app=web,tier=b")).ShouldBeTrue();
        selector.Matches(Labels("app=web,tier=b,old=")).ShouldBeFalse();
    }

    [Fact]
    public void No_selector_selects_nothing_and_an_empty_one_everything()
    {
        LabelSelector.FromDocument(null).Matches(Labels("a=b")).ShouldBeFalse();
        LabelSelector.FromDocument([]).Matches(null).ShouldBeTrue();
        LabelSelector.FromMap(null).IsEverything.ShouldBeTrue();
    }

    private static void ShouldReadOrRefuse(string text) => Read(text)?.ToString().ShouldNotBeNull();

    private static LabelSelector? Read(string text)
    {
        try
        {
            return LabelSelector.Parse(text);
        }
        catch (FormatException fault)
        {
            fault.Message.ShouldNotBeNullOrEmpty();
            return null;
        }
    }

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).ToDictionary(l => l[0], l => l[1]);
}
