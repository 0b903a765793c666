using System.Globalization;
using ActorCluster.Contracts.Client;
using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Dns;
using ActorCluster.Network.Tracing;
using ActorCluster.Nodes.Agent;
using Akka.Actor;
using k8s.Models;

namespace ActorCluster.TestKit.Networking;

/// <summary>Sends probes through the nodes' networks (<see cref="TracePacket"/>), from the one to the next, on the cluster's loop.</summary>
internal sealed class Tracer(TestCluster cluster)
{
    private const int MostHops = 16;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private readonly KubeClient _client = new(cluster.Inner.Api, "test");

    public async Task<NetworkTrace> TraceAsync(string from, string to)
    {
        var (ns, name) = Split(from, "default");
        var sender = await _client.GetAsync<V1Pod>(ns, name) ?? throw new ClusterAssertionException($"There is no pod {ns}/{name} to trace from.");
        if (await IsPausedAsync(sender.Spec.NodeName ?? "")) throw new ClusterAssertionException($"Pod {ns}/{name} can't send now: its node {sender.Spec.NodeName} is paused.");
        var network = string.IsNullOrEmpty(sender.Spec.NodeName) ? PodNetwork.None : await cluster.Inner.Nodes.Ask<PodNetwork>(new GetPodNetwork(sender.Spec.NodeName, sender.Metadata.Uid));
        if (network.Network is null) throw new ClusterAssertionException($"Pod {ns}/{name} has no network now: it is {sender.Status?.Phase}{(string.IsNullOrEmpty(sender.Spec.NodeName) ? "" : $" on {sender.Spec.NodeName}")}.");
        var target = await ResolveAsync(ns, to, network);
        var source = network.Addresses.FirstOrDefault(own => own.IsV4 == target.Address.IsV4, network.Addresses[0]);
        var description = $"{target.Protocol} from pod {ns}/{name} ({source}) to {target.Description}";

        var hops = new List<TraceHop>();
        var packet = ProbePackets.Of(target.Protocol.ToLowerInvariant(), source, target.Address, 0, target.Port)
            ?? throw new ClusterAssertionException($"Nothing can be traced by {target.Protocol}.");
        var node = sender.Spec.NodeName!; // it has a network
        for (var hop = 1; hop <= MostHops; hop++)
        {
            var report = await AskAsync(node, new TracePacket(packet, IsFirst: hop == 1));
            if (report is null)
            {
                var isPaused = await IsPausedAsync(node);
                hops.Add(new(node, "node", isPaused ? "is paused: what is sent to it waits" : "doesn't run: what is sent to it is lost"));
                return new(description, [.. hops], nameof(TraceOutcome.Dropped), isPaused ? "NodePaused" : "NodeDown", packet.Destination.ToString());
            }
            hops.AddRange(report.Steps.Select(step => new TraceHop(report.Node, step.Stage, step.Detail)));
            if (report.Outcome != TraceOutcome.Forwarded) return new(description, [.. hops], report.Outcome.ToString(), report.Reason, await ReceiverAsync(report.Packet.Destination));
            (packet, node) = (report.Packet, report.NextNode!);
        }
        return new(description, [.. hops], nameof(TraceOutcome.Dropped), "Loop", packet.Destination.ToString());
    }

    /// <summary>A node's own answer; null where it can't give one: it doesn't run, or is paused.</summary>
    private async Task<TraceReport?> AskAsync(string node, TracePacket probe)
    {
        if (await IsPausedAsync(node)) return null;
        var path = new ChildActorPath(cluster.Inner.Nodes.Path, node, ActorCell.UndefinedUid) / "network";
        // Patience by the cluster's clock, for a node that is killed meanwhile: a busy machine says nothing about a node.
        using var patience = new CancellationTokenSource(_patience, cluster.Simulation.Clock);
        try
        {
            var network = (await cluster.Inner.System.ActorSelection(path).Ask<ActorIdentity>(new Identify(null), patience.Token)).Subject;
            return network is null ? null : await network.Ask<TraceReport>(probe, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<bool> IsPausedAsync(string node) => (await cluster.Inner.Nodes.Ask<HostedNodes>(new GetNodes())).Paused.Contains(node);

    private async Task<string> ReceiverAsync(IpAddress address)
    {
        var text = address.ToString();
        var pods = await _client.ListAsync<V1Pod>();
        return pods.FirstOrDefault(pod => pod.Spec.HostNetwork != true && (pod.Status?.PodIPs?.Any(own => own.Ip == text) ?? false))?.Metadata.Name ?? text;
    }

    private async Task<Target> ResolveAsync(string ns, string to, PodNetwork network)
    {
        var (host, portText) = SplitPort(to);
        ushort? port = portText is null ? null : ushort.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ClusterAssertionException($"'{portText}' is no port.");
        if (IpAddress.TryParse(host, out var literal)) return Of(literal, port, "TCP", "");
        var (targetNs, name) = Split(host, ns);
        if (await _client.GetAsync<V1Service>(targetNs, name) is { } service)
        {
            var ports = service.Spec.Ports ?? [];
            if (port is null && ports.Count != 1) throw new ClusterAssertionException($"Service {targetNs}/{name} has {ports.Count} ports: say which, like {to}:80.");
            var chosen = ports.FirstOrDefault(candidate => port is null || candidate.Port == port);
            var protocol = chosen?.Protocol ?? "TCP";
            var number16 = (ushort)(chosen?.Port ?? port!.Value);
            if (service.Spec.ClusterIPs?.FirstOrDefault(ip => ip.Length > 0 && ip != "None") is { } ip) return Of(IpAddress.Parse(ip), number16, protocol, $"service {targetNs}/{name} ");
            return Of(await LookUpAsync(network, $"{name}.{targetNs}.svc.{WellKnown.ClusterDomain}"), number16, protocol, $"service {targetNs}/{name} ");
        }
        if (await _client.GetAsync<V1Pod>(targetNs, name) is { } pod)
            return Of(IpAddress.Parse(pod.Status?.PodIP ?? throw new ClusterAssertionException($"Pod {targetNs}/{name} has no address yet.")), port, "TCP", $"pod {targetNs}/{name} ");
        return Of(await LookUpAsync(network, host), port, "TCP", $"{host} ");
    }

    private async Task<IpAddress> LookUpAsync(PodNetwork network, string name)
    {
        try
        {
            return (await new StubResolver(network.Network!, network.ResolvConf, network.Hosts, cluster.Simulation).ResolveAsync(name))[0];
        }
        catch (DnsFaultException fault)
        {
            throw new ClusterAssertionException($"There is no service or pod {name}, and the pod can't resolve it as a name: {fault.Message} ({fault.Fault}).");
        }
    }

    private static Target Of(IpAddress address, ushort? port, string protocol, string what)
    {
        var text = port is null ? address.ToString() : string.Create(CultureInfo.InvariantCulture, $"{(address.IsV4 ? address : $"[{address}]")}:{port}");
        return new(address, port ?? 0, port is null ? "ICMP" : protocol.ToUpperInvariant(), what.Length == 0 ? text : $"{what}({text})");
    }

    private static (string Namespace, string Name) Split(string text, string ns) => text.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? (text[..slash], text[(slash + 1)..]) : (ns, text);

    private static (string Host, string? Port) SplitPort(string text)
    {
        if (IpAddress.TryParse(text, out _)) return (text, null);
        var colon = text.LastIndexOf(':');
        return colon < 0 ? (text, null) : (text[..colon].Trim('[', ']'), text[(colon + 1)..]);
    }

    private sealed record Target(IpAddress Address, ushort Port, string Protocol, string Description);
}
