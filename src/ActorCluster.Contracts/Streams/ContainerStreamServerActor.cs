using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace ActorCluster.Contracts.Streams;

/// <summary>
/// The container's end of one stream: runs the handler, numbers and checks frames, and cancels the handler's token when the caller is gone.
/// </summary>
/// <remarks>Child of the node's actor, made for one <see cref="OpenContainerStream"/>, which is forwarded to it. Stops when the handler is done.
/// Never restarted: a fault ends the stream.</remarks>
public sealed class ContainerStreamServerActor : UntypedActor
{
    private readonly IContainerStreamHandler _handler;
    private readonly SimulationContext _simulation;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ContainerStreamPeer _peer;
    private LinkWatch _link = null!;
    private IActorRef? _caller;
    private long _sent;
    private long _received;
    private bool _accepted;

    /// <summary>By way of <see cref="Props"/>.</summary>
    public ContainerStreamServerActor(IContainerStreamHandler handler, SimulationContext simulation)
    {
        _handler = handler;
        _simulation = simulation;
        _peer = new ContainerStreamPeer(Self);
    }

    /// <summary>For a child of the node's actor that serves one stream: forward the <see cref="OpenContainerStream"/> to it.</summary>
    public static Props Props(IContainerStreamHandler handler, SimulationContext simulation) =>
        Akka.Actor.Props.Create(() => new ContainerStreamServerActor(handler, simulation));

    protected override void PreStart() => _link = new LinkWatch(Context, _simulation.Clock);

    protected override void PostStop()
    {
        _link.Stop();
        if (_caller is not null) Send(new StreamFailed(500, "InternalError", "the node stopped the stream"));
        _peer.OnCallerGone();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenContainerStream open when _caller is null: OnOpen(open); break;
            case StreamFrame frame: OnFrame(frame); break;
            case SendContent send: OnSend(send.Content); break;
            case HandlerDone done: OnDone(done); break;
            case LinkTick: OnTick(); break;
            case AssociationEvent link: OnLink(link); break;
            default: Unhandled(message); break;
        }
    }

    private void OnOpen(OpenContainerStream open)
    {
        _caller = Sender;
        Send(new StreamAlive());
        _link.TellAfter(ContainerStreamProtocol.AcceptAfter, new SendContent(new StreamAccepted()));
        _simulation.Start(() => RunAsync(_handler, open.Request, _peer)).PipeTo(Self, useConfigureAwait: true);
    }

    private static async Task<HandlerDone> RunAsync(IContainerStreamHandler handler, ContainerStreamRequest request, ContainerStreamPeer peer)
    {
        try
        {
            return new HandlerDone(await handler.HandleAsync(request, peer), null);
        }
        catch (Exception fault)
        {
            return new HandlerDone(default, fault);
        }
    }

    private void OnFrame(StreamFrame frame)
    {
        if (frame.Sequence != ++_received)
        {
            Leave();
            return;
        }

        _link.Heard();
        switch (frame.Content)
        {
            case StreamData data: _peer.OnInput(data); break;
            case StreamInputClosed closed: _peer.OnInputClosed(closed.Channel); break;
            case StreamCredit credit: _peer.OnCredit(credit); break;
            case StreamResized resized: _peer.OnResized(resized.Size); break;
            case StreamAbandoned: Leave(); break;
            case StreamAlive: break;
            default: Unhandled(frame); break;
        }
    }

    private void OnSend(IStreamContent content)
    {
        if (content is not StreamCredit) Accept();
        if (content is not StreamAccepted) Send(content);
    }

    private void OnDone(HandlerDone done)
    {
        switch (done.Fault)
        {
            case null:
                Accept();
                Send(new StreamExited(done.Exit));
                break;
            case ContainerStreamException refused:
                Send(new StreamFailed(refused.StatusCode, refused.Reason, refused.Message));
                break;
            case OperationCanceledException when _peer.CallerGone.IsCancellationRequested:
                break;
            default:
                _log.Error(done.Fault, "A container stream's handler failed");
                Send(new StreamFailed(500, "InternalError", done.Fault.Message));
                break;
        }

        _caller = null;
        Context.Stop(Self);
    }

    private void OnTick()
    {
        if (_caller is null || _peer.CallerGone.IsCancellationRequested) return;
        if (_link.IsSilent) Leave();
        else Send(new StreamAlive());
    }

    private void OnLink(AssociationEvent link)
    {
        if (_caller is not null && LinkWatch.IsLoss(link, _caller.Path.Address)) Leave();
    }

    /// <summary>The caller is gone; the handler ends when it sees that, and this actor with it.</summary>
    private void Leave() => _peer.OnCallerGone();

    private void Accept()
    {
        if (_accepted) return;
        _accepted = true;
        Send(new StreamAccepted());
    }

    private void Send(IStreamContent content) => _caller?.Tell(new StreamFrame(++_sent, content), Self);

    private sealed record HandlerDone(StreamExit Exit, Exception? Fault) : INoSerializationVerificationNeeded;
}
