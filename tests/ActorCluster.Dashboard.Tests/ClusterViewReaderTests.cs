using System.Text.Json;

namespace ActorCluster.Dashboard.Tests;

public sealed class ClusterViewReaderTests
{
    private const string Nothing = """{"items":[]}""";

    [Fact]
    public void A_node_is_ready_by_its_condition_and_shows_its_internal_address_and_pods()
    {
        var view = Read(
            nodes: """
            {"items":[
              {"metadata":{"name":"worker-1"},"status":{"conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}],
               "addresses":[{"type":"Hostname","address":"worker-1"},{"type":"InternalIP","address":"172.18.0.2"}]}},
              {"metadata":{"name":"worker-2"},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}]}
            """,
            pods: """{"items":[{"metadata":{"name":"a"},"spec":{"nodeName":"worker-1"}},{"metadata":{"name":"b"},"spec":{"nodeName":"worker-1"}}]}""");
        view.Nodes.ShouldBe([new NodeRow("worker-1", "Ready", "172.18.0.2", 2), new NodeRow("worker-2", "NotReady,SchedulingDisabled", "", 0)]);
    }

    [Theory]
    [InlineData("""{"status":{"phase":"Running"}}""", "Running")]
    [InlineData("""{"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull"}}}]}}""", "ErrImagePull")]
    [InlineData("""{"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"reason":"Completed"}}}]}}""", "Completed")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}}""", "Terminating")]
    [InlineData("{}", "")]
    public void A_pods_status_is_the_word_that_kubectl_shows(string pod, string expected) =>
        Read(pods: $$"""{"items":[{{pod}}]}""").Pods.Single().Status.ShouldBe(expected);

    [Fact]
    public void Ready_containers_and_restarts_are_counted()
    {
        var pod = Read(pods: """
            {"items":[{"metadata":{"namespace":"default","name":"p"},"spec":{"nodeName":"n","containers":[{},{}]},
             "status":{"phase":"Running","podIP":"10.244.1.2","containerStatuses":[{"ready":true,"restartCount":2},{"ready":false,"restartCount":3}]}}]}
            """).Pods.Single();
        pod.ShouldBe(new PodRow("default", "p", "Running", "1/2", 5, "10.244.1.2", "n"));
    }

    [Fact]
    public void A_services_ports_are_written_as_kubectl_does()
    {
        var service = Read(services: """
            {"items":[{"metadata":{"namespace":"default","name":"web"},"spec":{"type":"NodePort","clusterIP":"10.96.0.7",
             "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]}}]}
            """).Services.Single();
        (service.Ports, service.ClusterIp, service.External).ShouldBe(("80:30080/TCP,53/UDP", "10.96.0.7", ""));
    }

    [Theory]
    [InlineData("""{"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{"ingress":[{"ip":"172.18.255.1"},{"hostname":"lb.example.com"}]}}}""", "172.18.255.1,lb.example.com")]
    [InlineData("""{"spec":{"type":"ExternalName","externalName":"example.com"}}""", "example.com")]
    [InlineData("""{"spec":{"type":"ClusterIP","externalIPs":["192.0.2.7"]}}""", "192.0.2.7")]
    public void A_service_shows_where_it_is_outside_the_cluster(string service, string external) =>
        Read(services: $$"""{"items":[{{service}}]}""").Services.Single().External.ShouldBe(external);

    [Fact]
    public void A_service_shows_where_this_machine_reaches_it_and_the_view_the_clusters_name()
    {
        var view = ClusterViewReader.Read("lab", Parse(Nothing), Parse(Nothing), Parse("""{"items":[{"metadata":{"namespace":"shop","name":"web"}},{"metadata":{"namespace":"default","name":"web"}}]}"""),
            [new ServicePlace("shop", "web", "http://127.18.0.2:30080"), new ServicePlace("shop", "web", "http://127.18.0.3:30080 (no local endpoint)"), new ServicePlace("default", "web", "-")]);
        view.Name.ShouldBe("lab");
        view.Services.Select(service => string.Join(' ', service.Places)).ShouldBe(["http://127.18.0.2:30080 http://127.18.0.3:30080 (no local endpoint)", ""]);
    }

    private static ClusterView Read(string nodes = Nothing, string pods = Nothing, string services = Nothing) =>
        ClusterViewReader.Read("default", Parse(nodes), Parse(pods), Parse(services), []);

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
