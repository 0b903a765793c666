namespace ActorCluster.EndToEnd.Tests.Support;

/// <summary>
/// A namespace for tests of `trace` and `capture`: a client on worker-1, a web server on worker-1 and one on worker-2, and services in front of them: web (type NodePort),
/// pods (headless), alias (ExternalName), local (of worker-2's server, internalTrafficPolicy Local) and empty (of nothing).
/// </summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly RunningCluster _cluster;
    private readonly string _namespace;

    private Shop(RunningCluster cluster, string ns) => (_cluster, _namespace) = (cluster, ns);

    public static async Task<Shop> OpenAsync(RunningCluster cluster, string ns)
    {
        var shop = new Shop(cluster, ns);
        (await cluster.KubectlAsync("create", "namespace", ns)).ShouldSucceed();
        await shop.ApplyAsync(Manifest(ns));
        (await cluster.KubectlAsync("wait", "-n", ns, "--for=condition=Ready", "pod", "--all", "--timeout=240s")).ShouldSucceed();
        await cluster.ServiceIsKnownAsync("web", "app=web", ns);
        await shop.SeeAsync("=> delivered", "pod/client", "alias:8080");
        return shop;
    }

    public async Task ApplyAsync(string manifest) => (await _cluster.KubectlWithInputAsync(manifest, "apply", "-n", _namespace, "-f", "-")).ShouldSucceed();

    public Task<CommandResult> TraceAsync(params IReadOnlyList<string> arguments) => _cluster.ActorClusterAsync(["trace", .. arguments, "-n", _namespace]);

    /// <summary>Waits until a trace says something.</summary>
    public Task<CommandResult> SeeAsync(string wanted, params IReadOnlyList<string> arguments) =>
        Eventually.SeeAsync(() => TraceAsync(arguments), result => result.Output.Contains(wanted, StringComparison.Ordinal), $"'{wanted}'");

    public async ValueTask DisposeAsync() => (await _cluster.KubectlAsync("delete", "namespace", _namespace)).ShouldSucceed();

    private static string Manifest(string ns) =>
        $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: client, labels: {run: client}}
        spec: {nodeName: worker-1, terminationGracePeriodSeconds: 0, containers: [{name: c, image: busybox, command: [sleep, "1000000"]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-1, labels: {app: web}}
        spec: {nodeName: worker-1, containers: [{name: c, image: nginx, ports: [{name: http, containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-2, labels: {app: web, at: far}}
        spec: {nodeName: worker-2, containers: [{name: c, image: nginx, ports: [{name: http, containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 8080, targetPort: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: pods}
        spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: alias}
        spec: {type: ExternalName, externalName: web.{{{ns}}}.svc.cluster.local}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: local}
        spec: {internalTrafficPolicy: Local, selector: {at: far}, ports: [{port: 80}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: empty}
        spec: {selector: {app: nobody}, ports: [{port: 80}]}
        """;
}
