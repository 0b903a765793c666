using ActorCluster.Contracts.Runtime;
using ActorCluster.Contracts.Streams;
using ActorCluster.Network.Sockets;
using ActorCluster.Nodes.Logs;
using ActorCluster.Nodes.Pods;
using Akka.Actor;

namespace ActorCluster.Nodes.Streams;

/// <summary>Serves log, exec, attach and port-forward streams to the containers of one node, kills them, and traces, look-ups and captures of its network.</summary>
/// <param name="host">The node's own network; null while the node has none yet.</param>
/// <param name="network">The node's <c>NodeNetworkActor</c>; null: it has none yet.</param>
internal sealed class ContainerStreamHandler(IActorRef node, SimulationContext simulation, INetworkNamespace? host = null, IActorRef? network = null) : IContainerStreamHandler
{
    private const int SignalKill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<StreamExit> HandleAsync(ContainerStreamRequest request, IContainerStreamPeer peer)
    {
        switch (request)
        {
            case DialRequest dial:
                return await DialStream.RunAsync(host ?? throw new ContainerStreamException(503, "ServiceUnavailable", "the node has no network yet"), dial, peer);
            case AgentRequest agent:
                return await AgentStream.RunAsync(node, agent, peer);
            case TraceRequest trace:
                return await TraceStream.RunAsync(Network(), trace, peer);
            case CaptureRequest capture:
                return await CaptureStream.RunAsync(Network(), capture, peer);
        }

        var access = await FindAsync(request, peer.CallerGone);
        switch (request)
        {
            case LogRequest log:
                // Who reads all of it needs it no second time when attached: kubectl 1.36 does the one before the other.
                if (log is { Previous: false, TailLines: null, SinceSeconds: null, SinceTime: null, LimitBytes: null }) access.Instance?.ForgetOutput();
                await LogReader.WriteAsync(LogSelection.Choose(access, log), log, peer, simulation.Clock);
                return new StreamExit(null);
            case ExecRequest exec:
                return await ExecStream.RunAsync(Running(access, exec), exec, peer);
            case AttachRequest attach:
                return await AttachStream.RunAsync(Attachable(access, attach), attach, peer);
            case KillContainerRequest kill:
                Running(access, kill).Container.Signal(SignalKill);
                return new StreamExit(null);
            case LookupRequest lookup:
                return await LookupStream.RunAsync(access, simulation, lookup, peer);
            case PortForwardRequest forward:
                return await PortForwardStream.RunAsync(access.Network ?? throw NotFound($"pod not found (\"{forward.Pod}_{forward.Namespace}\")"), forward, peer);
            default:
                throw new ContainerStreamException(400, "BadRequest", $"unknown stream {request.GetType().Name}");
        }
    }

    private IActorRef Network() => network ?? throw new ContainerStreamException(503, "ServiceUnavailable", "the node has no network yet");

    private async Task<ContainerAccess> FindAsync(ContainerStreamRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await node.Ask<object>(new FindContainer(request.Namespace, request.Pod, request.PodUid, request.Container), Patience, cancellationToken) switch
            {
                ContainerAccess access => access,
                ContainerAbsent absent => throw NotFound(absent.Message),
                var other => throw new InvalidOperationException($"The node answered {other}."),
            };
        }
        catch (AskTimeoutException)
        {
            // The pod's actor ended between the question and its answer.
            throw NotFound($"pod \"{request.Pod}\" cannot be found");
        }
    }

    /// <summary>Upstream finds only running containers, so that an ended one is "not found", too.</summary>
    private static Processes.ContainerInstance Running(ContainerAccess access, ContainerStreamRequest request) =>
        access is { State.Phase: Lifecycle.ContainerPhase.Running or Lifecycle.ContainerPhase.Stopping, Instance: { } instance } && !instance.Main!.Exit.IsCompleted
            ? instance
            : throw NotFound(request is AttachRequest ? $"container {request.Container} not found in pod {request.Pod}_{request.Namespace}" : $"container not found (\"{request.Container}\")");

    /// <summary>Also one that is made to be attached to and ended before anybody was: `kubectl run -i` of a short command shows all that it said.</summary>
    private static Processes.ContainerInstance Attachable(ContainerAccess access, AttachRequest request) =>
        access.Instance is { StdinOnce: true, Stdout.WaitsForFirst: true, Main: not null } ended ? ended : Running(access, request);

    private static ContainerStreamException NotFound(string message) => new(404, "NotFound", message);
}
