using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>A StatefulSet behind its headless service, as its user sees it by kubectl.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class StatefulSetTests(SharedCluster shared)
{
    private const string Manifest = """
        apiVersion: v1
        kind: Service
        metadata: {name: db}
        spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db}
        spec:
          serviceName: db
          replicas: 2
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec: {terminationGracePeriodSeconds: 1, containers: [{name: main, image: nginx}]}
        """;

    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task A_stateful_set_has_pods_of_fixed_names_that_DNS_knows_and_is_scaled_and_rolled_out_and_back()
    {
        (await _cluster.KubectlWithInputAsync(Manifest, "apply", "-f", "-")).ShouldSucceed();
        await SeeAsync("db-0=nginx db-1=nginx ");
        (await _cluster.KubectlAsync("exec", "db-0", "--", "hostname")).ShouldSucceed().Output.Trim().ShouldBe("db-0");
        var address = (await _cluster.KubectlAsync("get", "pod", "db-1", "-o", "jsonpath={.status.podIP}")).ShouldSucceed().Output.Trim();
        await Eventually.SeeAsync(() => _cluster.KubectlAsync("exec", "db-0", "--", "getent", "hosts", "db-1.db"), result => result.Output.StartsWith(address, StringComparison.Ordinal), address);

        (await _cluster.KubectlAsync("scale", "sts/db", "--replicas=3")).ShouldSucceed();
        await SeeAsync("db-0=nginx db-1=nginx db-2=nginx ");
        (await _cluster.KubectlAsync("set", "image", "sts/db", "main=httpd")).ShouldSucceed();
        await SeeAsync("db-0=httpd db-1=httpd db-2=httpd ");
        (await _cluster.KubectlAsync("rollout", "undo", "sts/db")).ShouldSucceed();
        await SeeAsync("db-0=nginx db-1=nginx db-2=nginx ");
        (await _cluster.KubectlAsync("rollout", "history", "sts/db")).ShouldSucceed().Lines.Count(line => line.StartsWith('2') || line.StartsWith('3')).ShouldBe(2);
        (await _cluster.KubectlAsync("describe", "sts", "db")).ShouldSucceed().Output.ShouldContain("Create Pod db-2 in StatefulSet db successful");

        (await _cluster.KubectlAsync("delete", "sts,svc", "db")).ShouldSucceed();
        (await _cluster.KubectlAsync("wait", "--for=delete", "pod", "-l", "app=db", "--timeout=240s")).ShouldSucceed();
    }

    private async Task SeeAsync(string pods)
    {
        (await _cluster.KubectlAsync("rollout", "status", "sts/db", "--timeout=240s")).ShouldSucceed();
        (await _cluster.KubectlAsync("get", "pods", "-l", "app=db", "-o", "jsonpath={range .items[*]}{.metadata.name}={.spec.containers[0].image} {end}"))
            .ShouldSucceed().Output.ShouldBe(pods);
    }
}
