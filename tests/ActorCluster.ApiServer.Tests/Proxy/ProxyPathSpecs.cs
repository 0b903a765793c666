using ActorCluster.ApiServer.Proxy;
using FsCheck.Xunit;

namespace ActorCluster.ApiServer.Tests.Proxy;

public class ProxyPathSpecs
{
    private const string Prefix = "/api/v1/namespaces/default/services/web/proxy";

    [Theory]
    [InlineData(Prefix, Prefix, "", "")]
    [InlineData(Prefix + "/", Prefix, "/", "")]
    [InlineData(Prefix + "/a%2Fb/../c//d/?x=%20&y", Prefix, "/a%2Fb/../c//d/", "?x=%20&y")]
    [InlineData(Prefix + "?proxy/x", Prefix, "", "?proxy/x")]
    [InlineData("https://127.0.0.1:6443" + Prefix + "/a", Prefix, "/a", "")]
    [InlineData("/api/v1", "/api/v1", "", "")]
    public void A_target_is_taken_apart_without_being_decoded(string target, string prefix, string rest, string query) =>
        ProxyPath.Split(target, 7).ShouldBe(new ProxyPath(prefix, rest, query));

    [Theory]
    [InlineData("/login", Prefix + "/login")]
    [InlineData("/login/?next=/a", Prefix + "/login/?next=/a")]
    [InlineData("http://10.244.1.2:80/login", Prefix + "/login")]
    [InlineData("//10.244.1.2:80/login", Prefix + "/login")]
    [InlineData("http://127.0.0.1:6443/login", "http://127.0.0.1:6443" + Prefix + "/login")]
    [InlineData(Prefix + "/login", Prefix + "/login")]
    [InlineData("login", "login")]
    [InlineData("../a//b", "../a//b")]
    [InlineData("/a//b", Prefix + "/a//b")]
    [InlineData("https://example.com/login", "https://example.com/login")]
    [InlineData("http://10.244.1.2:81/x", "http://10.244.1.2:81/x")]
    [InlineData("", "")]
    public void A_link_to_the_far_end_leads_back_through_the_proxy(string location, string expected) =>
        new ProxyPath(Prefix, "/", "").Rewrite(location, "10.244.1.2:80", "127.0.0.1:6443").ShouldBe(expected);

    [Theory]
    [InlineData("web", "", "web", "")]
    [InlineData("web:80", "", "web", "80")]
    [InlineData("https:web:tls", "https", "web", "tls")]
    [InlineData("http:web:", "http", "web", "")]
    public void A_name_may_say_scheme_and_port(string text, string scheme, string name, string port) => ProxyName.Parse(text).ShouldBe(new ProxyName(scheme, name, port));

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("ftp:web:80")]
    [InlineData("a:b:c:d")]
    public void Other_names_are_none(string text) => ProxyName.Parse(text).ShouldBeNull();

    [Property]
    public void No_text_makes_it_throw(string? text)
    {
        ProxyName.Parse(text ?? "");
        ProxyPath.Split(text ?? "", 7).Rewrite(text ?? "", "a", "b").ShouldNotBeNull();
    }
}
