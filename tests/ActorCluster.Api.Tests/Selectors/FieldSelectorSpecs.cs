using ActorCluster.Api.Selectors;
using ActorCluster.Api.Tests.Support;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Selectors;

public sealed class FieldSelectorSpecs
{
    [Theory]
    [InlineData("a=avalue,b==bvalue,c!=cvalue", "a=avalue|b=bvalue|c!cvalue")]
    [InlineData("", "")]
    [InlineData(",", "")]
    [InlineData("a=a,", "a=a")]
    [InlineData(@"k=\,,k2=v2", "k=,|k2=v2")]
    [InlineData(@"k=\\,k2=v2", @"k=\|k2=v2")]
    [InlineData(@"k=\\\,,k2=v2", @"k=\,|k2=v2")]
    [InlineData(@"x=a||y\=b", "x=a||y=b")]
    [InlineData("함=수,목=록", "함=수|목=록")]
    [InlineData("status.phase!=", "status.phase!")]
    [InlineData("a =b", "a =b")]
    public void A_selector_is_read(string text, string requirements) =>
        string.Join('|', FieldSelector.Parse(text).Requirements.Select(r => $"{r.Field}{(r.Negated ? '!' : '=')}{r.Value}")).ShouldBe(requirements);

    [Theory]
    [InlineData("x", "invalid selector: 'x'; can't understand 'x'")]
    [InlineData("x=a,y", "invalid selector: 'x=a,y'; can't understand 'y'")]
    [InlineData("x=a=b", "invalid field selector: unescaped character in value: 61")]
    [InlineData(@"x=\a", @"invalid field selector: invalid escape sequence: \a")]
    [InlineData(@"x=\\\", @"invalid field selector: invalid escape sequence: \")]
    public void What_is_no_selector_is_refused_in_upstreams_words(string text, string message) =>
        Should.Throw<FormatException>(() => FieldSelector.Parse(text)).Message.ShouldBe(message);

    [Fact]
    public void All_requirements_must_hold_and_an_absent_field_is_empty()
    {
        var selector = FieldSelector.Parse("spec.nodeName=,status.phase!=Failed");
        selector.Matches(f => f == "status.phase" ? "Running" : null).ShouldBeTrue();
        selector.Matches(f => f == "status.phase" ? "Failed" : null).ShouldBeFalse();
        selector.Matches(f => "n1").ShouldBeFalse();
        selector.RequiredValue("spec.nodeName").ShouldBe("");
        selector.RequiredValue("status.phase").ShouldBeNull();
    }

    [Property(MaxTest = 500)]
    public void No_text_throws_anything_but_a_format_error(byte[] choices)
    {
        var text = Texts.FromWords(["a", "=", "!=", "==", ",", @"\", " ", "!", "é", "\ud83d\ude00"], choices);
        try
        {
            FieldSelector.Parse(text).Matches(_ => "a");
        }
        catch (FormatException fault)
        {
            fault.Message.ShouldStartWith("invalid ");
        }
    }

    [Property]
    public void Any_value_can_be_escaped(string? value)
    {
        var escaped = (value ?? "").Replace(@"\", @"\\", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);
        FieldSelector.Parse("f=" + escaped).RequiredValue("f").ShouldBe(value ?? "");
    }
}
