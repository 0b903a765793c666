using ActorCluster.TestKit;
using k8s;
using k8s.Models;
using Shouldly;
using Xunit.Abstractions;

/// <summary>Gives each namespace that is labelled team=... a quota.</summary>
public sealed class QuotaOperator(IKubernetes client)
{
    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var (change, ns) in client.CoreV1.WatchListNamespaceAsync(labelSelector: "team", cancellationToken: stopping))
        {
            if (change is not (WatchEventType.Added or WatchEventType.Modified)) continue;
            var quotas = await client.CoreV1.ListNamespacedResourceQuotaAsync(ns.Metadata.Name, cancellationToken: stopping);
            if (quotas.Items.Any(quota => quota.Metadata.Name == "team")) continue;
            var quota = new V1ResourceQuota
            {
                Metadata = new V1ObjectMeta { Name = "team" },
                Spec = new V1ResourceQuotaSpec { Hard = new Dictionary<string, ResourceQuantity> { ["pods"] = new("2") } },
            };
            await client.CoreV1.CreateNamespacedResourceQuotaAsync(quota, ns.Metadata.Name, cancellationToken: stopping);
        }
    }
}

public class QuotaOperatorSpecs(ITestOutputHelper output) : ClusterTestKit(output)
{
    [Fact]
    public async Task A_team_gets_no_more_pods_than_its_quota()
    {
        await using var cluster = await StartClusterAsync(nodes: 1);
        using var client = await cluster.CreateKubernetesClientAsync();
        using var stopping = new CancellationTokenSource();
        var running = new QuotaOperator(client).RunAsync(stopping.Token);

        await cluster.ApplyYamlAsync("""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: red
              labels:
                team: red
            """);
        await cluster.Object<V1ResourceQuota>("team", ns: "red").ShouldBecomeAsync(quota => quota.Status != null && quota.Status.Hard != null);
        await cluster.ApplyYamlAsync("""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: many
              namespace: red
            spec:
              replicas: 5
              selector:
                matchLabels:
                  app: many
              template:
                metadata:
                  labels:
                    app: many
                spec:
                  containers:
                  - name: c
                    image: registry.k8s.io/pause
            """);
        await cluster.Deployment("many", ns: "red").ShouldBecomeAsync(many => many.Status.AvailableReplicas == 2);

        await stopping.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }
}
