using ActorCluster.EndToEnd.Tests.Support;

namespace ActorCluster.EndToEnd.Tests;

/// <summary>`actorcluster trace`: every hop, and why a packet arrives or does not.</summary>
[Collection(SharedClusterTests.Name)]
public sealed class TraceTests(SharedCluster shared)
{
    private readonly RunningCluster _cluster = shared.Cluster;

    [Fact]
    public async Task A_trace_follows_a_packet_from_node_to_node_and_names_what_decided_on_it()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "trace-hops");
        var nodePort = (await _cluster.GetAsync("service", "web", "-n", "trace-hops")).GetProperty("spec").GetProperty("ports")[0].GetProperty("nodePort").GetInt32();

        (await shop.TraceAsync("pod/client", "pod/web-1:80")).ShouldSucceed().Output.ShouldSatisfyAllConditions(
            output => output.ShouldContain("1. node worker-1\n"),
            output => output.ShouldNotContain("2. node"),
            output => output.ShouldContain("socket     a program listens on TCP port 80\n=> delivered\n"));
        (await shop.TraceAsync("pod/client", "pod/web-2:80")).ShouldSucceed().Output.ShouldSatisfyAllConditions(
            output => output.ShouldContain("is behind node worker-2\n2. node worker-2\n"),
            output => output.ShouldContain("deliver    to pod trace-hops/web-2, 10.244."));
        (await shop.TraceAsync("pod/client", "svc/web:http")).ShouldSucceed().Output.ShouldSatisfyAllConditions(
            output => output.ShouldContain("service    trace-hops/web port 8080, by its cluster IP, internalTrafficPolicy Cluster: one of 2 endpoints, 10.244."),
            output => output.ShouldContain("dnat       trace-hops/web: chosen at random: 10.244."));
        (await shop.SeeAsync($"by its node port {nodePort}, externalTrafficPolicy Cluster: one of 2 endpoints", "pod/client", $"node/worker-2:{nodePort}")).ShouldSucceed();
        (await shop.TraceAsync("pod/client", "pod/web-2")).ShouldSucceed().Output.ShouldContain("echo requests are answered");
        (await shop.TraceAsync("pod/client", "svc/kube-system/kube-dns:53", "--protocol", "udp")).ShouldSucceed().Output.ShouldContain("a program listens on UDP port 53");
    }

    [Fact]
    public async Task A_name_is_looked_up_as_the_pod_would_do_it()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "trace-names");

        (await shop.SeeAsync("dns        A web.trace-names.svc.cluster.local, asked 10.96.0.10: 10.", "pod/client", "web:8080")).ShouldSucceed();
        (await shop.SeeAsync("A pods.trace-names.svc.cluster.local, asked 10.96.0.10: 10.244.", "pod/client", "svc/pods:80")).ShouldSucceed()
            .Output.ShouldContain("pods.trace-names.svc, looked up by pod trace-names/client\n");
        (await shop.SeeAsync(": alias of web.trace-names.svc.cluster.local, 10.", "pod/client", "svc/alias:8080")).ShouldSucceed();
        (await shop.TraceAsync("pod/client", "absent:80")).ShouldExitWith(1).Output.ShouldSatisfyAllConditions(
            output => output.ShouldContain("A absent.trace-names.svc.cluster.local, asked 10.96.0.10: there is no such name (NXDOMAIN)"),
            output => output.ShouldContain("=> not sent (NotFound): absent: Name or service not known\n"));
    }

    [Fact]
    public async Task What_does_not_arrive_is_refused_or_dropped_with_the_reason()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "trace-why");

        (await shop.TraceAsync("pod/client", "pod/web-2:81")).ShouldExitWith(1).Output.ShouldContain("=> refused (NoListener): nobody listens on TCP port 81: connection refused\n");
        (await shop.SeeAsync("=> refused (NoEndpoints): trace-why/empty port 80, by its cluster IP has no endpoints: its EndpointSlices have no address; does a pod match its selector?\n", "pod/client", "svc/empty:80")).ShouldExitWith(1);
        (await shop.SeeAsync("has no endpoints on node worker-1, and internalTrafficPolicy Local\n", "pod/client", "svc/local:80")).ShouldExitWith(1);
        (await shop.TraceAsync("pod/client", "192.0.2.1:80")).ShouldExitWith(1).Output.ShouldContain("=> refused (NoRoute): there is none to 192.0.2.1\n");

        await shop.ApplyAsync(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web-in}
            spec:
              podSelector: {matchLabels: {app: web}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {role: friend}}}], ports: [{port: http}]}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: host-out}
            spec: {podSelector: {matchLabels: {app: quiet}}, policyTypes: [Egress]}
            """);
        await shop.SeeAsync("=> dropped (NetworkPolicy): ingress of trace-why/web-1: isolated by trace-why/web-in, no rule matched\n", "pod/client", "pod/web-1:80");
        (await _cluster.KubectlAsync("label", "pod", "client", "-n", "trace-why", "role=friend")).ShouldSucceed();
        await shop.SeeAsync("policy     ingress of trace-why/web-1: allowed by trace-why/web-in, ingress[0], podSelector role=friend\n", "pod/client", "pod/web-1:80");
        (await _cluster.KubectlAsync("label", "pod", "client", "-n", "trace-why", "app=quiet")).ShouldSucceed();
        await shop.SeeAsync("=> dropped (NetworkPolicy): egress of trace-why/client: isolated by trace-why/host-out, no rule matched\n", "pod/client", "pod/web-1:80");
    }

    [Fact]
    public async Task Wrong_input_is_told_what_is_wrong_with_it()
    {
        await using var shop = await Shop.OpenAsync(_cluster, "trace-wrong");

        (await shop.TraceAsync("pod/absent", "svc/web:8080")).ShouldFailWith(1, "There is no pod 'absent' in namespace 'trace-wrong'.");
        (await shop.TraceAsync("pod/client", "svc/absent:80")).ShouldFailWith(1, "There is no service 'absent' in namespace 'trace-wrong'.");
        (await shop.TraceAsync("pod/client", "svc/web:https")).ShouldFailWith(1, "Service 'web' has no port 'https'.");
        (await shop.TraceAsync("pod/client", "node/worker-9:80")).ShouldFailWith(1, "There is no node 'worker-9'.");
        (await shop.TraceAsync("client", "svc/web:80")).ShouldFailWith(2, "FROM: 'client' is no pod");
        (await shop.TraceAsync("pod/client", "deploy/web:80")).ShouldFailWith(2, "TO: 'deploy/web:80' can't be read");
    }
}
