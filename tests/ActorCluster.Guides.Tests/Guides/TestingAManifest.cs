using ActorCluster.TestKit;
using Shouldly;
using Xunit.Abstractions;

public partial class WebSpecs(ITestOutputHelper output) : ClusterTestKit(output)
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
            spec:
              containers:
              - name: web
                image: nginx
                ports:
                - containerPort: 80
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          selector:
            app: web
          ports:
          - port: 80
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: client
          labels:
            role: client
        spec:
          containers:
          - name: client
            image: busybox
            command: [sleep, infinity]
        """;

    [Fact]
    public async Task The_manifest_gives_a_service_that_answers()
    {
        await using var cluster = await StartClusterAsync(nodes: 2);
        await cluster.ApplyYamlAsync(Manifest);                               // or ApplyAsync("path/of/a/file.yml")
        await cluster.Deployment("web").ShouldBeAvailableAsync();
        await cluster.Service("web").ShouldHaveEndpointsAsync(2);
        await cluster.Pod("client").ShouldBeReadyAsync();
        using var client = cluster.Pod("client").CreateHttpClient();
        (await client.GetStringAsync("http://web")).ShouldContain("Welcome to nginx");
        (await cluster.Pod("client").ExecAsync("nslookup", "web.default.svc.cluster.local")).ExitCode.ShouldBe(0);
    }
}

public partial class WebSpecs
{
    [Fact]
    public async Task Only_clients_reach_it()
    {
        await using var cluster = await StartClusterAsync(nodes: 2);
        await cluster.ApplyYamlAsync(Manifest);
        await cluster.ApplyYamlAsync("""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata:
              name: web
            spec:
              podSelector:
                matchLabels:
                  app: web
              ingress:
              - from:
                - podSelector:
                    matchLabels:
                      role: client
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: stranger
            spec:
              containers:
              - name: stranger
                image: busybox
                command: [sleep, infinity]
            """);
        await cluster.Deployment("web").ShouldBeAvailableAsync();
        await cluster.Pod("client").ShouldBeReadyAsync();
        await cluster.Pod("stranger").ShouldBeReadyAsync();
        cluster.Network.Trace("client", "web").ShouldReach("web-*");
        cluster.Network.Trace("stranger", "web").ShouldNotArrive("NetworkPolicy");
    }
}

public partial class WebSpecs
{
    [Fact]
    public async Task A_rollout_of_an_image_that_does_not_exist_keeps_the_old_pods()
    {
        await using var cluster = await StartClusterAsync(nodes: 2);
        await cluster.ApplyYamlAsync(Manifest);
        await cluster.Deployment("web").ShouldBeAvailableAsync();
        await cluster.Deployment("web").PatchAsync("""{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"no/such-image"}]}}}}""");
        await cluster.Clock.AdvanceAsync(TimeSpan.FromMinutes(11));           // progressDeadlineSeconds is 600
        var web = await cluster.Deployment("web").ShouldBecomeAsync(
            deployment => deployment.Status.Conditions.Any(condition => condition is { Type: "Progressing", Reason: "ProgressDeadlineExceeded" }));
        web.Status.AvailableReplicas.ShouldBe(2);
    }
}
