using ActorCluster.Host.Options;

namespace ActorCluster.Host.Tests.Options;

public class OutsideFlagsTests
{
    [Fact]
    public void Each_name_has_an_address_and_each_port_a_place_to_lead_to()
    {
        var bindings = OutsideFlags.Parse(["api.example.com=127.0.0.1:8080", "DB.example.com.:5432=db:15432", "api.example.com:443=[::1]:8443"]);
        bindings.Select(binding => $"{binding.Name} {binding.Inside} {binding.Host} {binding.Port}").ShouldBe(
        [
            "api.example.com 172.18.254.1:80 127.0.0.1 8080", "db.example.com 172.18.254.2:5432 db 15432", "api.example.com 172.18.254.1:443 ::1 8443",
        ]);
    }

    [Theory]
    [InlineData("api.example.com", "can't be read")]
    [InlineData("api.example.com=127.0.0.1", "can't be read")]
    [InlineData("api.example.com=:80", "can't be read")]
    [InlineData("api.example.com=127.0.0.1:0", "can't be read")]
    [InlineData("api.example.com=127.0.0.1:70000", "can't be read")]
    [InlineData("api.example.com:x=127.0.0.1:80", "can't be read")]
    [InlineData("=127.0.0.1:80", "'' is not a DNS name")]
    [InlineData("a..b=127.0.0.1:80", "'a..b' is not a DNS name")]
    [InlineData("192.0.2.1=127.0.0.1:80", "'192.0.2.1' is not a DNS name")]
    [InlineData("localhost=127.0.0.1:80", "'localhost' is a name of the cluster's own")]
    [InlineData("web.default.svc.cluster.local=127.0.0.1:80", "'web.default.svc.cluster.local' is a name of the cluster's own")]
    [InlineData("api.example.com=no host:80", "'no host' is neither a host name nor an IP address")]
    public void What_is_wrong_is_said(string text, string said) =>
        Should.Throw<OptionsInvalidException>(() => OutsideFlags.Parse([text])).Message.ShouldContain(said);

    [Fact]
    public void A_port_that_is_bound_twice_and_too_many_names_are_refused_together()
    {
        var texts = Enumerable.Range(0, 251).Select(i => $"n{i}.example.com=127.0.0.1:80").Append("n0.example.com=127.0.0.1:81").ToArray();
        var message = Should.Throw<OptionsInvalidException>(() => OutsideFlags.Parse(texts)).Message;
        message.ShouldContain("port 80 of n0.example.com is bound more than once");
        message.ShouldContain("251 names");
    }
}
