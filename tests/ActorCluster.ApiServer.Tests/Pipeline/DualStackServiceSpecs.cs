using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class DualStackServiceSpecs
{
    private const string Addresses = "ipaddresses.networking.k8s.io";
    private const string Cidrs = "servicecidrs.networking.k8s.io";

    [Fact]
    public async Task The_default_range_has_both_families_and_is_ready()
    {
        await using var api = await TestApi.StartAsync();
        var cidr = await api.ReadAsync(Cidrs, "kubernetes");
        cidr.GetObject("spec").GetStrings("cidrs").ShouldBe(["10.96.0.0/12", "fd00:10:96::/112"]);
        cidr.At("status", "conditions")!.AsArray().Single()!.AsObject().GetString("status").ShouldBe("True");
    }

    [Fact]
    public async Task Each_address_has_an_object_that_comes_and_goes_with_it()
    {
        await using var api = await TestApi.StartAsync();
        var spec = (await api.CreatedAsync("services", Manifests.Service("s", "ipFamilyPolicy: RequireDualStack"))).GetObject("spec")!;

        spec.GetStrings("ipFamilies").ShouldBe(["IPv4", "IPv6"]);
        var ips = spec.GetStrings("clusterIPs").ToList();
        ips.Count.ShouldBe(2);
        ips[1].ShouldStartWith("fd00:10:96::");
        foreach (var (ip, family) in ips.Zip(["IPv4", "IPv6"]))
        {
            var address = await api.ReadAsync(Addresses, ip);
            address.At("spec", "parentRef")!.ToJsonString().ShouldBe("""{"resource":"services","namespace":"default","name":"s"}""");
            address.TextAt("metadata", "labels", "ipaddress.kubernetes.io/ip-family").ShouldBe(family);
            address.TextAt("metadata", "labels", "ipaddress.kubernetes.io/managed-by").ShouldBe("ipallocator.k8s.io");
        }

        TestApi.Good(await api.DeleteAsync("services", "s"));
        foreach (var ip in ips) TestApi.Refused(await api.GetAsync(Addresses, ip), 404);
    }

    [Fact]
    public async Task A_service_is_upgraded_and_downgraded_and_keeps_its_first_address()
    {
        await using var api = await TestApi.StartAsync();
        var first = (await api.CreatedAsync("services", Manifests.Service("s"))).TextAt("spec", "clusterIP");

        var both = TestApi.Good(await api.PatchAsync("services", "s", """{"spec":{"ipFamilyPolicy":"PreferDualStack"}}""")).GetObject("spec")!;
        var ips = both.GetStrings("clusterIPs").ToList();
        (ips.Count, ips[0]).ShouldBe((2, first));
        TestApi.Good(await api.GetAsync(Addresses, ips[1]));

        TestApi.Refused(await api.PatchAsync("services", "s", "{\"spec\":{\"clusterIPs\":[\"" + first + "\"]}}"), 422)
            .GetString("message").ShouldBe("Service \"s\" is invalid: spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be 'SingleStack' to release the secondary cluster IP");

        var single = TestApi.Good(await api.PatchAsync("services", "s", """{"spec":{"ipFamilyPolicy":"SingleStack"}}""")).GetObject("spec")!;
        single.GetStrings("clusterIPs").ShouldBe([first!]);
        single.GetStrings("ipFamilies").ShouldBe(["IPv4"]);
        TestApi.Refused(await api.GetAsync(Addresses, ips[1]), 404);
    }

    [Fact]
    public async Task The_first_family_and_address_stay()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("services", Manifests.Service("s", "clusterIP: 10.96.0.77"));
        TestApi.Refused(await api.PatchAsync("services", "s", """{"spec":{"ipFamilies":["IPv6","IPv4"],"ipFamilyPolicy":"RequireDualStack"}}"""), 422);
        TestApi.Refused(await api.PatchAsync("services", "s", """{"spec":{"clusterIP":"10.96.0.78","clusterIPs":["10.96.0.78"]}}"""), 422)
            .GetString("message")!.ShouldContain("spec.clusterIPs[0]: Invalid value: [\"10.96.0.78\"]: may not change once set");
        TestApi.Refused(await api.GetAsync(Addresses, "10.96.0.78"), 404);
    }

    [Fact]
    public async Task A_service_that_becomes_an_external_name_gives_both_addresses_back_and_gets_new_ones_when_it_returns()
    {
        await using var api = await TestApi.StartAsync();
        var before = (await api.CreatedAsync("services", Manifests.Service("s", "ipFamilyPolicy: RequireDualStack"))).GetObject("spec").GetStrings("clusterIPs").ToList();

        var named = TestApi.Good(await api.PatchAsync("services", "s", """{"spec":{"type":"ExternalName","externalName":"example.com"}}""")).GetObject("spec")!;
        foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) named.Has(field).ShouldBeFalse(field);
        foreach (var ip in before) TestApi.Refused(await api.GetAsync(Addresses, ip), 404);

        var after = TestApi.Good(await api.PatchAsync("services", "s", """{"spec":{"type":"ClusterIP","externalName":null}}""")).GetObject("spec")!;
        after.GetStrings("clusterIPs").Count().ShouldBe(1);
        TestApi.Good(await api.GetAsync(Addresses, after.GetString("clusterIP")!));
    }

    [Fact]
    public async Task A_range_that_is_full_refuses_one_service_and_serves_all_others()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Good(await api.PatchAsync(Cidrs, "kubernetes", """{"status":{"conditions":[{"type":"Ready","status":"False","reason":"Test","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""", subresource: "status"));
        await ReadyAsync(api, "small", "10.200.0.0/29");
        var got = new HashSet<string>();
        for (var i = 0; i < 6; i++) got.Add((await api.CreatedAsync("services", Manifests.Service($"s{i}"))).TextAt("spec", "clusterIP")!).ShouldBeTrue();

        TestApi.Refused(await api.CreateAsync("services", Manifests.Service("more")), 500)
            .GetString("message").ShouldBe("Internal error occurred: failed to allocate a serviceIP for Service \"more\": range is full");

        await api.CreatedAsync("services", Manifests.Service("headless", "clusterIP: None"));
        await ReadyAsync(api, "another", "10.201.0.0/29");
        (await api.CreatedAsync("services", Manifests.Service("more"))).TextAt("spec", "clusterIP")!.ShouldStartWith("10.201.0.");
        TestApi.Good(await api.DeleteAsync("services", "s3"));
        TestApi.Good(await api.DeleteAsync(Cidrs, "another"));
        got.ShouldContain((await api.CreatedAsync("services", Manifests.Service("last"))).TextAt("spec", "clusterIP")!);
    }

    [Fact]
    public async Task Of_many_that_reach_for_the_last_addresses_at_once_each_gets_its_own_or_none()
    {
        await using var api = await TestApi.StartAsync();
        TestApi.Good(await api.PatchAsync(Cidrs, "kubernetes", """{"status":{"conditions":[{"type":"Ready","status":"False","reason":"Test","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""", subresource: "status"));
        await ReadyAsync(api, "small", "10.200.0.0/28");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => api.CreateAsync("services", Manifests.Service($"s{i}")))));

        var given = answers.Where(a => a.IsSuccess).Select(a => TestApi.Body(a).TextAt("spec", "clusterIP")!).ToList();
        given.Distinct().Count().ShouldBe(14);
        given.Count.ShouldBe(14);
        answers.Where(a => !a.IsSuccess).ShouldAllBe(a => a.StatusCode == 500);
    }

    [Fact]
    public async Task An_address_that_someone_holds_by_hand_is_not_given_out()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync(Addresses, "{apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: 10.96.0.50}, spec: {parentRef: {group: example.com, resource: gateways, name: g}}}");
        TestApi.Refused(await api.CreateAsync("services", Manifests.Service("s", "clusterIP: 10.96.0.50")), 422)
            .GetString("message")!.ShouldContain("failed to allocate IP 10.96.0.50: provided IP is already allocated");
    }

    [Fact]
    public async Task Ports_that_a_load_balancer_asks_for_are_held_even_if_it_gets_no_others()
    {
        await using var api = await TestApi.StartAsync();
        var spec = (await api.CreatedAsync("services", """
            {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{name: a, port: 80, nodePort: 30500}, {name: b, port: 81}]}}
            """)).GetObject("spec")!;
        spec.GetObjects("ports").Select(p => p.GetInteger("nodePort")).ShouldBe([30500, null]);
        TestApi.Refused(await api.CreateAsync("services", "{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: NodePort, ports: [{port: 80, nodePort: 30500}]}}"), 422);
        TestApi.Refused(await api.CreateAsync("services", """
            {apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30500, ports: [{port: 80}]}}
            """), 500).GetString("message").ShouldBe("Internal error occurred: failed to allocate requested HealthCheck NodePort 30500: provided port is already allocated");
    }

    [Fact]
    public async Task The_api_servers_own_endpoints_are_there()
    {
        await using var api = await TestApi.StartAsync();
        var endpoints = await api.ReadAsync("endpoints", "kubernetes");
        var slice = await api.ReadAsync("endpointslices.discovery.k8s.io", "kubernetes");
        endpoints.At("subsets")![0]!["addresses"]![0]!["ip"]!.GetValue<string>().ShouldBe(slice.At("endpoints")![0]!["addresses"]![0]!.GetValue<string>());
        slice.TextAt("metadata", "labels", "kubernetes.io/service-name").ShouldBe("kubernetes");
    }

    private static async Task ReadyAsync(TestApi api, string name, string cidr)
    {
        await api.CreatedAsync(Cidrs, $"{{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {{name: {name}}}, spec: {{cidrs: [{cidr}]}}}}");
        TestApi.Good(await api.PatchAsync(Cidrs, name, """{"status":{"conditions":[{"type":"Ready","status":"True","reason":"","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""", subresource: "status"));
    }
}
