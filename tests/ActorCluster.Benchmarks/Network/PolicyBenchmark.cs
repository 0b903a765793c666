using System.Diagnostics;
using ActorCluster.Benchmarks.Harness;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Forwarding;
using ActorCluster.Network.Packets;
using ActorCluster.Network.Policies;
using ActorCluster.Network.Tables;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.Benchmarks.Network;

/// <summary>
/// What the number of network policies costs a new flow between two pods that are isolated in both directions: all policies are of the pods' own namespace,
/// one isolates all pods, and each of the others selects the pods of one app, half of them by egress rules.
/// </summary>
internal sealed class PolicyBenchmark : IBenchmark
{
    private const int Many = 1000;
    private const int Few = 10;
    private const int FlowsBetweenLooks = 10_000;
    private const string Namespace = "shop";

    private static readonly IpAddress Node = IpAddress.Parse("172.18.0.2");
    private static readonly IpAddress Client = IpAddress.Parse("10.244.1.2");
    private static readonly IpAddress Server = IpAddress.Parse("10.244.1.3");

    public string Id => "policies";
    public string Subject => $"time of a flow's first packet, judged by network policies at both ends, with {Many:N0} policies";
    public string Yardstick => $"with {Few} policies";
    public Bar Bar => Bar.AtMost(1.5, "times");

    public Task<Measurement> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var (many, few) = (NewNode(Many), NewNode(Few));
        return SideBySide.MeasureAsync(settings, "ns", () => Task.FromResult(Cost(many, settings.Turn)), () => Task.FromResult(Cost(few, settings.Turn)));
    }

    private static NodeForwarding NewNode(int policies)
    {
        var builder = new PolicyTablesBuilder();
        builder.OnNamespace(null, new V1Namespace { Metadata = new() { Name = Namespace } });
        builder.OnPod(null, Pod("client", "app-0", Client));
        builder.OnPod(null, Pod("server", "app-1", Server));
        builder.OnPolicy(null, Policy("default-deny", new() { PodSelector = new(), PolicyTypes = ["Ingress", "Egress"] }));
        // app-0 may send to app-1, app-1 gets from app-0, app-2 may send to app-3, ...
        for (var i = 0; i < policies - 1; i++)
        {
            V1NetworkPolicyPeer[] peers = [new() { PodSelector = App($"app-{i ^ 1}") }];
            builder.OnPolicy(null, Policy($"policy-{i}", i % 2 == 0
                ? new() { PodSelector = App($"app-{i}"), PolicyTypes = ["Egress"], Egress = [new() { To = peers }] }
                : new() { PodSelector = App($"app-{i}"), PolicyTypes = ["Ingress"], Ingress = [new() { FromProperty = peers, Ports = [new() { Port = "80" }] }] }));
        }
        var node = new NodeForwarding("n1", NodeAddresses.Of([Node]), 131072);
        node.Replace(NetworkTables.Empty.WithNode(new("n1", [Node], "", [IpNetwork.Parse("10.244.1.0/24")])).WithPolicies(builder.Build()));
        node.Attach([Client], ActorRefs.Nobody);
        node.Attach([Server], ActorRefs.Nobody);
        if (node.Decide(Syn(1024, 81), 0).Reason != Reason.NetworkPolicy) throw new InvalidOperationException("The policies don't hold.");
        return node;
    }

    private static double Cost(NodeForwarding node, TimeSpan duration)
    {
        var (flows, clock) = (0L, Stopwatch.StartNew());
        while (clock.Elapsed < duration)
        {
            for (var i = 0; i < FlowsBetweenLooks; i++, flows++)
                if (node.Decide(Syn((ushort)(1024 + i), 80), 0).Fate != Fate.DeliverToPod) throw new InvalidOperationException("The flow was refused.");
        }
        return clock.Elapsed.TotalNanoseconds / flows;
    }

    private static TcpPacket Syn(ushort sourcePort, ushort port) => new(Client, Server, sourcePort, port, 1, 0, TcpFlags.Syn, 1000, default);

    private static PolicyPod Pod(string name, string app, IpAddress address) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = Namespace, Uid = name, Labels = new Dictionary<string, string> { ["app"] = app } },
        Status = new() { PodIPs = [new() { Ip = address.ToString() }] },
    };

    private static V1NetworkPolicy Policy(string name, V1NetworkPolicySpec spec) => new() { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = spec };

    private static V1LabelSelector App(string app) => new() { MatchLabels = new Dictionary<string, string> { ["app"] = app } };
}
