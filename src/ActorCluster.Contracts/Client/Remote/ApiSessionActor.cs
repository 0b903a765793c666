using System.Collections.Immutable;
using System.Text.Json;
using ActorCluster.Contracts.Runtime;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace ActorCluster.Contracts.Client.Remote;

/// <summary>Serves one session of one client process: its requests, concurrently, and its watches.</summary>
/// <remarks>Child of <see cref="ApiGatewayActor"/>. Stops, and with it all its work, when a frame is missing or the client is gone.</remarks>
internal sealed class ApiSessionActor(IActorRef client, long session, ushort httpsPort, IApiClient api, SimulationContext simulation) : UntypedActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<long, CancellationTokenSource> _calls = [];
    private readonly Dictionary<long, WatchPump> _watches = [];
    private LinkWatch _link = null!;
    private ushort _httpsPort = httpsPort;
    private long _sent;
    private long _sentAtTick;
    private long _received;

    protected override void PreStart()
    {
        _link = new LinkWatch(Context, simulation.Clock);
        Send(new GatewayAlive(_httpsPort));
    }

    protected override void PostStop()
    {
        _link.Stop();
        foreach (var call in _calls.Values) call.Cancel();
        foreach (var watch in _watches.Values) watch.Stop();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToGateway frame: OnFrame(frame); break;
            case CallDone done: OnCallDone(done); break;
            case WatchPump.Pumped pumped: OnPumped(pumped); break;
            case HttpsListens listens: OnHttpsListens(listens.Port); break;
            case LinkTick: OnTick(); break;
            case AssociationEvent link: OnLink(link); break;
            default: Unhandled(message); break;
        }
    }

    private void OnFrame(ToGateway frame)
    {
        // Said again before our answer was heard.
        if (frame is { Sequence: 1, Command: ClientAlive } && _received == 1) return;
        if (frame.Sequence != ++_received)
        {
            Send(new SessionLost());
            Context.Stop(Self);
            return;
        }

        _link.Heard();
        switch (frame.Command)
        {
            case Call call: OnCall(call); break;
            case CancelCall cancel: OnCancelCall(cancel); break;
            case OpenWatch open: OnOpenWatch(open); break;
            case GrantCredit grant: _watches.GetValueOrDefault(grant.Id)?.Grant(grant.Bytes); break;
            case CloseWatch close: OnCloseWatch(close); break;
            case ClientAlive: break;
            default: Unhandled(frame); break;
        }
    }

    private void OnCall(Call call)
    {
        var cancellation = new CancellationTokenSource();
        _calls[call.Id] = cancellation;
        simulation.Start(() => RunAsync(call, cancellation.Token)).PipeTo(Self);
    }

    private async Task<CallDone> RunAsync(Call call, CancellationToken ct)
    {
        try
        {
            return new CallDone(call.Id, await api.SendAsync(call.Request, ct), null);
        }
        catch (Exception fault)
        {
            return new CallDone(call.Id, null, fault);
        }
    }

    private void OnCallDone(CallDone done)
    {
        if (!_calls.Remove(done.Id, out var cancellation)) return;
        cancellation.Dispose();
        switch (done)
        {
            case { Response: { } response }: SendInParts(done.Id, response); break;
            case { Fault: ApiUnavailableException or OperationCanceledException }: Send(new CallFailed(done.Id, done.Fault.Message)); break;
            default:
                _log.Error(done.Fault, "A request from {Client} failed", client.Path);
                SendInParts(done.Id, InternalError(done.Fault!));
                break;
        }
    }

    private void SendInParts(long id, ApiResponse response)
    {
        ImmutableArray<string> warnings = [.. response.Warnings];
        var body = response.Body;
        while (body.Length > ApiGatewayProtocol.PartBytes)
        {
            Send(new AnswerPart(id, response.StatusCode, warnings, body[..ApiGatewayProtocol.PartBytes], false));
            body = body[ApiGatewayProtocol.PartBytes..];
            warnings = [];
        }

        Send(new AnswerPart(id, response.StatusCode, warnings, body, true));
    }

    private void OnCancelCall(CancelCall cancel)
    {
        if (_calls.TryGetValue(cancel.Id, out var call)) call.Cancel();
    }

    private void OnOpenWatch(OpenWatch open) => _watches[open.Id] = WatchPump.Start(open, api, simulation, Self);

    private void OnCloseWatch(CloseWatch close)
    {
        if (_watches.Remove(close.Id, out var watch)) watch.Stop();
    }

    private void OnPumped(WatchPump.Pumped pumped)
    {
        if (!_watches.ContainsKey(pumped.Id)) return;
        if (pumped.Fault is { } fault and not ApiUnavailableException) _log.Error(fault, "A watch of {Client} failed", client.Path);
        if (pumped.Report is WatchEnded) _watches.Remove(pumped.Id);
        Send(pumped.Report);
    }

    private void OnTick()
    {
        if (_link.IsSilent) Context.Stop(Self);
        // Whatever else was said since the last tick says it, too.
        else if (_sent == _sentAtTick) Send(new GatewayAlive(_httpsPort));
        _sentAtTick = _sent;
    }

    private void OnHttpsListens(ushort port)
    {
        _httpsPort = port;
        Send(new GatewayAlive(port));
    }

    private void OnLink(AssociationEvent link)
    {
        if (LinkWatch.IsLoss(link, client.Path.Address)) Context.Stop(Self);
    }

    /// <summary>In the gateway's name: the client knows only that one.</summary>
    private void Send(IGatewayReport report) => client.Tell(new FromGateway(session, ++_sent, report), Context.Parent);

    private static ApiResponse InternalError(Exception fault)
    {
        var status = new { kind = "Status", apiVersion = "v1", status = "Failure", message = $"Internal error occurred: {fault.Message}", reason = "InternalError", code = 500 };
        return new ApiResponse(500, JsonSerializer.SerializeToUtf8Bytes(status), []);
    }

    private sealed record CallDone(long Id, ApiResponse? Response, Exception? Fault) : ILocal;
}
