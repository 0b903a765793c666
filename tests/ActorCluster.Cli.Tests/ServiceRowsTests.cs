using System.Text.Json;
using ActorCluster.Cli.Commands;
using ActorCluster.Nodes.Outside;

namespace ActorCluster.Cli.Tests;

public sealed class ServiceRowsTests
{
    [Fact]
    public void A_load_balancer_is_listed_with_its_own_address_and_every_nodes() =>
        Rows("""{"type":"LoadBalancer","clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"name":"https","port":8443,"nodePort":30443,"protocol":"TCP"}]}""", status: """{"loadBalancer":{"ingress":[{"ip":"172.18.255.1"}]}}""").ShouldBe(
        [
            "default web LoadBalancer 10.96.7.7,172.18.255.1 80:30080/TCP http://127.18.255.1:8080",
            "default web LoadBalancer 10.96.7.7,172.18.255.1 80:30080/TCP http://127.18.0.2:30080",
            "default web LoadBalancer 10.96.7.7,172.18.255.1 80:30080/TCP http://127.18.0.3:30080",
            "default web LoadBalancer 10.96.7.7,172.18.255.1 8443:30443/TCP https://127.18.0.2:30443",
        ]);

    [Fact]
    public void What_has_no_socket_says_so()
    {
        Rows("""{"type":"ClusterIP","clusterIP":"10.96.7.7","ports":[{"port":53,"protocol":"UDP"}]}""").ShouldBe(["default web ClusterIP 10.96.7.7 53/UDP -"]);
        Rows("""{"type":"ExternalName","externalName":"example.com"}""").ShouldBe(["default web ExternalName example.com - -"]);
        Rows("""{"type":"ClusterIP","clusterIP":"None"}""").ShouldBe(["default web ClusterIP None - -"]);
    }

    [Fact]
    public void A_port_for_sctp_is_not_reached_from_this_machine_and_says_so() =>
        Rows("""{"type":"NodePort","clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":30080,"protocol":"SCTP"}]}""").ShouldBe(["default web NodePort 10.96.7.7 80:30080/SCTP not from here (SCTP)"]);

    [Fact]
    public void A_node_that_answers_nobody_for_want_of_a_local_endpoint_says_so() =>
        Rows("""{"type":"LoadBalancer","clusterIP":"10.96.7.7","externalTrafficPolicy":"Local","ports":[{"port":80,"nodePort":30080,"protocol":"TCP"}]}""").ShouldBe(
        [
            "default web LoadBalancer 10.96.7.7 80:30080/TCP http://127.18.255.1:8080",
            "default web LoadBalancer 10.96.7.7 80:30080/TCP http://127.18.0.2:30080",
            "default web LoadBalancer 10.96.7.7 80:30080/TCP http://127.18.0.3:30080 (no local endpoint)",
        ]);

    [Fact]
    public void A_service_without_ready_endpoints_says_so() =>
        Rows("""{"type":"NodePort","clusterIP":"10.96.7.7","ports":[{"port":443,"nodePort":30443,"protocol":"TCP"}]}""", endpoints: """[{"nodeName":"worker-1","conditions":{"ready":false}}]""").ShouldBe(
            ["default web NodePort 10.96.7.7 443:30443/TCP https://127.18.0.2:30443 (no ready endpoint)"]);

    private static IEnumerable<string> Rows(string spec, string endpoints = """[{"nodeName":"worker-1","conditions":{"ready":true}},{"nodeName":"worker-2","conditions":{"ready":false,"serving":false}}]""", string status = """{"loadBalancer":{}}""")
    {
        using var nodes = JsonDocument.Parse("""
            [{"metadata":{"name":"worker-1"},"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.2"}]}},
             {"metadata":{"name":"worker-2"},"status":{"addresses":[{"type":"InternalIP","address":"172.18.0.3"}]}},{"metadata":{"name":"worker-3"}}]
            """);
        using var slices = JsonDocument.Parse($$$"""[{"metadata":{"namespace":"default","labels":{"kubernetes.io/service-name":"web"}},"endpoints":{{{endpoints}}}},{"metadata":{"namespace":"default"},"endpoints":null}]""");
        var backends = new ServiceBackends(nodes.RootElement.EnumerateArray(), slices.RootElement.EnumerateArray());
        using var service = JsonDocument.Parse($$$"""{"metadata":{"namespace":"default","name":"web"},"spec":{{{spec}}},"status":{{{status}}}}""");
        return [.. ServiceRows.Of(service.RootElement,
        [
            new OpenSocket("default/web", "NodePort", "TCP", "172.18.0.2:30080", "127.18.0.2:30080"),
            new OpenSocket("default/web", "NodePort", "TCP", "172.18.0.2:30443", "127.18.0.2:30443"),
            new OpenSocket("default/web", "NodePort", "TCP", "172.18.0.3:30080", "127.18.0.3:30080"),
            new OpenSocket("default/web", "LoadBalancer", "TCP", "172.18.255.1:80", "127.18.255.1:8080"),
            new OpenSocket("default/other", "NodePort", "TCP", "172.18.0.2:31000", "127.18.0.2:31000"),
        ], backends).Select(row => string.Join(' ', row))];
    }
}
