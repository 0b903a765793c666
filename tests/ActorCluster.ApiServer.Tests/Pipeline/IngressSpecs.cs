using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class IngressSpecs
{
    private const string Ingresses = "ingresses.networking.k8s.io";
    private const string Classes = "ingressclasses.networking.k8s.io";

    private static string Class(string name, bool isDefault) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {{name: {name}, annotations: {{ingressclass.kubernetes.io/is-default-class: '{(isDefault ? "true" : "false")}'}}}}, spec: {{controller: example.com/c}}}}";

    private static string Ingress(string name, string extra = "") =>
        $"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: {name}}}, spec: {{{extra}defaultBackend: {{service: {{name: s, port: {{number: 80}}}}}}}}}}";

    [Fact]
    public async Task An_ingress_without_a_class_gets_the_newest_default_one()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Classes, Class("other", false));
        (await api.CreatedAsync(Ingresses, Ingress("none"))).TextAt("spec", "ingressClassName").ShouldBeNull();

        await api.CreatedAsync(Classes, Class("b-older", true));
        await api.CreatedAsync(Classes, Class("a-older", true));
        (await api.CreatedAsync(Ingresses, Ingress("same-age"))).TextAt("spec", "ingressClassName").ShouldBe("a-older");
        api.Clock.Advance(TimeSpan.FromSeconds(5));
        await api.CreatedAsync(Classes, Class("newer", true));

        (await api.CreatedAsync(Ingresses, Ingress("given"))).TextAt("spec", "ingressClassName").ShouldBe("newer");
        (await api.CreatedAsync(Ingresses, Ingress("own", "ingressClassName: other, "))).TextAt("spec", "ingressClassName").ShouldBe("other");
    }

    [Fact]
    public async Task The_status_of_an_ingress_is_written_apart_and_checked()
    {
        await using var api = await TestApi.StartAsync();
        var ingress = await api.CreatedAsync(Ingresses, Ingress("i"));
        TestApi.Good(await api.PatchAsync(Ingresses, "i", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""")).At("status", "loadBalancer", "ingress").ShouldBeNull();

        var status = TestApi.Good(await api.PatchAsync(Ingresses, "i", """{"spec":{"ingressClassName":"x"},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""", subresource: "status"));

        status.At("status", "loadBalancer", "ingress")!.ToJsonString().ShouldBe("""[{"ip":"192.0.2.1"}]""");
        status.TextAt("spec", "ingressClassName").ShouldBeNull();
        status.IntegerAt("metadata", "generation").ShouldBe(ingress.IntegerAt("metadata", "generation"));
        TestApi.Refused(await api.PatchAsync(Ingresses, "i", """{"status":{"loadBalancer":{"ingress":[{"ip":"nonsense","hostname":"192.0.2.1"}]}}}""", subresource: "status"), 422)
            .GetString("message").ShouldBe("Ingress.networking.k8s.io \"i\" is invalid: [status.loadBalancer.ingress[0].ip: Invalid value: \"nonsense\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), "
                + "status.loadBalancer.ingress[0].hostname: Invalid value: \"192.0.2.1\": must be a DNS name, not an IP address]");
    }

    [Fact]
    public async Task The_range_of_a_service_cidr_stays_and_one_of_the_other_family_may_be_added()
    {
        await using var api = await TestApi.StartAsync();
        const string cidrs = "servicecidrs.networking.k8s.io";
        await api.CreatedAsync(cidrs, "{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: c}, spec: {cidrs: [10.200.0.0/24]}}");

        TestApi.Refused(await api.PatchAsync(cidrs, "c", """{"spec":{"cidrs":["10.201.0.0/24"]}}"""), 422)
            .GetString("message").ShouldBe("ServiceCIDR.networking.k8s.io \"c\" is invalid: spec.cidrs[0]: Invalid value: \"10.201.0.0/24\": field is immutable");
        TestApi.Good(await api.PatchAsync(cidrs, "c", """{"spec":{"cidrs":["10.200.0.0/24","2001:db8::/112"]}}"""));
        TestApi.Refused(await api.PatchAsync(cidrs, "c", """{"spec":{"cidrs":["10.200.0.0/24"]}}"""), 422)
            .GetString("message").ShouldBe("ServiceCIDR.networking.k8s.io \"c\" is invalid: spec.cidrs: Invalid value: [\"10.200.0.0/24\"]: field is immutable");
    }
}
