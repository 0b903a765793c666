using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>
/// Where other processes reach the API: runs their requests and watches on the control plane's own <see cref="IApiClient"/>, through one
/// child for each client's session.
/// </summary>
/// <remarks>A top-level actor of the control plane's process, named so that its path is WellKnown.ApiGatewayPath. Nothing survives a restart:
/// clients notice, and start new sessions.</remarks>
public sealed class ApiGatewayActor : UntypedActor
{
    private readonly IApiClient _api;
    private readonly SimulationContext _simulation;
    private readonly Dictionary<IActorRef, (long Session, IActorRef Actor)> _sessions = [];
    private ushort _httpsPort;

    /// <summary>By way of <see cref="Props"/>.</summary>
    public ApiGatewayActor(IApiClient api, SimulationContext simulation)
    {
        _api = api;
        _simulation = simulation;
    }

    /// <param name="api">The pipeline; it may be called from any thread, many calls at once.</param>
    public static Props Props(IApiClient api, SimulationContext simulation) =>
        Akka.Actor.Props.Create(() => new ApiGatewayActor(api, simulation));

    /// <summary>Lets the gateway's clients know where the API listens for HTTPS, on the host that they reach the gateway by.</summary>
    public static void TellHttpsPort(IActorRef gateway, int port) => gateway.Tell(new HttpsListens((ushort)port), ActorRefs.NoSender);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToGateway frame: OnFrame(frame); break;
            case HttpsListens listens: OnHttpsListens(listens); break;
            case Terminated terminated: OnSessionEnded(terminated.ActorRef); break;
            default: Unhandled(message); break;
        }
    }

    private void OnFrame(ToGateway frame)
    {
        var known = _sessions.TryGetValue(Sender, out var session);
        if (known && session.Session == frame.Session)
        {
            session.Actor.Forward(frame);
            return;
        }

        if (known && session.Session > frame.Session) return;
        if (known) Context.Stop(session.Actor);
        if (frame.Sequence != 1)
        {
            _sessions.Remove(Sender);
            Sender.Tell(new FromGateway(frame.Session, 0, new SessionLost()), Self);
            return;
        }

        var (client, httpsPort) = (Sender, _httpsPort);
        var actor = Context.Watch(Context.ActorOf(Akka.Actor.Props.Create(() => new ApiSessionActor(client, frame.Session, httpsPort, _api, _simulation))));
        _sessions[client] = (frame.Session, actor);
        actor.Forward(frame);
    }

    private void OnHttpsListens(HttpsListens listens)
    {
        _httpsPort = listens.Port;
        foreach (var (_, actor) in _sessions.Values) actor.Tell(listens);
    }

    private void OnSessionEnded(IActorRef actor)
    {
        foreach (var (client, session) in _sessions)
        {
            if (!session.Actor.Equals(actor)) continue;
            _sessions.Remove(client);
            return;
        }
    }
}
