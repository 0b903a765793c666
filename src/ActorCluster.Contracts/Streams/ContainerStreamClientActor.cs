using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Remote;

namespace ActorCluster.Contracts.Streams;

/// <summary>
/// The caller's end of one stream: opens it at the node, numbers and checks frames, and fails the stream when the node is lost.
/// </summary>
/// <remarks>A top-level actor of the caller's process, made by <see cref="ContainerStreamConnector"/>. Never restarted: when it stops, the stream has ended.</remarks>
internal sealed class ContainerStreamClientActor(
    RemoteContainerStream stream, string nodeName, Address nodeAddress, ContainerStreamRequest request, SimulationContext simulation) : UntypedActor
{
    private LinkWatch _link = null!;
    private IActorRef? _server;
    private long _sent;
    private long _received;

    protected override void PreStart()
    {
        _link = new LinkWatch(Context, simulation.Clock);
        var node = Context.ActorSelection(new RootActorPath(nodeAddress) / WellKnown.NodesPath.Split('/', StringSplitOptions.RemoveEmptyEntries) / nodeName);
        node.Tell(new Identify(nodeName));
        node.Tell(new OpenContainerStream(request));
    }

    protected override void PostStop()
    {
        _link.Stop();
        Fail("the stream's actor was stopped");
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StreamFrame frame: OnFrame(frame); break;
            case SendContent send: OnSend(send.Content); break;
            case ActorIdentity identity: OnIdentity(identity); break;
            case LinkTick: OnTick(); break;
            case AssociationEvent link: OnLink(link); break;
            default: Unhandled(message); break;
        }
    }

    private void OnFrame(StreamFrame frame)
    {
        if (frame.Sequence != ++_received)
        {
            End("messages from its node were lost");
            return;
        }

        _link.Heard();
        _server ??= Sender;
        switch (frame.Content)
        {
            case StreamAccepted: stream.OnAccepted(); break;
            case StreamData data: stream.OnOutput(data); break;
            case StreamCredit credit: stream.OnCredit(credit); break;
            case StreamExited exited:
                stream.OnExit(exited.Exit);
                Context.Stop(Self);
                break;
            case StreamFailed failed:
                stream.OnFailure(new ContainerStreamException(failed.StatusCode, failed.Reason, failed.Message));
                Context.Stop(Self);
                break;
            case StreamAlive: break;
            default: Unhandled(frame); break;
        }
    }

    private void OnSend(IStreamContent content)
    {
        // Before the server's first frame there is nobody to tell; only giving up can happen that early.
        _server?.Tell(new StreamFrame(++_sent, content), Self);
        if (content is not StreamAbandoned) return;
        Fail("the caller closed the stream");
        Context.Stop(Self);
    }

    private void OnIdentity(ActorIdentity identity)
    {
        if (identity.Subject is null) End($"no node {nodeName} at {nodeAddress}");
    }

    private void OnTick()
    {
        if (_link.IsSilent) End("its node doesn't answer");
        else _server?.Tell(new StreamFrame(++_sent, new StreamAlive()), Self);
    }

    private void OnLink(AssociationEvent link)
    {
        if (LinkWatch.IsLoss(link, nodeAddress)) End("the connection to its node was lost");
    }

    private void End(string why)
    {
        Fail(why);
        _server?.Tell(new StreamFrame(++_sent, new StreamAbandoned()), Self);
        Context.Stop(Self);
    }

    private void Fail(string why) =>
        stream.OnFailure(new ContainerStreamException(500, "InternalError", $"error dialing backend: stream to node {nodeName}: {why}"));
}
