using System.Text.Json.Nodes;
using ActorCluster.Controllers.LoadBalancers;
using ActorCluster.Controllers.Tests.Cluster;
using ActorCluster.Tests.Shared;
using k8s.Models;

namespace ActorCluster.Controllers.Tests.LoadBalancers;

public class LoadBalancerTests : PatientTestKit
{
    [Fact]
    public async Task A_load_balancer_gets_an_address_with_events_and_a_finalizer_and_gives_it_back_when_it_is_deleted()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var made = await cluster.Client.CreateAsync(Service("web"));
        await UntilAddress(cluster, "web", "172.18.255.1");
        cluster.Api.Find<V1Service>("default", "web")!.Metadata.Finalizers.ShouldBe([LoadBalancerReconciler.Finalizer]);
        made.Spec.Ports[0].NodePort.ShouldNotBeNull().ShouldBeInRange(30000, 32767);
        await UntilEvents(cluster, "web", "EnsuringLoadBalancer", "EnsuredLoadBalancer");

        await cluster.Client.CreateAsync(Service("second"));
        await UntilAddress(cluster, "second", "172.18.255.2");
        await cluster.Client.DeleteAsync<V1Service>("default", "web");
        await cluster.Api.UntilAsync(() => cluster.Api.Find<V1Service>("default", "web") is null);
        await UntilEvents(cluster, "web", "DeletingLoadBalancer", "DeletedLoadBalancer");
        await cluster.Client.CreateAsync(Service("third"));
        await UntilAddress(cluster, "third", "172.18.255.1");
    }

    [Fact]
    public async Task A_service_that_becomes_another_type_loses_the_address_and_may_get_one_again()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Service("web"));
        await UntilAddress(cluster, "web", "172.18.255.1");
        await Patch(cluster, """{"spec":{"type":"ClusterIP"}}""");
        await cluster.Api.UntilAsync(() => Address(cluster, "web") is null && cluster.Api.Find<V1Service>("default", "web")!.Metadata.Finalizers is null or { Count: 0 });
        await cluster.Client.CreateAsync(Service("other"));
        await UntilAddress(cluster, "other", "172.18.255.1");
        await Patch(cluster, """{"spec":{"type":"LoadBalancer"}}""");
        await UntilAddress(cluster, "web", "172.18.255.2");
    }

    [Fact]
    public async Task A_load_balancer_of_a_class_is_left_alone_and_an_address_may_be_asked_for()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        var classed = Service("classed");
        classed.Spec.LoadBalancerClass = "example.com/mine";
        await cluster.Client.CreateAsync(classed);
        var wanting = Service("wanting");
        wanting.Spec.LoadBalancerIP = "172.18.255.77";
        await cluster.Client.CreateAsync(wanting);
        await UntilAddress(cluster, "wanting", "172.18.255.77");
        var rival = Service("rival");
        rival.Spec.LoadBalancerIP = "172.18.255.77";
        await cluster.Client.CreateAsync(rival);
        await UntilEvents(cluster, "rival", "SyncLoadBalancerFailed");
        var left = cluster.Api.Find<V1Service>("default", "classed")!;
        (left.Metadata.Finalizers, left.Status.LoadBalancer.Ingress).ShouldBe((null, null));
    }

    [Fact]
    public async Task A_load_balancer_of_two_families_has_an_address_of_each_and_follows_when_one_is_given_up()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Service("six", "SingleStack", "IPv6"));
        await UntilAddress(cluster, "six", "fc00:f853:ccd:e793::ff01");
        await cluster.Client.CreateAsync(Service("web", "RequireDualStack", "IPv4", "IPv6"));
        await UntilAddress(cluster, "web", "172.18.255.2 fc00:f853:ccd:e793::ff02");
        await Patch(cluster, """{"spec":{"ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"]}}""");
        await UntilAddress(cluster, "web", "172.18.255.2");
        var wrong = Service("wrong", "SingleStack", "IPv6");
        wrong.Spec.LoadBalancerIP = "172.18.255.77"; // not of its family
        await cluster.Client.CreateAsync(wrong);
        await UntilEvents(cluster, "wrong", "SyncLoadBalancerFailed");
    }

    [Fact]
    public async Task Addresses_survive_a_restart_of_the_controllers()
    {
        await using var cluster = await TestCluster.StartAsync(Sys, nodes: 1);
        await cluster.Client.CreateAsync(Service("web"));
        await UntilAddress(cluster, "web", "172.18.255.1");
        await cluster.StopControllersAsync();
        await cluster.Client.CreateAsync(Service("second"));
        await cluster.StartControllersAsync();
        await UntilAddress(cluster, "second", "172.18.255.2");
        Address(cluster, "web").ShouldBe("172.18.255.1");
    }

    private static V1Service Service(string name) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = "default" },
        Spec = new() { Type = "LoadBalancer", Selector = new Dictionary<string, string> { ["app"] = name }, Ports = [new() { Port = 80 }] },
    };

    private static V1Service Service(string name, string policy, params string[] families)
    {
        var service = Service(name);
        (service.Spec.IpFamilyPolicy, service.Spec.IpFamilies) = (policy, families);
        return service;
    }

    private static Task<V1Service?> Patch(TestCluster cluster, string patch) => cluster.Client.PatchAsync<V1Service>("default", "web", JsonNode.Parse(patch)!);

    private static string? Address(TestCluster cluster, string name) =>
        cluster.Api.Find<V1Service>("default", name)?.Status.LoadBalancer.Ingress is { Count: > 0 } ingress ? string.Join(' ', ingress.Select(entry => entry.Ip)) : null;

    private static Task UntilAddress(TestCluster cluster, string name, string address) => cluster.Api.UntilAsync(() => Address(cluster, name) == address);

    private static Task UntilEvents(TestCluster cluster, string service, params string[] reasons) => cluster.Api.UntilAsync(() =>
        reasons.All(reason => cluster.Api.List<Corev1Event>().Any(found => found.Reason == reason && found.InvolvedObject.Name == service)));
}
