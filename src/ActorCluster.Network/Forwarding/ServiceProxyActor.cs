using ActorCluster.Contracts.Runtime;
using Akka.Actor;

namespace ActorCluster.Network.Forwarding;

/// <summary>Chooses, for each new flow to one Service, the endpoint that it goes to. Only a flow's first packet comes here.</summary>
/// <remarks>Child of <see cref="NodeNetworkActor"/>, made for the first flow, stopped when idle. Holds nothing that a restart could lose.</remarks>
internal sealed class ServiceProxyActor : UntypedActor
{
    private readonly string _service;
    private readonly IEndpointPolicy _policy;
    private readonly RandomSource _random;

    public ServiceProxyActor(string service, IEndpointPolicy policy, RandomSource random, TimeSpan idle)
    {
        (_service, _policy, _random) = (service, policy, random);
        SetReceiveTimeout(idle);
    }

    public static Props Props(string service, IEndpointPolicy policy, RandomSource random, TimeSpan idle) =>
        Akka.Actor.Props.Create(() => new ServiceProxyActor(service, policy, random, idle));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BindFlow bind: OnBindFlow(bind); break;
            case ReceiveTimeout: Context.Parent.Tell(new Passivate(_service)); break;
            default: Unhandled(message); break;
        }
    }

    private void OnBindFlow(BindFlow bind) => Context.Parent.Tell(_policy.Pick(bind.Port, bind.Packet, _random) is { } endpoint
        ? new FlowBound(bind.Packet, bind.Port, endpoint)
        : new FlowRefused(bind.Packet, bind.Port));
}
