using ActorCluster.Api.Validation;
using FsCheck.Xunit;

namespace ActorCluster.Api.Tests.Validation;

/// <summary>The tables of apimachinery/pkg/util/validation/validation_test.go in short.</summary>
public sealed class NameSpecs
{
    public static TheoryData<string, string[], string[]> Rules => new()
    {
        { "label", ["a", "ab", "a1", "a-1", "a--1--2--b", "0", "01", "1-a", new string('a', 63)], ["", "A", "aB", "-", "a-", "-a", "_", "a_b", ".", "a.b", " ", "a b", "a\n", "1 ", "ä", new string('a', 64)] },
        { "subdomain", ["a", "a.b", "0.0.0.0", "a-1.b-2", "a.b.c.d.e", new string('a', 253)], ["", "A", "a.", ".a", "a..b", "a.-b", "a-.b", "_a", "a b", "a\n", new string('a', 254)] },
        { "label1035", ["a", "ab", "a1", "a-1", "a--1--2--b"], ["", "0", "1a", "A", "-a", "a-", "a.b", "a_b", new string('a', 64)] },
        { "qualified", ["simple", "now-with-dashes", "1-starts-with-num", "1234", "simple/simple", "a.b.c/d_E.f", "UpperCase", "1.2.3.4/5678"],
            ["", "nospecialchars%^=@", "cantendwithadash-", "-cantstart", "only/one/slash", "/a", "a/", "Example.com/abc", "_a", new string('a', 64), new string('a', 254) + "/a"] },
        { "value", ["", "simple", "now-with-dashes", "end-with-num-1", "1234", "A_b.C", new string('a', 63)], ["-a", "a-", "a b", "a/b", "ä", "{}", new string('a', 64)] },
        { "configKey", ["a", "good", "good-good", "still.good", "this.is.also.good", "-", "_", ".a", "a..b", "THIS_IS_GOOD"], ["", ".", "..", "..bad", "b*d", "bad!&bad", "a b", new string('a', 254)] },
        { "environment", ["a", "A_1", "has.dots", "has-dashes", "1digit", "has space"], ["", "a=b", "a\n", "ä"] },
        { "port", ["telnet", "re-mail-ck", "pop3", "a", "a-1", "1-a", "15-characters-a"], ["", "longerthan15characters", "12345", "1-2-3-4", "-begin", "end-", "two--hyphens", "Caps", "whois++", "a.b"] },
        { "segment", ["a", "a.b", "...", "A:b", ".a"], [".", "..", "a/b", "a%b"] },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_takes_what_upstream_takes_and_nothing_else(string rule, string[] good, string[] bad)
    {
        foreach (var text in good) RuleOf(rule)(text).ShouldBeEmpty($"{rule}: '{text}'");
        foreach (var text in bad) RuleOf(rule)(text).ShouldNotBeEmpty($"{rule}: '{text}'");
    }

    [Property]
    public void No_text_makes_a_rule_throw(string? text)
    {
        foreach (var row in Rules) RuleOf((string)row[0]!)(text ?? "").ToList().ShouldNotBeNull();
    }

    [Theory]
    [InlineData("web-", true)]
    [InlineData("web", true)]
    [InlineData("Web-", false)]
    [InlineData("-", false)]
    public void A_generated_name_is_checked_by_its_prefix(string prefix, bool good) => Names.AsPrefix(prefix, Names.Dns1123Subdomain).Any().ShouldBe(!good);

    [Fact]
    public void A_label_with_dots_is_told_so()
    {
        Names.Dns1123Label("a.b").ShouldBe(["must not contain dots"]);
        Names.Dns1123Label("A").ShouldBe(["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"]);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once() => Names.Dns1123Subdomain(new string('A', 254)).Count().ShouldBe(2);

    private static Func<string, IEnumerable<string>> RuleOf(string rule) => rule switch
    {
        "label" => Names.Dns1123Label,
        "subdomain" => Names.Dns1123Subdomain,
        "label1035" => Names.Dns1035Label,
        "qualified" => Names.QualifiedName,
        "value" => Names.LabelValue,
        "configKey" => Names.ConfigMapKey,
        "environment" => Names.EnvironmentVariable,
        "port" => Names.PortName,
        _ => Names.PathSegment,
    };
}
