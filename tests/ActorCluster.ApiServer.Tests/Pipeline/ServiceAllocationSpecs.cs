using System.Text.Json.Nodes;
using ActorCluster.Api;
using ActorCluster.Api.Allocation;
using ActorCluster.Api.Documents;
using ActorCluster.ApiServer.Tests.Support;
using ActorCluster.Contracts.Client;

namespace ActorCluster.ApiServer.Tests.Pipeline;

public class ServiceAllocationSpecs
{
    [Fact]
    public async Task Services_get_addresses_of_their_own_from_the_upper_band()
    {
        await using var api = await TestApi.StartAsync();
        (await api.ReadAsync("services", "kubernetes")).TextAt("spec", "clusterIP").ShouldBe("10.96.0.1");

        var addresses = new HashSet<string>();
        for (var i = 0; i < 30; i++)
        {
            var service = await api.CreatedAsync("services", Manifests.Service($"s{i}"));
            var address = service.TextAt("spec", "clusterIP")!;
            addresses.Add(address).ShouldBeTrue();
            service.GetObject("spec").GetStrings("clusterIPs").ShouldBe([address]);
            Ipv4.Parse(address)!.Value.ShouldBeInRange(Ipv4.Parse("10.96.1.1")!.Value, Ipv4.Parse("10.111.255.254")!.Value);
        }
    }

    [Theory]
    [InlineData("10.96.0.1", "failed to allocate IP 10.96.0.1: provided IP is already allocated")]
    [InlineData("10.200.0.1", "failed to allocate IP 10.200.0.1: the provided network does not match the current range")]
    public async Task An_address_that_can_not_be_had_is_refused(string address, string why)
    {
        await using var api = await TestApi.StartAsync();

        var status = TestApi.Refused(await api.CreateAsync("services", Manifests.Service("s", $"clusterIP: {address}")), 422);

        status.GetString("message").ShouldBe($"Service \"s\" is invalid: spec.clusterIPs: Invalid value: [\"{address}\"]: {why}");
    }

    [Fact]
    public async Task An_address_is_free_again_after_deletion_and_after_a_refused_creation()
    {
        await using var api = await TestApi.StartAsync();
        const string wanted = "clusterIP: 10.96.0.10";
        TestApi.Refused(await api.CreateAsync("services", Manifests.Service("s", wanted + "\n  type: Nonsense")), 422);
        TestApi.Good(await api.CreateAsync("services", Manifests.Service("s", wanted), new ApiRequestOptions { DryRun = true }));

        await api.CreatedAsync("services", Manifests.Service("s", wanted));
        TestApi.Refused(await api.CreateAsync("services", Manifests.Service("t", wanted)), 422);
        TestApi.Good(await api.DeleteAsync("services", "s"));

        await api.CreatedAsync("services", Manifests.Service("t", wanted));
    }

    [Fact]
    public async Task Node_ports_are_allocated_checked_and_released()
    {
        await using var api = await TestApi.StartAsync();
        var service = await api.CreatedAsync("services", Manifests.Service("s", "type: NodePort"));
        var port = service.GetObject("spec").GetObjects("ports").Single().GetInteger("nodePort")!.Value;
        port.ShouldBeInRange(30000, 32767);

        var taken = TestApi.Refused(await api.CreateAsync("services", $$$"""
            {apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: NodePort, ports: [{port: 80, nodePort: {{{port}}}}]}}
            """), 422);
        taken.GetString("message").ShouldBe($"Service \"t\" is invalid: spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated");
        TestApi.Refused(await api.CreateAsync("services", "{apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}"), 422)
            .GetString("message").ShouldBe("Service \"t\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767");

        var cluster = TestApi.Good(await api.PatchAsync("services", "s", """{"spec":{"type":"ClusterIP"}}"""));
        cluster.GetObject("spec").GetObjects("ports").Single().GetInteger("nodePort").ShouldBeNull();
        await api.CreatedAsync("services", $$$"""
            {apiVersion: v1, kind: Service, metadata: {name: t}, spec: {type: NodePort, ports: [{port: 80, nodePort: {{{port}}}}]}}
            """);
    }

    [Fact]
    public async Task An_update_keeps_what_was_allocated()
    {
        await using var api = await TestApi.StartAsync();
        var service = await api.CreatedAsync("services", Manifests.Service("s", "type: NodePort"));
        var spec = service.GetObject("spec")!;
        var address = spec.GetString("clusterIP");
        var port = spec.GetObjects("ports").Single().GetInteger("nodePort");
        foreach (var field in (string[])["clusterIP", "clusterIPs"]) spec.Remove(field);
        spec.GetObjects("ports").Single().Remove("nodePort");

        var updated = TestApi.Good(await api.UpdateAsync("services", service));

        updated.TextAt("spec", "clusterIP").ShouldBe(address);
        updated.GetObject("spec").GetObjects("ports").Single().GetInteger("nodePort").ShouldBe(port);
        TestApi.Refused(await api.PatchAsync("services", "s", """{"spec":{"clusterIP":"10.96.9.9","clusterIPs":["10.96.9.9"]}}"""), 422)
            .GetString("message")!.ShouldContain("spec.clusterIPs[0]: Invalid value: [\"10.96.9.9\"]: may not change once set");
    }

    public static TheoryData<string, string> Changes()
    {
        string[] types = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];
        var changes = new TheoryData<string, string>();
        foreach (var old in types)
            foreach (var changed in types.Where(changed => changed != old)) changes.Add(old, changed);
        return changes;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_of_type_gives_what_the_new_one_has_and_frees_what_it_lacks(string old, string changed)
    {
        await using var api = await TestApi.StartAsync();
        var before = (await api.CreatedAsync("services", Manifests.Service("s", old == "ExternalName" ? "type: ExternalName\n  externalName: example.com" : $"type: {old}"))).GetObject("spec")!;

        var after = TestApi.Good(await api.PatchAsync("services", "s", changed == "ExternalName"
            ? """{"spec":{"type":"ExternalName","externalName":"example.com"}}"""
            : $$$"""{"spec":{"type":"{{{changed}}}","externalName":null}}""")).GetObject("spec")!;

        var hasAddress = changed != "ExternalName";
        var hasNodePort = changed is "NodePort" or "LoadBalancer";
        Has(after, "clusterIP").ShouldBe(hasAddress);
        Has(after, "clusterIPs").ShouldBe(hasAddress);
        Has(after, "ipFamilies").ShouldBe(hasAddress);
        Has(after, "externalTrafficPolicy").ShouldBe(hasNodePort);
        Has(after, "allocateLoadBalancerNodePorts").ShouldBe(changed == "LoadBalancer");
        (NodePort(after) is not null).ShouldBe(hasNodePort);
        // What both types have stays.
        if (hasAddress && old != "ExternalName") after.GetString("clusterIP").ShouldBe(before.GetString("clusterIP"));
        if (hasNodePort && NodePort(before) is { } kept) NodePort(after).ShouldBe(kept);
        // What went can be had by others.
        if (!hasAddress) await api.CreatedAsync("services", Manifests.Service("t", $"clusterIP: {before.GetString("clusterIP")}"));
        if (!hasNodePort && NodePort(before) is { } freed)
            await api.CreatedAsync("services", $$$"""{apiVersion: v1, kind: Service, metadata: {name: u}, spec: {type: NodePort, ports: [{port: 80, nodePort: {{{freed}}}}]}}""");

        static bool Has(JsonObject spec, string field) => spec[field] is not null;
        static long? NodePort(JsonObject spec) => spec.GetObjects("ports").Single().GetInteger("nodePort");
    }

    [Fact]
    public async Task After_a_restart_nothing_is_given_out_twice()
    {
        await using var api = await TestApi.StartAsync();
        await api.CreatedAsync("services", Manifests.Service("s", "clusterIP: 10.96.7.7"));

        var restarted = api.NewPipeline();
        var answer = await restarted.SendAsync(new ApiRequest(
            ApiVerb.Create, new ResourceName("", "services"), "default", Body: YamlDocuments.ToJson(Manifests.Service("t", "clusterIP: 10.96.7.7"))));

        TestApi.Refused(answer, 422);
    }

    [Fact]
    public async Task A_headless_service_has_no_address()
    {
        await using var api = await TestApi.StartAsync();

        var service = await api.CreatedAsync("services", Manifests.Service("s", "clusterIP: None"));

        service.GetObject("spec").GetStrings("clusterIPs").ShouldBe(["None"]);
    }
}
