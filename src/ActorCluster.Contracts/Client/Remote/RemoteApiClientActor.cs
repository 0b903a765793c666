using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Remote;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>
/// The client's end of the sessions with the gateway: sends calls and watches on, brings answers back to them, and fails everything that is
/// open when the link, the gateway, or a message is lost.
/// </summary>
/// <remarks>A top-level actor of the client's process, made by <see cref="RemoteApiClient"/>. A restart fails what is open and starts a new session.
/// The gateway is addressed by path, and greeted until it answers; so a new incarnation of it is reached as soon as it is there, and calls that are made
/// before it is there wait for it instead of being lost.</remarks>
internal sealed class RemoteApiClientActor : UntypedActor
{
    private readonly Address _controlPlane;
    private readonly SimulationContext _simulation;
    private readonly SessionNumbers _sessions;
    private readonly Action<ushort> _onHttpsPort;
    private readonly Action _onStopped;
    private readonly ActorSelection _gateway;
    private readonly Dictionary<long, RemoteCall> _calls = [];
    private readonly Dictionary<RemoteCall, long> _callIds = [];
    private readonly Dictionary<long, RemoteWatch> _watches = [];
    private readonly Dictionary<RemoteWatch, long> _watchIds = [];
    private LinkWatch _link = null!;
    private ITimer? _greeting;
    private long _session;
    private bool _open;
    private long _sent;
    private long _sentAtTick;
    private long _received;
    private long _lastId;

    public RemoteApiClientActor(Address controlPlane, SimulationContext simulation, SessionNumbers sessions, Action<ushort> onHttpsPort, Action onStopped)
    {
        _controlPlane = controlPlane;
        _simulation = simulation;
        _sessions = sessions;
        _onHttpsPort = onHttpsPort;
        _onStopped = onStopped;
        _session = sessions.Next();
        _gateway = Context.ActorSelection(new RootActorPath(controlPlane) / WellKnown.ApiGatewayPath.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    protected override void PreStart()
    {
        _link = new LinkWatch(Context, _simulation.Clock);
        Greet();
    }

    protected override void PreRestart(Exception reason, object message)
    {
        StopGreeting();
        _link.Stop();
        FailAll($"the client's actor failed: {reason.Message}");
    }

    protected override void PostStop()
    {
        StopGreeting();
        _link.Stop();
        _onStopped();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RemoteCall call: OnCall(call); break;
            case RemoteWatch watch: OnWatch(watch); break;
            case AbandonCall abandon: OnAbandonCall(abandon.Call); break;
            case AbandonWatch abandon: OnAbandonWatch(abandon.Watch); break;
            case BatchConsumed consumed: OnBatchConsumed(consumed); break;
            case FromGateway frame: OnFrame(frame); break;
            case LinkTick: OnTick(); break;
            case GreetAgain: OnGreetAgain(); break;
            case AssociationEvent link: OnLink(link); break;
            default: Unhandled(message); break;
        }
    }

    private void OnCall(RemoteCall call)
    {
        call.LastProgress = _simulation.Clock.GetTimestamp();
        _calls[++_lastId] = call;
        _callIds[call] = _lastId;
        if (_open) Send(new Call(_lastId, call.Request));
    }

    private void OnWatch(RemoteWatch watch)
    {
        _watches[++_lastId] = watch;
        _watchIds[watch] = _lastId;
        if (_open) Send(new OpenWatch(_lastId, watch.Request));
    }

    private void OnAbandonCall(RemoteCall call)
    {
        if (ForgetCall(call) is { } id && _open) Send(new CancelCall(id));
    }

    private void OnAbandonWatch(RemoteWatch watch)
    {
        if (ForgetWatch(watch) is { } id && _open) Send(new CloseWatch(id));
    }

    private void OnBatchConsumed(BatchConsumed consumed)
    {
        if (!_watchIds.TryGetValue(consumed.Watch, out var id)) return;
        var watch = consumed.Watch;
        watch.Consumed += consumed.Bytes;
        if (watch.Consumed < ApiGatewayProtocol.GrantBytes) return;
        Send(new GrantCredit(id, watch.Consumed));
        watch.Consumed = 0;
    }

    private void OnFrame(FromGateway frame)
    {
        if (frame.Session != _session) return;
        if (frame.Report is SessionLost)
        {
            FailAll("the API server was restarted");
            return;
        }

        if (frame.Sequence != ++_received)
        {
            FailAll("messages of the API server were lost");
            return;
        }

        _link.Heard();
        if (!_open) OnAnswered();
        switch (frame.Report)
        {
            case AnswerPart part: OnAnswerPart(part); break;
            case CallFailed failed: OnCallFailed(failed); break;
            case WatchBatch batch: _watches.GetValueOrDefault(batch.Id)?.Add(batch); break;
            case WatchEnded ended: OnWatchEnded(ended); break;
            case GatewayAlive alive: _onHttpsPort(alive.HttpsPort); break;
            default: Unhandled(frame); break;
        }
    }

    /// <summary>The gateway is there: what waited for it goes on its way, in the order in which it came.</summary>
    private void OnAnswered()
    {
        _open = true;
        StopGreeting();
        foreach (var id in _calls.Keys.Concat(_watches.Keys).Order())
        {
            if (_calls.TryGetValue(id, out var call)) Send(new Call(id, call.Request));
            else Send(new OpenWatch(id, _watches[id].Request));
        }
    }

    private void OnAnswerPart(AnswerPart part)
    {
        if (!_calls.TryGetValue(part.Id, out var call)) return;
        call.LastProgress = _simulation.Clock.GetTimestamp();
        call.Add(part);
        if (part.IsLast) ForgetCall(call);
    }

    private void OnCallFailed(CallFailed failed)
    {
        if (!_calls.TryGetValue(failed.Id, out var call)) return;
        ForgetCall(call);
        call.Fail(new ApiUnavailableException(failed.Message));
    }

    private void OnWatchEnded(WatchEnded ended)
    {
        if (!_watches.TryGetValue(ended.Id, out var watch)) return;
        ForgetWatch(watch);
        if (ended.Unavailable is { } why) watch.Fail(new ApiUnavailableException(why));
        else watch.End();
    }

    private void OnTick()
    {
        if (_link.IsSilent) FailAll("the API server doesn't answer");
        foreach (var call in _calls.Values.Where(call => _simulation.Clock.GetElapsedTime(call.LastProgress) >= LinkTimings.Answer).ToList())
        {
            OnAbandonCall(call);
            call.Fail(new ApiUnavailableException($"no answer to {call.Request.Verb} {call.Request.Resource} within {LinkTimings.Answer.TotalSeconds} s"));
        }

        // Whatever else was said since the last tick says it, too.
        if (_open && _sent == _sentAtTick) Send(new ClientAlive());
        _sentAtTick = _sent;
    }

    /// <summary>Says the first frame of a session until it is answered: where nobody is there to take it, it is lost.</summary>
    private void Greet()
    {
        Send(new ClientAlive());
        var self = Self;
        _greeting ??= _simulation.Clock.CreateTimer(_ => self.Tell(GreetAgain.Instance, ActorRefs.NoSender), null, LinkTimings.Greeting, LinkTimings.Greeting);
    }

    private void OnGreetAgain()
    {
        if (_open) return;
        _sent = 0;
        Greet();
    }

    private void StopGreeting()
    {
        _greeting?.Dispose();
        _greeting = null;
    }

    /// <summary>What was sent is lost with the link. What still waits for the gateway goes on waiting.</summary>
    private void OnLink(AssociationEvent link)
    {
        if (_open && LinkWatch.IsLoss(link, _controlPlane)) FailAll("the connection to the API server was lost");
    }

    /// <summary>What is open fails, and a new session begins.</summary>
    private void FailAll(string why)
    {
        var reason = new ApiUnavailableException($"{why} ({_controlPlane})");
        foreach (var call in _calls.Values) call.Fail(reason);
        foreach (var watch in _watches.Values) watch.Fail(reason);
        _calls.Clear();
        _callIds.Clear();
        _watches.Clear();
        _watchIds.Clear();
        _session = _sessions.Next();
        _open = false;
        _sent = _received = 0;
        _link.Heard();
        Greet();
    }

    private long? ForgetCall(RemoteCall call)
    {
        if (!_callIds.Remove(call, out var id)) return null;
        _calls.Remove(id);
        return id;
    }

    private long? ForgetWatch(RemoteWatch watch)
    {
        if (!_watchIds.Remove(watch, out var id)) return null;
        _watches.Remove(id);
        return id;
    }

    private void Send(IGatewayCommand command) => _gateway.Tell(new ToGateway(_session, ++_sent, command), Self);

    private sealed class GreetAgain : ILocal
    {
        public static readonly GreetAgain Instance = new();
    }
}
