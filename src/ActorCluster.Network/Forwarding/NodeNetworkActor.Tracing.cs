using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Addresses;
using ActorCluster.Network.Tables;
using ActorCluster.Network.Tracing;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>Traces: probes that take a real packet's way through tables, proxies, conntrack and policies, and are reported instead of delivered.</summary>
public sealed partial class NodeNetworkActor
{
    /// <summary>Probes that wait for a service's proxy, by the packet itself.</summary>
    private readonly Dictionary<Packets.Packet, PendingTrace> _traces = new(ReferenceEqualityComparer.Instance);

    private void OnTracePacket(TracePacket trace)
    {
        var (packet, steps) = (trace.Packet, new List<TraceStep>());
        if (trace.IsFirst && (packet.Destination == packet.Source || packet.Destination.IsLoopback) && _forwarding.PodAt(packet.Source) is { } pod)
        {
            steps.Add(new("loopback", $"{packet.Destination} is the pod itself: it never leaves the pod"));
            pod.Tell(new ProbeArrival(new(_options.NodeName, [.. steps], TraceOutcome.Delivered, nameof(Reason.LocalPod), packet), Sender));
            return;
        }
        if (!trace.IsFirst && _forwarding.Tables.TryRoute(packet.Source, out var from) && _options.Link.LossWith(from).HasFlag(LinkLoss.Received))
        {
            steps.Add(new("link", $"this node is cut off from node {from.Name}: what comes from there is lost"));
            Report(new(Fate.Drop, Reason.CutOff, packet), steps, Sender);
            return;
        }
        ReadClock();
        var verdict = _forwarding.Decide(packet, _now, steps);
        if (verdict.Fate == Fate.BindService)
        {
            _traces[verdict.Packet] = new(Sender, steps);
            ProxyFor(verdict.Flow!.Port).Tell(new BindFlow(verdict.Packet, verdict.Flow, IsProbe: true));
        }
        else if (verdict.Fate == Fate.BindHostPort)
        {
            _traces[verdict.Packet] = new(Sender, steps);
            OnProbeBound(new FlowBound(verdict.Packet, verdict.Flow!, verdict.Flow!.Candidates[0]));
        }
        else
        {
            Report(WithFaults(packet, verdict, steps), steps, Sender);
        }
    }

    /// <summary>The probe's flow is bound as a real one would be, followed one step further, and forgotten.</summary>
    private void OnProbeBound(FlowBound bound)
    {
        if (!_traces.Remove(bound.Packet, out var trace)) return;
        trace.Steps.Add(new("dnat", $"{bound.Flow.Port.Service}: {Choice(bound)} {new SocketAddress(bound.Endpoint.Address, bound.Endpoint.Port)}{Place(bound.Endpoint)}"));
        ReadClock();
        if (!_forwarding.Bind(bound.Packet, bound.Flow, bound.Endpoint, _now))
        {
            Report(new(Fate.Drop, Reason.ConntrackFull, bound.Packet), trace.Steps, trace.Asker);
            return;
        }
        var verdict = _forwarding.Decide(bound.Packet, _now, trace.Steps);
        _forwarding.Forget(bound.Packet);
        Report(WithFaults(bound.Packet, verdict, trace.Steps), trace.Steps, trace.Asker);
    }

    private static string Choice(FlowBound bound) => bound.ByAffinity ? "the client's last endpoint (sessionAffinity ClientIP)," : bound.Flow.Candidates.Length > 1 ? "chosen at random:" : "to";

    private static string Place(ServiceEndpoint endpoint) => endpoint.NodeName.Length > 0 ? $" on node {endpoint.NodeName}" : "";

    private void Report(Verdict verdict, List<TraceStep> steps, IActorRef asker)
    {
        if (verdict.Fate == Fate.ForwardToNode && _options.Link.LossWith(verdict.Node!).HasFlag(LinkLoss.Sent))
        {
            steps.Add(new("link", $"this node is cut off from node {verdict.Node!.Name}: what is sent there is lost"));
            verdict = new(Fate.Drop, Reason.CutOff, verdict.Packet);
        }
        var outcome = verdict.Fate switch
        {
            Fate.DeliverToPod or Fate.DeliverToHost => TraceOutcome.Delivered,
            Fate.ForwardToNode => TraceOutcome.Forwarded,
            Fate.Drop => TraceOutcome.Dropped,
            _ => TraceOutcome.Refused,
        };
        var report = new TraceReport(_options.NodeName, [.. steps], outcome, verdict.Reason.ToString(), verdict.Packet, verdict.Node?.Name);
        if (verdict.Fate == Fate.DeliverToPod) verdict.Pod!.Tell(new ProbeArrival(report, asker));
        else asker.Tell(verdict.Fate == Fate.DeliverToHost ? Arrival.Complete(report, _host) : report);
    }

    private sealed record PendingTrace(IActorRef Asker, List<TraceStep> Steps);
}
