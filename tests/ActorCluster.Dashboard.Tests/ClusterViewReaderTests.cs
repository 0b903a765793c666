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
        service.ShouldBe(new ServiceRow("default", "web", "NodePort", "10.96.0.7", "80:30080/TCP,53/UDP"));
    }

    private static ClusterView Read(string nodes = Nothing, string pods = Nothing, string services = Nothing) =>
        ClusterViewReader.Read(Parse(nodes), Parse(pods), Parse(services));

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
