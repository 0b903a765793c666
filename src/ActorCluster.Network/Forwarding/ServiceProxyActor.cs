using ActorCluster.Contracts.Runtime;
using ActorCluster.Network.Tables;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>Chooses, for each new flow to one Service, the endpoint that it goes to. Only a flow's first packet comes here.</summary>
/// <remarks>
/// Child of <see cref="NodeNetworkActor"/>, made for the first flow, stopped when idle and no client is bound to an endpoint, or when the service
/// is gone. A restart loses the clients' affinity, as a restart of kube-proxy's node would.
/// </remarks>
internal sealed class ServiceProxyActor : UntypedActor
{
    private readonly string _service;
    private readonly IEndpointPolicy _policy;
    private readonly RandomSource _random;
    private readonly TimeProvider _clock;
    private readonly SessionAffinity _affinity = new();
    private bool _isInUse;

    public ServiceProxyActor(string service, IEndpointPolicy policy, RandomSource random, TimeProvider clock, TimeSpan idle)
    {
        (_service, _policy, _random, _clock) = (service, policy, random, clock);
        SetReceiveTimeout(idle);
    }

    public static Props Props(string service, IEndpointPolicy policy, RandomSource random, TimeProvider clock, TimeSpan idle) =>
        Akka.Actor.Props.Create(() => new ServiceProxyActor(service, policy, random, clock, idle));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BindFlow bind: OnBindFlow(bind); break;
            case ReceiveTimeout: OnLook(); break;
            default: Unhandled(message); break;
        }
    }

    private void OnBindFlow(BindFlow bind)
    {
        _isInUse = true;
        var endpoint = Choose(bind, out var byAffinity);
        Context.Parent.Tell(new FlowBound(bind.Packet, bind.Flow, endpoint, bind.IsProbe, byAffinity));
    }

    private ServiceEndpoint Choose(BindFlow bind, out bool byAffinity)
    {
        var (port, client) = (bind.Flow.Port, bind.Packet.Source);
        byAffinity = false;
        if (port.AffinitySeconds == 0) return _policy.Pick(bind.Flow.Candidates, _random);
        var now = Now;
        byAffinity = _affinity.TryGet(port, client, bind.Flow.Candidates, now, out var endpoint);
        endpoint ??= _policy.Pick(bind.Flow.Candidates, _random);
        if (!bind.IsProbe) _affinity.Set(port, client, endpoint, now);
        return endpoint;
    }

    private void OnLook()
    {
        if (_isInUse)
        {
            _isInUse = false;
            return;
        }
        _affinity.Expire(Now);
        if (_affinity.Count == 0) Context.Parent.Tell(new Passivate(_service));
    }

    private long Now => (long)_clock.GetElapsedTime(0).TotalSeconds;
}
